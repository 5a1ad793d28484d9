import CFFmpeg
import Foundation
import TestSupport
import Testing

@testable import Media

/// A file's video read to its end.
struct ReadVideo {
    var frames: [Frame] = []
    var audio: [Packet] = []
    var decodeErrors = 0

    init(_ input: String, options: Demuxer.Options = Demuxer.Options(), limit: Int = 500) throws {
        let source = try VideoSource(input, options: options, decoderThreads: 1)
        while let item = try source.next() {
            switch item {
            case .frame(let frame): frames.append(frame)
            case .audio(let packet): audio.append(packet)
            }
            try #require(frames.count <= limit, "more frames than the file can hold")
        }
        decodeErrors = source.decodeErrors
    }

    var timestamps: [Int64] { frames.map(\.timestamp) }
    var seconds: [Double] { frames.map(\.seconds) }
}

/// The pixels of a frame as RGB.
struct Pixels {
    let width: Int
    let height: Int
    private let planes: [[UInt8]]
    private let stride: Int

    init(_ frame: Frame) throws {
        (width, height) = (frame.width, frame.height)
        stride = (frame.width + 63) / 64 * 64
        let size = stride * frame.height + 64
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 3 * size)
        defer { bytes.deallocate() }
        // libav's planar RGB is green, blue, red.
        let scaler = Scaler(
            width: width, height: height, format: AV_PIX_FMT_GBRP, fullRange: true,
            flags: SWS_POINT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP)
        let line = Int32(stride)
        try scaler.scale(frame, into: [bytes + size, bytes + 2 * size, bytes, nil], strides: [line, line, line, 0])
        planes = (0..<3).map { Array(UnsafeBufferPointer(start: bytes + $0 * size, count: size)) }
    }

    subscript(x: Int, y: Int) -> (red: Int, green: Int, blue: Int) {
        let index = y * stride + x
        return (Int(planes[0][index]), Int(planes[1][index]), Int(planes[2][index]))
    }

    /// The mean of the absolute differences of all samples.
    func meanError(to other: Pixels) -> Double {
        var sum = 0
        for y in 0..<height {
            for x in 0..<width {
                let (a, b) = (self[x, y], other[x, y])
                sum += abs(a.red - b.red) + abs(a.green - b.green) + abs(a.blue - b.blue)
            }
        }
        return Double(sum) / Double(3 * width * height)
    }
}

extension Frame {
    /// The bytes of one plane of an 8-bit picture without what lies beyond its rows.
    func bytes(plane: Int, width: Int, height: Int) throws -> [UInt8] {
        let base = try #require(planes[plane])
        return (0..<height).flatMap { row in
            Array(UnsafeBufferPointer(start: base + row * Int(lineSizes[plane]), count: width))
        }
    }

    /// All bytes of a yuv420p picture, as `ffmpeg -f rawvideo` writes them.
    func yuv420Bytes() throws -> [UInt8] {
        let (halfWidth, halfHeight) = ((width + 1) / 2, (height + 1) / 2)
        return try bytes(plane: 0, width: width, height: height)
            + bytes(plane: 1, width: halfWidth, height: halfHeight)
            + bytes(plane: 2, width: halfWidth, height: halfHeight)
    }
}

/// The `MediaError` that `body` throws.
func mediaError<Value>(_ body: () throws -> Value) throws -> MediaError {
    try #require(throws: MediaError.self) { _ = try body() }
}
