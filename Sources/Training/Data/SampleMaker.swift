import DataSets
import Media

/// Makes training samples, one at a time, from nothing but their number. One for each thread; the cache and the list of
/// bad pictures are shared.
final class SampleMaker {
    private let samples: [Sample]
    private let augmentation: Augmentation
    private let seed: UInt64
    private let cache: PictureCache
    private let badPictures: BadPictures
    private let interrupt: Interrupt
    private var order: SampleOrder
    private let sampler = PictureSampler()
    /// Pictures that a mosaic may take beside its own.
    private let mosaicPool: [Int]
    private let paster = ObjectPaster()
    /// Pictures with objects that can be cut out.
    private let pastePool: [Int]

    init(
        _ samples: [Sample], augmentation: Augmentation, order: SampleOrder, seed: UInt64, cache: PictureCache,
        badPictures: BadPictures, interrupt: Interrupt
    ) {
        self.samples = samples
        self.augmentation = augmentation
        self.order = order
        self.seed = seed
        self.cache = cache
        self.badPictures = badPictures
        self.interrupt = interrupt
        mosaicPool = augmentation.mosaic > 0 ? samples.indices.filter { samples[$0].isDetection } : []
        pastePool = augmentation.copyPaste > 0 ? samples.indices.filter { !samples[$0].outlines.isEmpty } : []
    }

    /// Draws sample `number` into the canvas, and says what the network is to answer.
    func make(_ number: Int, into canvas: InputCanvas) throws -> Target {
        let (sample, picture) = try find(number)
        var placing = random(number, .placement)
        var coloring = random(number, .color)
        if case .label(let label) = sample.content {
            if augmentation.placement == .classifierCrop {
                let view = augmentation.turnedView(of: picture.size, in: canvas.size, &placing)
                sampler.draw(picture, view, augmentation.colorShift(&coloring), into: canvas)
            } else {
                let view = augmentation.view(of: picture.size, in: canvas.size, &placing)
                sampler.draw(picture, view, augmentation.colorShift(&coloring), into: canvas, part: canvas.whole)
            }
            return .label(label)
        }
        var boxes: [TrainingBox]
        var mosaic = random(number, .mosaic)
        if augmentation.mosaic > 0, mosaic.uniform(0, 1) < augmentation.mosaic {
            var parts = [(sample, picture)]
            while parts.count < 4 { parts.append(try findAny(mosaicPool, &mosaic) ?? (sample, picture)) }
            boxes = drawMosaic(parts, &mosaic, &placing, &coloring, into: canvas)
        } else {
            let view = augmentation.view(of: picture.size, in: canvas.size, &placing)
            sampler.draw(picture, view, augmentation.colorShift(&coloring), into: canvas, part: canvas.whole)
            boxes = view.boxes(of: sample.truths, leastPart: augmentation.zoom > 1 ? Self.leastMosaicPart : 0)
        }
        var pasting = random(number, .paste)
        if !pastePool.isEmpty, pasting.uniform(0, 1) < augmentation.copyPaste {
            boxes = try paste(over: boxes, &pasting, &coloring, into: canvas)
        }
        // In random order, so that it is not always the same ones that are left out.
        var truths = random(number, .truths)
        truths.shuffle(&boxes)
        return .boxes(Array(boxes.prefix(augmentation.maxTruths)))
    }

    private func random(_ number: Int, _ purpose: SampleRandom.Purpose) -> SampleRandom {
        SampleRandom(seed: seed, sample: number, purpose: purpose)
    }

    /// The sample's picture, or the one that stands in for it.
    private func find(_ number: Int) throws -> (Sample, DecodedPicture) {
        if let found = try find({ order.index(of: number, attempt: $0) }) { return found }
        throw BatchLoaderError(
            "\(Self.mostAttempts) pictures drawn in a row cannot be used; among them "
                + badPictures.problems.prefix(3).map(\.description).joined(separator: "; "))
    }

    /// Any of these; `nil`: none that can be used was found, and the sample is to do without.
    private func findAny(_ pool: [Int], _ random: inout SampleRandom) throws -> (Sample, DecodedPicture)? {
        try find { _ in pool[random.below(pool.count)] }
    }

    private func find(_ index: (Int) -> Int) throws -> (Sample, DecodedPicture)? {
        for attempt in 0..<Self.mostAttempts {
            let sample = samples[index(attempt)]
            if badPictures.contains(sample.image) { continue }
            do {
                return (sample, try cache.picture(sample.image, interrupt: interrupt))
            } catch {
                try badPictures.add(sample, error)
            }
        }
        return nil
    }

    private static let mostAttempts = 100

    /// Four pictures, each in its quarter around a random point: part of the picture as it would be alone, or smaller.
    private func drawMosaic(
        _ parts: [(Sample, DecodedPicture)], _ mosaic: inout SampleRandom, _ placing: inout SampleRandom,
        _ coloring: inout SampleRandom, into canvas: InputCanvas
    ) -> [TrainingBox] {
        let (width, height) = (canvas.size.width, canvas.size.height)
        let middleX = Int((Double(width) * mosaic.uniform(0.3, 0.7)).rounded())
        let middleY = Int((Double(height) * mosaic.uniform(0.3, 0.7)).rounded())
        var boxes: [TrainingBox] = []
        for (index, (sample, picture)) in parts.enumerated() {
            let (isRight, isLower) = (index % 2 == 1, index / 2 == 1)
            let part = InputCanvas.Part(
                left: isRight ? middleX : 0, top: isLower ? middleY : 0, right: isRight ? width : middleX,
                bottom: isLower ? height : middleY)
            let (across, down) = (part.right - part.left, part.bottom - part.top)
            // At least so large that it fills its quarter.
            let scale = max(
                mosaic.uniform(0.5, 1), Double(across) / Double(width), Double(down) / Double(height))
            let own = PixelSize(
                width: max(across, Int(Double(width) * scale)), height: max(down, Int(Double(height) * scale)))
            var view = augmentation.view(of: picture.size, in: own, &placing)
            let (left, top) = (mosaic.below(own.width - across + 1), mosaic.below(own.height - down + 1))
            view.columns = view.columns.moved(by: part.left - left, from: own.width, to: width)
            view.rows = view.rows.moved(by: part.top - top, from: own.height, to: height)
            sampler.draw(picture, view, augmentation.colorShift(&coloring), into: canvas, part: part)
            boxes += view.boxes(
                of: sample.truths,
                within: View.Bounds(
                    left: Double(part.left) / Double(width), top: Double(part.top) / Double(height),
                    right: Double(part.right) / Double(width), bottom: Double(part.bottom) / Double(height)),
                leastPart: Self.leastMosaicPart)
        }
        return boxes
    }

    /// A quarter may show the edge of an object only; less of its area than this is not to be called one.
    private static let leastMosaicPart = 0.2

    /// Objects of other pictures, one over the other.
    ///
    /// - Returns: their boxes, and of those that were there what the pasted ones leave to be seen.
    private func paste(
        over boxes: [TrainingBox], _ pasting: inout SampleRandom, _ coloring: inout SampleRandom,
        into canvas: InputCanvas
    ) throws -> [TrainingBox] {
        var layers = PasteLayers(canvas.size)
        var boxes = boxes.map { (box: $0, layer: 0) }
        for _ in 0..<pasting.whole(1, Self.mostPasted) {
            guard let (sample, picture) = try findAny(pastePool, &pasting) else { break }
            let outline = sample.outlines[pasting.below(sample.outlines.count)]
            let box = paster.paste(
                outline, of: sample, picture, mirrors: augmentation.flips, augmentation.colorShift(&coloring),
                &pasting, into: canvas, layers: &layers)
            if let box { boxes.append((box, layers.count)) }
        }
        return boxes.compactMap { layers.visible($0.box, layer: $0.layer) }
    }

    private static let mostPasted = 4
}
