import Detection
import Media
import TestSupport
import Testing

@Suite struct PreprocessorTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// An even picture of one colour.
    private func frame(_ width: Int, _ height: Int, color: [UInt8] = [255, 51, 0]) throws -> Frame {
        let bytes = Array("P6 \(width) \(height) 255\n".utf8) + (0..<width * height).flatMap { _ in color }
        let source = try VideoSource(folder.write(bytes, to: "even.ppm"), decoderThreads: 1)
        guard case .frame(let frame) = try #require(try source.next()) else { throw DetectionError("no picture") }
        return frame
    }

    private func pixel(_ image: InputImage, _ x: Int, _ y: Int) -> [Float] {
        (0..<3).map { image.values[($0 * image.height + y) * image.width + x] }
    }

    @Test func letterboxLiesOnGrey() throws {
        let image = InputImage(width: 64, height: 64)
        try Preprocessor(mode: .letterbox).prepare(frame(40, 20), into: image)
        #expect(image.geometry?.contentHeight == 32)
        for y in 0..<64 {
            for x in 0..<64 {
                let expected: [Float] = (16..<48).contains(y) ? [1, 0.2, 0] : [0.5, 0.5, 0.5]
                for (actual, expected) in zip(pixel(image, x, y), expected) {
                    try #require(abs(actual - expected) < 1e-6, "\(x), \(y)")
                }
            }
        }
    }

    @Test func stretchingFillsTheInput() throws {
        let image = InputImage(width: 64, height: 32)
        try Preprocessor(mode: .stretch).prepare(frame(20, 40), into: image)
        for (x, y) in [(0, 0), (63, 0), (0, 31), (63, 31)] { #expect(abs(pixel(image, x, y)[1] - 0.2) < 1e-6) }
    }

    /// Images are used again: nothing of a picture of another shape may be left.
    @Test func shapesChangeInMidStream() throws {
        let preprocessor = Preprocessor(mode: .letterbox)
        let image = InputImage(width: 64, height: 64)
        try preprocessor.prepare(frame(40, 20), into: image)
        try preprocessor.prepare(frame(20, 40, color: [0, 0, 255]), into: image)
        #expect(pixel(image, 0, 32) == [0.5, 0.5, 0.5])
        #expect(pixel(image, 32, 0) == [0, 0, 1])
        try preprocessor.prepare(frame(80, 40, color: [0, 255, 0]), into: image)
        #expect(pixel(image, 32, 0) == [0.5, 0.5, 0.5])
        #expect(pixel(image, 0, 32) == [0, 1, 0])
    }

    @Test(arguments: [(1, 1), (1, 1000), (1000, 1), (2, 3)])
    func extremeShapes(width: Int, height: Int) throws {
        let image = InputImage(width: 32, height: 32)
        try Preprocessor(mode: .letterbox).prepare(frame(width, height), into: image)
        #expect(abs(pixel(image, 15, 15)[0] - 1) < 1e-6 || abs(pixel(image, 16, 16)[0] - 1) < 1e-6)
        #expect(image.values.allSatisfy { (0...1).contains($0) })
    }

    /// What is sampled straight from the frame is what the reference resampler makes of its pixels.
    @Test(.enabled(if: TestData.available, TestData.skipMessage), arguments: Golden.inputs())
    func goldenInput(_ golden: Golden.Input) throws {
        let image = InputImage(width: golden.width, height: golden.height)
        let preprocessor = Preprocessor(mode: .letterbox)
        try preprocessor.prepare(Golden.frame("images/\(golden.image).png"), into: image)
        let fromRGB = try golden.largestError(of: image)
        #expect(fromRGB < 0.1 / 255)
        // From YUV, by another JPEG decoder: at the edges of colours the two interpolate chroma differently.
        try preprocessor.prepare(Golden.frame("images/\(golden.image).jpg"), into: image)
        let expected = try TestData.floats("golden/\(golden.testDescription).input.f32")
        let mean = zip(image.values, expected).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(expected.count)
        #expect(mean < 0.4 / 255)
    }
}
