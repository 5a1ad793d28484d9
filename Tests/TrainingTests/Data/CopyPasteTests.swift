import Darknet
import DataSets
import Detection
import Testing

@testable import Training

@Suite struct CopyPasteTests {
    private func augmentation(copyPaste: Double) -> Augmentation {
        var augmentation = Augmentation(net: NetOptions(width: 96, height: 96), region: Region())
        (augmentation.placement, augmentation.copyPaste) = (.plain(.stretch), copyPaste)
        return augmentation
    }

    private func batches(_ dataSet: DataSet, _ augmentation: Augmentation, threads: Int = 1, first: Int = 0) throws
        -> [TrainingBatch]
    {
        let loader = try BatchLoader(
            dataSet, augmentation: augmentation, sizes: .fixed(width: 96, height: 96), batch: 4, seed: 2,
            firstSample: first, threads: threads)
        return try (first / 4..<16).map { _ in try loader.next() }
    }

    /// A black picture without objects, and one of a white diamond on black with its outline.
    private func diamonds(_ pictures: MadePictures) throws -> DataSet {
        let background = try pictures.add("background.png", width: 64, height: 64) { _, _ in [0, 0, 0] }
        let path = try pictures.add("diamond.png", width: 80, height: 60) { x, y in
            // Around it all is red, which must not be seen. Darknet's rounding may show a pixel beyond the outline.
            let distance = abs(Double(x) + 0.5 - 40) / 24 + abs(Double(y) + 0.5 - 30) / 18
            return distance < 1.25 ? [255, 255, 255] : [255, 0, 0]
        }
        var object = Sample(
            image: path,
            content: .objects([Truth(classID: 1, box: TruthBox(x: 0.5, y: 0.5, width: 0.6, height: 0.6))]))
        object.outlines = [Outline(truth: 0, polygons: [[[0.5, 0.2], [0.8, 0.5], [0.5, 0.8], [0.2, 0.5]]])]
        return DataSet(samples: [Sample(image: background, content: .objects([])), object], names: ["a", "b"])
    }

    @Test func objectsAreCutOutAndTheirBoxesKnown() throws {
        let pictures = try MadePictures()
        let dataSet = try diamonds(pictures)
        var (pasted, sizes) = (0, Set<Int>())
        for batch in try batches(dataSet, augmentation(copyPaste: 1)) {
            let area = batch.width * batch.height
            for (index, target) in batch.targets.enumerated() {
                let red = batch.images[3 * index * area..<(3 * index + 1) * area]
                let green = batch.images[(3 * index + 1) * area..<(3 * index + 2) * area]
                // Those on the other picture stand before red.
                guard red.first == 0 || red.last == 0 else { continue }
                #expect(zip(red, green).allSatisfy { abs($0 - $1) < 0.02 })
                for box in target.boxes {
                    #expect(box.classID == 1 && box.width <= 0.91 && box.height <= 0.91)
                    sizes.insert(Int(box.width * 20))
                }
                guard target.boxes.count == 1, let box = target.boxes.first else { continue }
                // The only one, unless others were too far outside to be called objects.
                pasted += 1
                let middle = Int(box.y * 96) * 96 + Int(box.x * 96)
                #expect(green[green.startIndex + min(middle, area - 1)] > 0.9)
                let white = green.reduce(0, +) / Float(area)
                #expect(white <= 1.6 * box.width * box.height + 0.02)
                #expect(white >= 0.3 * box.width * box.height)
            }
        }
        #expect(pasted > 4 && sizes.count > 4)
    }

    @Test func threadsAndStartChangeNothing() throws {
        let pictures = try MadePictures(5)
        var dataSet = try diamonds(pictures)
        dataSet.samples += pictures.samples
        var mixed = augmentation(copyPaste: 0.5)
        (mixed.mosaic, mixed.zoom, mixed.placement) = (0.3, 2, .letterboxJitter)
        let all = try batches(dataSet, mixed)
        for other in [try batches(dataSet, mixed, threads: 3), try batches(dataSet, mixed, first: 32)] {
            let expected = all.suffix(other.count)
            #expect(other.map(\.images) == expected.map(\.images) && other.map(\.targets) == expected.map(\.targets))
        }
    }

    @Test func partOfThePicturesGetThem() throws {
        let pictures = try MadePictures()
        let dataSet = try diamonds(pictures)
        let without = try batches(dataSet, augmentation(copyPaste: 0))
        let counts = try [0.5, 1].map { part in
            zip(try batches(dataSet, augmentation(copyPaste: part)), without).reduce(0) { count, pair in
                count
                    + pair.0.targets.indices.count { index in
                        let length = 3 * 96 * 96
                        let pixels = index * length..<(index + 1) * length
                        return pair.0.images[pixels] != pair.1.images[pixels]
                    }
            }
        }
        #expect((20...44).contains(counts[0]) && counts[1] > 58, "\(counts)")
    }
}
