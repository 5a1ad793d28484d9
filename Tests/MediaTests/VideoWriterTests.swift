import Foundation
import TestSupport
import Testing

@testable import Media

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct VideoWriterTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A whole input written again; gives the copy's path and what was left out.
    @discardableResult
    private func copy(
        _ input: String, to name: String, codec: String? = nil
    ) throws -> (path: String, notCopied: [String]) {
        let path = folder.file(name)
        return (path, try copyVideo(input, to: path, codec: codec))
    }

    /// Seconds of every frame since the first.
    private func times(_ path: String) throws -> [Double] {
        let seconds = try ReadVideo(path).seconds
        return seconds.map { $0 - seconds[0] }
    }

    @Test(
        arguments: [
            ("copy.mp4", nil, "h264"), ("copy.mkv", nil, "h264"), ("copy.mov", nil, "h264"), ("copy.webm", nil, "vp9"),
            ("copy.avi", nil, "h264"), ("copy.ts", nil, "h264"), ("copy.mp4", "hevc", "hevc"),
            ("copy.mkv", "vp9", "vp9"),
            ("copy.mp4", "mpeg4", "mpeg4"), ("copy.avi", "mpeg4", "mpeg4"), ("copy.mkv", "mjpeg", "mjpeg"),
            ("copy.avi", "mjpeg", "mjpeg"), ("copy.MP4", nil, "h264"),
        ] as [(String, String?, String)])
    func `keeps count, size, times and look`(_ name: String, _ codec: String?, _ expected: String) throws {
        let source = try Clip.h264MP4.path()
        let path = try copy(source, to: name, codec: codec).path
        #expect(try FFmpegTool.probe(path, "stream=codec_name", streams: "v:0")[0][0] == expected)
        let (original, copied) = (try ReadVideo(source), try ReadVideo(path))
        try #require(copied.frames.count == 15)
        #expect(try zip(times(path), times(source)).allSatisfy { abs($0 - $1) < 0.0006 })
        #expect(try Pixels(copied.frames[7]).meanError(to: Pixels(original.frames[7])) < 12)
        // Nothing was put between the frames.
        let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        let coded = try FFmpegTool.probe(path, "packet=size", streams: "v:0").compactMap { Int($0[0]) }.reduce(0, +)
        #expect(size - coded < 8000 + (name.hasSuffix("ts") ? coded : 0), "\(size), \(coded)")
    }

    @Test func `starts at zero where the source does not`() throws {
        let path = try copy(Clip.h264TS.path(), to: "copy.mp4").path
        #expect(try ReadVideo(Clip.h264TS.path()).seconds[0] > 1)
        #expect(try abs(ReadVideo(path).seconds[0]) < 0.05)
    }

    @Test(arguments: ["copy.mp4", "copy.mkv", "copy.ts"])
    func `keeps a variable frame rate`(_ name: String) throws {
        let source = try Clip.variableRate.path()
        let path = try copy(source, to: name).path
        #expect(try zip(times(path), times(source)).allSatisfy { abs($0 - $1) < 0.0006 })
        #expect(try times(path).count == times(source).count)
    }

    @Test func `takes frames that are very close together`() throws {
        let path = try copy(Clip("fast.mkv", from: "testsrc2=s=64x64:r=500:d=0.1", "-c:v mpeg4").path(), to: "copy.mp4")
            .path
        #expect(try times(path).count == 50)
    }

    @Test(arguments: ["copy.mp4", "copy.mkv"])
    func `keeps the pixel aspect`(_ name: String) throws {
        let path = try copy(Clip.anamorphic.path(), to: name).path
        #expect(try abs(ReadVideo(path).frames[0].pixelAspect - 16.0 / 11) < 0.01)
    }

    @Test(
        arguments: [("copy.mp4", nil), ("copy.mkv", "vp9"), ("copy.avi", "mjpeg"), ("copy.mkv", "mpeg4")]
            as [(String, String?)])
    func `keeps full range`(_ name: String, _ codec: String?) throws {
        let path = try copy(Clip.fullRange.path(), to: name, codec: codec).path
        let (original, copied) = (try ReadVideo(Clip.fullRange.path()), try ReadVideo(path))
        // Taken for the other range, it is 10 off.
        #expect(try Pixels(copied.frames[3]).meanError(to: Pixels(original.frames[3])) < 4)
        if codec != "mpeg4" { #expect(copied.frames[0].layout.fullRange) }
    }

    @Test(arguments: [("copy.avi", "mjpeg"), ("copy.mkv", "mjpeg"), ("copy.mp4", "h264")])
    func `keeps the colours of a BT.709 source`(_ name: String, _ codec: String) throws {
        let path = try copy(Clip.bt709.path(), to: name, codec: codec).path
        let (red, green, blue) = try Pixels(ReadVideo(path).frames[0])[32, 32]
        #expect(abs(red - 190) < 6 && abs(green - 31) < 6 && abs(blue - 14) < 6, "\(red) \(green) \(blue)")
        let matrix = try FFmpegTool.probe(path, "stream=color_space", streams: "v:0")[0][0]
        #expect(matrix == (codec == "mjpeg" ? "bt470bg" : "bt709"))
    }

    /// Unmarked, players take large pictures for BT.709.
    @Test(arguments: [Clip.png, .gif])
    func `marks the matrix that RGB was turned into`(_ clip: Clip) throws {
        let path = try copy(clip.path(), to: "copy.mp4").path
        #expect(try FFmpegTool.probe(path, "stream=color_space", streams: "v:0")[0][0] == "smpte170m")
    }

    @Test func `rounds odd sizes up by repeating edges`() throws {
        let path = try copy(Clip.odd.path(), to: "copy.mp4").path
        let video = try ReadVideo(path)
        #expect(video.frames.count == 10)
        #expect(video.frames[0].width == 128)
        #expect(video.frames[0].height == 96)
    }

    @Test func `keeps its size where the source changes its own`() throws {
        let joined = try folder.write(Clip.h264TS.bytes() + Clip.smallTS.bytes(), to: "joined.ts")
        let video = try ReadVideo(copy(joined, to: "copy.mp4").path)
        #expect(video.frames.count == 25)
        #expect(Set(video.frames.map { "\($0.width)x\($0.height)" }) == ["128x96"])
    }

    @Test(arguments: [
        Clip.interlaced, .gif, .still, .hevc, .webm,
        Clip("ten-bit.mp4", "-c:v libx264 -preset veryfast -threads 1 -pix_fmt yuv420p10le"),
    ])
    func `takes any source`(_ clip: Clip) throws {
        let path = try copy(clip.path(), to: "copy.mp4").path
        #expect(try ReadVideo(path).frames.count == ReadVideo(clip.path()).frames.count)
    }

    // MARK: Audio

    @Test(arguments: ["copy.mp4", "copy.mkv", "copy.mov", "copy.ts"])
    func `copies audio packets`(_ name: String) throws {
        let source = try Clip.withSound.path()
        let (path, notCopied) = try copy(source, to: name)
        #expect(notCopied == [])
        #expect(try audioHash(path) == audioHash(source))
        #expect(try ReadVideo(path).frames.count == ReadVideo(source).frames.count)
    }

    @Test func `keeps audio and video together`() throws {
        let source = try Clip.withSound.path()
        let path = try copy(source, to: "copy.mp4").path
        let times = { (path: String, stream: String) in
            try FFmpegTool.probe(path, "packet=pts_time", streams: stream).compactMap { Double($0[0]) }
        }
        #expect(try zip(times(path, "a:0"), times(source, "a:0")).allSatisfy { abs($0 - $1) < 0.001 })
        #expect(try zip(times(path, "v:0").sorted(), times(source, "v:0").sorted()).allSatisfy { abs($0 - $1) < 0.001 })
    }

    @Test func `says which audio a container cannot hold`() throws {
        #expect(try copy(Clip.withSound.path(), to: "copy.webm").notCopied == ["aac audio"])
    }

    /// A hash of each of the first audio stream's packets, without the headers that MPEG-TS puts before AAC.
    private func audioHash(_ path: String) throws -> [String] {
        let bare = folder.file("audio.mkv")
        try FFmpegTool.ffmpeg(["-i", path, "-map", "0:a:0", "-c", "copy", "-bsf:a", "aac_adtstoasc", bare])
        return try FFmpegTool.probe(bare, "packet=data_hash", streams: "a:0", options: ["-show_data_hash", "md5"])
            .map { $0[0] }
    }

    // MARK: Errors

    @Test(arguments: ["copy.doc", "copy", "copy.jpg", "copy.txt", ".mp4/"])
    func `refuses what is no container`(_ name: String) throws {
        let error = try mediaError { try copy(Clip.h264MP4.path(), to: name) }
        #expect(error.subject == folder.file(name))
        #expect(error.kind == .unsupported || error.kind == .cannotCreate)
    }

    @Test func `names a folder that is not there`() throws {
        let error = try mediaError { try copy(Clip.h264MP4.path(), to: "none/copy.mp4") }
        let path = folder.file("none/copy.mp4")
        #expect(error == MediaError(.cannotCreate, path, "cannot be created: No such file or directory"))
    }

    @Test func `names an encoder that is not there`() throws {
        let error = try mediaError { try copy(Clip.h264MP4.path(), to: "copy.mp4", codec: "h265000") }
        #expect(error.kind == .unsupported)
        #expect(error.message.hasPrefix("no video encoder \"h265000\""))
    }

    @Test(arguments: [("copy.webm", "h264"), ("copy.mp4", "gif")])
    func `refuses a coding that the container cannot hold`(_ name: String, _ codec: String) throws {
        let error = try mediaError { try copy(Clip.h264MP4.path(), to: name, codec: codec) }
        #expect(error.subject == folder.file(name))
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full"),
        arguments: ["full.mkv", "full.ts"])
    func `tells that the disk is full`(_ name: String) throws {
        let error = try mediaError { try copyVideo(Clip.h264MP4.path(), to: "/dev/full", container: name) }
        #expect(error.kind == .cannotWrite)
        #expect(error.description.hasPrefix("\(name): No space left on device"))
    }

    @Test(arguments: ["begun.mp4", "begun.mkv"])
    func `may be left unfinished`(_ name: String) throws {
        let source = try VideoSource(Clip.withSound.path())
        guard case .frame(let first) = try source.next() else { return }
        let writer = try VideoWriter(
            path: folder.file(name), container: name, source: source.info, first: first, options: VideoWriter.Options())
        for _ in 0..<3 { try writer.write(writer.canvas(for: first)) }
    }
}

/// Writes a whole input again; gives what was left out.
@discardableResult
func copyVideo(
    _ input: String, to path: String, container: String? = nil, codec: String? = nil
) throws -> [String] {
    var options = Demuxer.Options()
    options.wantsAudio = true
    let source = try VideoSource(input, options: options, decoderThreads: 1)
    var writer: VideoWriter?
    var early: [Packet] = []
    while let item = try source.next() {
        switch item {
        case .frame(let frame):
            let made =
                try writer
                ?? VideoWriter(
                    path: path, container: container ?? path, source: source.info, first: frame,
                    options: VideoWriter.Options(codec: codec))
            if writer == nil { for packet in early { try made.write(packet) } }
            writer = made
            try made.write(made.canvas(for: frame))
        case .audio(let packet):
            if let writer { try writer.write(packet) } else { early.append(packet) }
        }
    }
    try writer?.finish()
    return writer?.notCopied ?? []
}
