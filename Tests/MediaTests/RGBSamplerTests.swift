import CFFmpeg
import CKernels
import TestSupport
import Testing

@testable import Media

@Suite struct RGBSamplerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A smooth picture in colour, 64 x 48.
    private func picture() throws -> Frame {
        var bytes = Array("P6 64 48 255\n".utf8)
        for y in 0..<48 {
            for x in 0..<64 { bytes += [UInt8(40 + 3 * x), UInt8(220 - 4 * y), UInt8(30 + x + 2 * y)] }
        }
        let source = try VideoSource(folder.write(bytes, to: "picture.ppm"), decoderThreads: 1)
        guard case .frame(let frame) = try #require(try source.next()) else { throw Missing() }
        return frame
    }

    private struct Missing: Error {}

    /// Through a filter chain of libav's.
    private func filtered(_ chain: String, _ frame: Frame) throws -> Frame {
        let filter = try FrameFilter([chain], like: frame, subject: "")
        return try #require(try (filter.filter(frame) + filter.filter(nil)).first)
    }

    private func sampled(
        _ frame: Frame, width: Int, height: Int, kernel: lk_sample_kernel = lk_sample_best()
    ) throws -> [Float] {
        var values = [Float](repeating: -1, count: 3 * width * height)
        try values.withUnsafeMutableBufferPointer { values in
            try RGBSampler(width: width, height: height, kernel: kernel)
                .sample(
                    frame, into: try #require(values.baseAddress), rowStride: width, planeStride: width * height)
        }
        return values
    }

    /// As bytes, four a pixel.
    private func sampledBytes(
        _ frame: Frame, width: Int, height: Int, kernel: lk_sample_kernel = lk_sample_best()
    ) throws -> [UInt8] {
        var pixels = [UInt8](repeating: 7, count: 4 * width * height)
        try pixels.withUnsafeMutableBufferPointer { pixels in
            try RGBSampler(width: width, height: height, kernel: kernel)
                .sample(frame, into: try #require(pixels.baseAddress), rowStride: 4 * width)
        }
        return pixels
    }

    private func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
    }

    @Test func ownSizeGivesTheBytes() throws {
        let values = try sampled(picture(), width: 64, height: 48)
        for (x, y) in [(0, 0), (63, 0), (0, 47), (63, 47), (20, 30)] {
            let pixel = (0..<3).map { (values[$0 * 64 * 48 + y * 64 + x] * 255).rounded() }
            #expect(pixel == [Float(40 + 3 * x), Float(220 - 4 * y), Float(30 + x + 2 * y)])
        }
    }

    /// Corner-aligned: a picture that rises evenly still does so, from the first pixel's value to the last's.
    @Test(arguments: [(23, 17), (64, 48), (150, 100), (1, 1), (2, 1)])
    func anySizeSpansTheSource(width: Int, height: Int) throws {
        let values = try sampled(picture(), width: width, height: height)
        for row in 0..<height {
            for column in 0..<width {
                let x = width > 1 ? Float(column) * 63 / Float(width - 1) : 0
                let y = height > 1 ? Float(row) * 47 / Float(height - 1) : 0
                let expected = [40 + 3 * x, 220 - 4 * y, 30 + x + 2 * y]
                for channel in 0..<3 {
                    let value = values[(channel * height + row) * width + column] * 255
                    try #require(abs(value - expected[channel]) < 1e-2, "\(channel) at \(column), \(row)")
                }
            }
        }
    }

    /// Every way to store a picture shows the same one: planar, semi-planar, packed, of 8 bits and more, and the last
    /// ones by way of swscale.
    @Test(arguments: [
        "gbrp", "bgr24", "rgba", "argb", "0bgr", "gbrp10le", "gbrap12le", "rgb48le", "yuv444p", "yuv422p", "yuv420p",
        "yuv440p", "yuv411p", "yuv410p", "yuva420p", "nv12", "nv21", "nv24", "yuyv422", "uyvy422", "yuvj420p",
        "yuvj444p", "yuv420p10le", "yuv422p12le", "yuv444p16le", "p010le", "p016le", "yuv420p10be", "rgb48be",
        "rgb565le",
    ])
    func everyFormatShowsTheSame(format: String) throws {
        let original = try picture()
        let stored = try filtered("format=\(format)", original)
        #expect(stored.pixelFormatName == format)
        let difference = largestDifference(
            try sampled(stored, width: 50, height: 40), try sampled(original, width: 50, height: 40))
        // Coarse chroma cannot follow the picture's edges, and five bits not its shades.
        #expect(difference * 255 < (["yuv411p", "yuv410p", "rgb565le"].contains(format) ? 9 : 5))
    }

    /// Its luma samples do not stand at regular steps; read as if they did, the last would lie beyond the row.
    @Test func irregularSteps() throws {
        let frame = try PicturePool(width: 8, height: 2, format: AV_PIX_FMT_UYYVYY411).picture()
        frame.pointer.pointee.linesize.0 = 12
        #expect(SampleLayout(frame) == nil)
    }

    @Test(arguments: ["bt709", "bt2020nc", "smpte240m", "fcc", "bt470bg"], ["tv", "pc"])
    func matricesAndRanges(matrix: String, range: String) throws {
        let scaled = ["bt2020nc": "bt2020"][matrix] ?? matrix
        let chain =
            "scale=out_color_matrix=\(scaled):out_range=\(range):flags=accurate_rnd+full_chroma_int,format=yuv444p,"
            + "setparams=colorspace=\(matrix):range=\(range)"
        let original = try picture()
        let difference = largestDifference(
            try sampled(filtered(chain, original), width: 64, height: 48), try sampled(original, width: 64, height: 48))
        #expect(difference * 255 < 2.5)
    }

    @Test func grey() throws {
        let values = try sampled(filtered("format=gray", picture()), width: 64, height: 48)
        let count = 64 * 48
        #expect(values[0] > 0.5 && values[..<count] == values[count..<2 * count])
        #expect(values[..<count] == values[(2 * count)...])
    }

    /// Where chroma samples lie among the luma samples shifts colours by half a pixel.
    @Test(
        arguments: [
            (AVCHROMA_LOC_LEFT, AVCOL_RANGE_JPEG, 0), (AVCHROMA_LOC_CENTER, AVCOL_RANGE_MPEG, 0.5),
            (AVCHROMA_LOC_UNSPECIFIED, AVCOL_RANGE_JPEG, 0.5), (AVCHROMA_LOC_UNSPECIFIED, AVCOL_RANGE_MPEG, 0),
        ] as [(AVChromaLocation, AVColorRange, Float)])
    func chromaSiting(location: AVChromaLocation, range: AVColorRange, start: Float) throws {
        let frame = try PicturePool(width: 8, height: 2, format: AV_PIX_FMT_YUV420P).picture()
        frame.pointer.pointee.chroma_location = location
        frame.pointer.pointee.color_range = range
        let (luma, blue, red) = (
            try #require(frame.planes[0]), try #require(frame.planes[1]), try #require(frame.planes[2])
        )
        for row in 0..<2 {
            for column in 0..<8 { luma[row * Int(frame.lineSizes[0]) + column] = 128 }
        }
        for column in 0..<4 { (blue[column], red[column]) = (128, UInt8(120 + 10 * column)) }
        let values = try sampled(frame, width: 8, height: 2)
        let isFull = range == AVCOL_RANGE_JPEG
        let factor: Float = 1.402 * (isFull ? 1 / 255 : 1 / 224)
        let grey: Float = isFull ? 128 / 255 : 112 / 219
        for column in 0..<8 {
            let sample = 120 + 10 * min(max(0, (Float(column) - start) / 2), 3)
            #expect(abs(values[column] - grey - factor * (sample - 128)) < 1e-4)
        }
    }

    /// One sampler serves a stream whose pictures change.
    @Test func layoutChangesInMidStream() throws {
        let original = try picture()
        let sampler = RGBSampler(width: 20, height: 10)
        let expected = try sampled(original, width: 20, height: 10)
        for chain in ["format=rgb24", "format=yuv444p", "scale=64:48,format=rgb48be", "scale=128:96,format=gbrp"] {
            var values = [Float](repeating: -1, count: 600)
            let frame = try filtered(chain, original)
            try values.withUnsafeMutableBufferPointer { values in
                try sampler.sample(
                    frame, into: try #require(values.baseAddress), rowStride: 20, planeStride: 200)
            }
            #expect(largestDifference(values, expected) * 255 < 4, "\(chain)")
        }
    }

    /// Widths that are whole vectors and that are not, and more than the source's.
    @Test(arguments: ["yuv420p", "nv12", "yuyv422", "bgr24", "yuv422p10le", "gray"], [1, 7, 8, 50, 64, 101])
    func kernelsAgreeToTheBit(format: String, width: Int) throws {
        let frame = try filtered("format=\(format)", picture())
        let portable = try sampled(frame, width: width, height: 21, kernel: lk_sample_portable)
        #expect(try sampled(frame, width: width, height: 21) == portable)
        let bytes = try sampledBytes(frame, width: width, height: 21, kernel: lk_sample_portable)
        #expect(try sampledBytes(frame, width: width, height: 21) == bytes)
    }

    @Test(arguments: [(64, 48), (23, 17), (150, 100), (1, 1)])
    func bytesAreTheFloatsRounded(width: Int, height: Int) throws {
        let frame = try filtered("format=yuv420p", picture())
        let floats = try sampled(frame, width: width, height: height)
        let bytes = try sampledBytes(frame, width: width, height: height)
        let count = width * height
        for pixel in 0..<count {
            for channel in 0..<3 {
                let exact = floats[channel * count + pixel] * 255
                try #require(abs(Float(bytes[4 * pixel + channel]) - exact) < 0.5001)
            }
            try #require(bytes[4 * pixel + 3] == 0)
        }
    }

    /// Colours that the matrix puts beyond black and white do not wrap around.
    @Test func bytesSaturate() throws {
        let frame = try PicturePool(width: 8, height: 2, format: AV_PIX_FMT_YUV444P).picture()
        for plane in 0..<3 {
            let bytes = try #require(frame.planes[plane])
            bytes.update(repeating: 0, count: 2 * Int(frame.lineSizes[plane]))
            for row in 0..<2 { bytes[row * Int(frame.lineSizes[plane]) + 7] = 255 }
        }
        let bytes = try sampledBytes(frame, width: 8, height: 2)
        #expect(Array(bytes[0..<4]) == [0, 136, 0, 0])
        #expect(Array(bytes[28..<32]) == [255, 125, 255, 0])
    }

    @Test func bytesStayWithinTheirPlace() throws {
        var bytes = [UInt8](repeating: 7, count: 10 * 40)
        let frame = try picture()
        try bytes.withUnsafeMutableBufferPointer { bytes in
            let base = try #require(bytes.baseAddress)
            try RGBSampler(width: 5, height: 4).sample(frame, into: base + 3 * 40 + 2 * 4, rowStride: 40)
        }
        for index in bytes.indices where index % 4 == 3 {
            let isInside = (3..<7).contains(index / 40) && (2..<7).contains(index % 40 / 4)
            #expect(bytes[index] == (isInside ? 0 : 7))
        }
    }

    /// Only the picture's own place is written.
    @Test func writesWithinItsPlace() throws {
        var values = [Float](repeating: -1, count: 3 * 100)
        let frame = try picture()
        try values.withUnsafeMutableBufferPointer { values in
            let base = try #require(values.baseAddress)
            try RGBSampler(width: 5, height: 4).sample(frame, into: base + 32, rowStride: 10, planeStride: 100)
        }
        for index in values.indices {
            let isInside = (3..<7).contains(index / 10 % 10) && (2..<7).contains(index % 10)
            #expect((values[index] >= 0) == isInside)
        }
    }
}
