import DataSets

/// Cuts objects out of their pictures and puts them into others. Not thread safe: it keeps its working memory.
final class ObjectPaster {
    private let sampler = PictureSampler()
    private var cutout: [Float] = []

    /// Of an object's size if its picture were fitted into the input.
    private static let scales = 0.3...2.0
    /// Of the input's sides: larger objects would hide all else.
    private static let mostSide = 0.9
    /// Pixels: smaller ones show nothing.
    private static let leastSide = 8
    /// So much of its sides may lie outside.
    private static let outside = 0.25
    /// Of its box that must be seen for it to be a truth.
    private static let leastPart = 0.2

    /// Draws the object at a random size and place, mirrored or not, over what is there.
    ///
    /// - Parameter layers: takes note of its pixels.
    /// - Returns: its box; `nil`: it would be too small and is not drawn.
    func paste(
        _ outline: Outline, of sample: Sample, _ picture: DecodedPicture, mirrors: Bool, _ shift: ColorShift,
        _ random: inout SampleRandom, into canvas: InputCanvas, layers: inout PasteLayers
    ) -> TrainingBox? {
        let truth = sample.truths[outline.truth]
        let columns = Self.pixels(truth.box.x, truth.box.width, of: picture.size.width)
        let rows = Self.pixels(truth.box.y, truth.box.height, of: picture.size.height)
        let (width, height) = (Double(canvas.size.width), Double(canvas.size.height))
        let fit = min(width / Double(picture.size.width), height / Double(picture.size.height))
        let scale = min(
            fit * random.logUniform(Self.scales.lowerBound, Self.scales.upperBound),
            Self.mostSide * width / Double(columns.count), Self.mostSide * height / Double(rows.count))
        let size = PixelSize(
            width: Int((Double(columns.count) * scale).rounded()), height: Int((Double(rows.count) * scale).rounded()))
        let left = Self.place(size.width, in: canvas.size.width, &random)
        let top = Self.place(size.height, in: canvas.size.height, &random)
        let isMirrored = mirrors && random.coin()
        guard truth.isTrained, min(size.width, size.height) >= Self.leastSide else { return nil }
        var view = View(
            columns: ViewAxis(
                crop: columns.count, at: columns.lowerBound, side: size.width, of: picture.size.width),
            rows: ViewAxis(crop: rows.count, at: rows.lowerBound, side: size.height, of: picture.size.height),
            repeatsEdge: true)
        if isMirrored { view = view.mirrored(width: size.width) }
        let mask = CoverageMask(outline.polygons.map { $0.map { view.pixel($0, in: size) } }, size: size)
        draw(picture, view, shift, mask, into: canvas, left: left, top: top)
        layers.add(mask, left: left, top: top)
        view.columns = view.columns.moved(by: left, from: size.width, to: canvas.size.width)
        view.rows = view.rows.moved(by: top, from: size.height, to: canvas.size.height)
        return view.boxes(of: [truth], leastPart: Self.leastPart).first
    }

    /// The whole pixels that a part of the picture touches, at least one.
    private static func pixels(_ center: Double, _ size: Double, of length: Int) -> Range<Int> {
        let ends = [center - size / 2, center + size / 2].map { min(max($0, 0), 1) * Double(length) }
        let low = min(Int(ends[0]), length - 1)
        return low..<max(low + 1, Int(ends[1].rounded(.up)))
    }

    private static func place(_ size: Int, in length: Int, _ random: inout SampleRandom) -> Int {
        let most = Int(Double(size) * outside)
        return random.whole(-most, length - size + most)
    }

    private func draw(
        _ picture: DecodedPicture, _ view: View, _ shift: ColorShift, _ mask: CoverageMask, into canvas: InputCanvas,
        left: Int, top: Int
    ) {
        let size = mask.size
        let count = 3 * size.width * size.height
        if cutout.count < count { cutout = [Float](repeating: 0, count: count) }
        cutout.withUnsafeMutableBufferPointer { cutout in
            guard let values = cutout.baseAddress else { return }
            let object = InputCanvas(values: values, size: size)
            sampler.draw(picture, view, shift, into: object, part: object.whole)
            let columns = max(0, -left)..<max(0, -left, min(size.width, canvas.size.width - left))
            for row in 0..<size.height where (0..<canvas.size.height).contains(top + row) {
                for color in 0..<3 {
                    let (own, below) = (object.row(color, row), canvas.row(color, top + row) + left)
                    for column in columns {
                        below[column] += (own[column] - below[column]) * mask.values[row * size.width + column]
                    }
                }
            }
        }
    }
}

extension View {
    /// Where a point of the picture, relative to it, lies in an input, in its pixels.
    fileprivate func pixel(_ point: SIMD2<Float>, in size: PixelSize) -> SIMD2<Float> {
        [
            Float((columns.scale * Double(point.x) + columns.offset) * Double(size.width)),
            Float((rows.scale * Double(point.y) + rows.offset) * Double(size.height)),
        ]
    }
}
