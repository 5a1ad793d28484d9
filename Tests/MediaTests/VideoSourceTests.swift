import Foundation
import TestSupport
import Testing

@testable import Media

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct VideoSourceTests {
    @Test(arguments: Clip.all)
    func `gives every frame that ffprobe counts, upright in time`(_ clip: Clip) throws {
        let path = try clip.path()
        let video = try ReadVideo(path)
        let expected = try FFmpegTool.probe(path, "frame=best_effort_timestamp,width,height", streams: "v:0")
        #expect(video.frames.count == expected.count)
        #expect(video.frames.map(\.index) == Array(0..<expected.count))
        #expect(video.frames.map { "\($0.width)x\($0.height)" } == expected.map { "\($0[1])x\($0[2])" })
        #expect(zip(video.timestamps, video.timestamps.dropFirst()).allSatisfy { $0 < $1 })
        #expect(video.decodeErrors == 0)
        #expect(video.frames.allSatisfy { !$0.isCorrupt })
    }

    @Test(arguments: [
        Clip.h264MP4, .h264TS, .mpeg4AVI, .mjpegAVI, .gif, .matroska, .webm, .hevc, .odd, .variableRate, .withSound,
    ])
    func `keeps the file's own timestamps`(_ clip: Clip) throws {
        let path = try clip.path()
        let expected = try FFmpegTool.probe(path, "frame=best_effort_timestamp", streams: "v:0").map { Int64($0[0]) }
        #expect(try ReadVideo(path).timestamps == expected)
    }

    @Test(arguments: [Clip.h264MP4, .h264TS, .matroska, .webm, .hevc, .mpeg4AVI])
    func `gives the pixels that ffmpeg decodes`(_ clip: Clip) throws {
        let path = try clip.path()
        let expected = try FFmpegTool.ffmpeg(["-i", path, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"])
        #expect(try Data(ReadVideo(path).frames.flatMap { try $0.yuv420Bytes() }) == expected)
    }

    // MARK: Features

    @Test func `tells pixel aspect, depth and range`() throws {
        let wide = try VideoSource(Clip.anamorphic.path())
        #expect(abs(wide.displayAspect - 128.0 / 96 * 16 / 11) < 0.01)
        #expect(try abs(ReadVideo(Clip.anamorphic.path()).frames[0].pixelAspect - 16.0 / 11) < 0.01)
        #expect(try ReadVideo(Clip.h264MP4.path()).frames[0].pixelAspect == 1)
        #expect(try ReadVideo(Clip.fullRange.path()).frames[0].layout.fullRange)
        #expect(try !ReadVideo(Clip.h264MP4.path()).frames[0].layout.fullRange)
    }

    @Test func `takes interlacing out, frame by frame`() throws {
        let path = try Clip.interlaced.path()
        let video = try ReadVideo(path)
        let expected = try FFmpegTool.probe(path, "frame=best_effort_timestamp", streams: "v:0").compactMap {
            Double($0[0])
        }
        #expect(video.frames.count == expected.count)
        #expect(video.frames.allSatisfy { !$0.isInterlaced })
        #expect(zip(video.seconds, expected).allSatisfy { abs($0 - $1 / 90_000) < 1e-4 })
    }

    @Test func `spaces frames without timestamps by the rate`() throws {
        let video = try ReadVideo(Clip.rawH264.path())
        #expect(zip(video.seconds, video.seconds.dropFirst()).allSatisfy { abs($1 - $0 - 0.04) < 1e-4 })
    }

    @Test func `goes on rising where timestamps go back and the size changes`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Clip.h264TS.bytes() + Clip.smallTS.bytes(), to: "joined.ts")
        let video = try ReadVideo(path)
        #expect(video.frames.count == 25)
        #expect(video.frames.map(\.width) == Array(repeating: 128, count: 15) + Array(repeating: 96, count: 10))
        #expect(zip(video.timestamps, video.timestamps.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test(arguments: [
        ([1, 0, 0, 1], Corner.topLeft), ([0, 1, -1, 0], .topRight), ([-1, 0, 0, -1], .bottomRight),
        ([0, -1, 1, 0], .bottomLeft), ([-1, 0, 0, 1], .topRight),
    ])
    func `turns a recording upright by its display matrix`(_ abcd: [Int32], _ corner: Corner) throws {
        let plain = try Clip("corner.mp4", from: Corner.source, "-c:v libx264 -preset veryfast -t 0.2").bytes()
        let folder = try TemporaryFolder()
        let path = try folder.write(withMatrix(abcd, mp4: plain), to: "turned.mp4")
        let isTurned = abcd[0] == 0
        let source = try VideoSource(path)
        #expect(abs(source.displayAspect - (isTurned ? 3.0 / 4 : 4.0 / 3)) < 1e-9)
        let frame = try ReadVideo(path).frames[0]
        #expect(frame.width == (isTurned ? 96 : 128))
        #expect(frame.height == (isTurned ? 128 : 96))
        #expect(try Corner.red(in: frame) == [corner])
    }

    /// An MP4 whose track header has the display matrix (a, b, c, d).
    private func withMatrix(_ abcd: [Int32], mp4: [UInt8]) throws -> [UInt8] {
        let header = try #require(mp4.firstRange(of: Array("tkhd".utf8)))
        var bytes = mp4
        // Behind the name: version and flags, five times and numbers, eight reserved bytes, layer, group, volume.
        for (value, place) in zip(abcd, [0, 1, 3, 4]) {
            let start = header.upperBound + 40 + 4 * place
            withUnsafeBytes(of: (value << 16).bigEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
        }
        return bytes
    }

    @Test(arguments: [
        (1, Corner.topLeft), (2, .topRight), (3, .bottomRight), (4, .bottomLeft), (5, .topLeft), (6, .topRight),
        (7, .bottomRight), (8, .bottomLeft),
    ])
    func `turns a JPEG by its EXIF orientation`(_ orientation: Int, _ corner: Corner) throws {
        let plain = try Clip("corner.jpg", from: Corner.source, "-frames:v 1 -q:v 2").bytes()
        let folder = try TemporaryFolder()
        let path = try folder.write(withEXIF(orientation: UInt8(orientation), jpeg: plain), to: "turned.jpg")
        let frame = try #require(try ReadVideo(path).frames.first)
        #expect(frame.width == (orientation < 5 ? 128 : 96))
        #expect(try Corner.red(in: frame) == [corner])
    }

    /// A JPEG with an EXIF segment that holds nothing but the orientation (TIFF tag 0x112).
    private func withEXIF(orientation: UInt8, jpeg: [UInt8]) -> [UInt8] {
        let tiff: [UInt8] =
            Array("Exif\0\0".utf8) + Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1]
            + [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0] + [0, 0, 0, 0]
        return jpeg[..<2] + [0xFF, 0xE1, 0, UInt8(tiff.count + 2)] + tiff + jpeg[2...]
    }

    // MARK: Audio

    @Test func `hands out audio packets only when asked`() throws {
        var options = Demuxer.Options()
        options.wantsAudio = true
        let path = try Clip.withSound.path()
        let expected = try FFmpegTool.probe(path, "packet=size", streams: "a:0").compactMap { Int($0[0]) }
        #expect(try ReadVideo(path, options: options).audio.map(\.byteCount) == expected)
        #expect(try ReadVideo(path).audio.isEmpty)
    }
}

/// Where the red corner of a blue picture is.
enum Corner: Sendable {
    case topLeft, topRight, bottomLeft, bottomRight

    static let source = "color=blue:s=128x96:r=25,drawbox=0:0:48:36:red:fill"

    static func red(in frame: Frame) throws -> [Corner] {
        let pixels = try Pixels(frame)
        let (right, bottom) = (pixels.width - 8, pixels.height - 8)
        let places: [(Corner, Int, Int)] = [
            (.topLeft, 8, 8), (.topRight, right, 8), (.bottomLeft, 8, bottom), (.bottomRight, right, bottom),
        ]
        return places.filter { pixels[$0.1, $0.2].red > 180 && pixels[$0.1, $0.2].blue < 80 }.map(\.0)
    }
}
