import Media

/// A picture as planar RGB floats, 0...1 (3 x H x W): what Darknet's own image code works on.
public struct RGBImage: Sendable {
    public let width: Int
    public let height: Int
    public var values: [Float]

    public init(width: Int, height: Int, values: [Float]) {
        precondition(values.count == 3 * width * height)
        self.width = width
        self.height = height
        self.values = values
    }

    /// The decoded picture at its own size.
    public init(_ frame: Frame) throws(MediaError) {
        width = frame.width
        height = frame.height
        values = Array(repeating: 0, count: 3 * width * height)
        let sampler = RGBSampler(width: width, height: height)
        let (rowStride, planeStride) = (width, width * height)
        try values.withUnsafeMutableBufferPointer { values throws(MediaError) in
            guard let values = values.baseAddress else { return }
            try sampler.sample(frame, into: values, rowStride: rowStride, planeStride: planeStride)
        }
    }
}

/// Darknet's own resampling (spec 6): bilinear, corner-aligned, width first, without antialiasing.
/// Exact to the reference and slower than `Preprocessor`; for training, evaluation and tests.
public enum ReferenceResampler {
    /// - Parameters: width, height: of the result, at least 1.
    public static func resize(_ image: RGBImage, width: Int, height: Int) -> RGBImage {
        precondition(width > 0 && height > 0)
        let columns = taps(from: image.width, to: width)
        let rows = taps(from: image.height, to: height)
        var wide = [Float](repeating: 0, count: 3 * image.height * width)
        for line in 0..<3 * image.height {
            for (column, tap) in columns.enumerated() {
                let first = image.values[line * image.width + tap.first]
                let second = image.values[line * image.width + tap.second]
                wide[line * width + column] = (1 - tap.weight) * first + tap.weight * second
            }
        }
        var result = [Float](repeating: 0, count: 3 * height * width)
        for channel in 0..<3 {
            for (row, tap) in rows.enumerated() {
                let first = (channel * image.height + tap.first) * width
                let second = (channel * image.height + tap.second) * width
                let to = (channel * height + row) * width
                for column in 0..<width {
                    result[to + column] = (1 - tap.weight) * wide[first + column] + tap.weight * wide[second + column]
                }
            }
        }
        return RGBImage(width: width, height: height, values: result)
    }

    /// Fills `input` with the picture as Darknet would.
    public static func prepare(_ image: RGBImage, into input: InputImage, mode: ResizeMode) {
        let geometry = InputGeometry(
            sourceWidth: image.width, sourceHeight: image.height, inputWidth: input.width, inputHeight: input.height,
            mode: mode)
        let resized = resize(image, width: geometry.contentWidth, height: geometry.contentHeight)
        input.values.update(repeating: 0.5)
        for channel in 0..<3 {
            for row in 0..<resized.height {
                let to = (channel * input.height + row + geometry.offsetY) * input.width + geometry.offsetX
                let from = (channel * resized.height + row) * resized.width
                for column in 0..<resized.width { input.values[to + column] = resized.values[from + column] }
            }
        }
        input.geometry = geometry
    }

    /// The two source positions of each result position, and the second one's share.
    private static func taps(from: Int, to: Int) -> [(first: Int, second: Int, weight: Float)] {
        let scale = to > 1 ? Float(from - 1) / Float(to - 1) : 0
        return (0..<to).map { position in
            // The reference reads past the end here for some sizes in float32 and darkens the last row (spec 6).
            if position == to - 1 && to > 1 || from == 1 { return (from - 1, from - 1, 0) }
            let source = Float(position) * scale
            let first = min(Int(source), from - 1)
            return (first, min(first + 1, from - 1), source - Float(first))
        }
    }
}
