import CFFmpeg
import Foundation
import TestSupport
import Testing

@testable import Media

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage), .timeLimit(.minutes(10)))
struct LiveWriterTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Six seconds; of `slow` a picture every 0.7 s, and announced as 25 a second.
    private static let steady = Clip("steady.mp4", from: "testsrc2=s=128x96:r=25:d=6", "-c:v libx264 -preset ultrafast")
    private static let slow = Clip(
        "slow.mkv", from: "testsrc2=s=128x96:r=25:d=11,setpts=N*0.7/TB,trim=end=14", "-vsync vfr -c:v mpeg4")

    /// What a file held at one moment.
    private struct Moment {
        var bytes: Int
        var taken: Int
        var stored: Int
        /// Of the newest picture.
        var seconds: Double
    }

    private func live(quality: Int? = nil) -> VideoWriter.Options {
        var options = VideoWriter.Options(quality: quality)
        options.live = true
        return options
    }

    private func size(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }

    /// Writes a whole clip; `body` is told after each picture.
    private func write(_ clip: Clip, to path: String, _ body: (Moment) throws -> Void = { _ in }) throws {
        let video = try ReadVideo(clip.path())
        let source = try VideoSource(clip.path())
        let writer = try VideoWriter(
            path: path, container: path, source: source.info, first: video.frames[0], options: live())
        for (index, frame) in video.frames.enumerated() {
            try writer.write(writer.canvas(for: frame))
            try body(
                Moment(
                    bytes: size(path), taken: index + 1, stored: writer.storedFrames,
                    seconds: frame.seconds - video.seconds[0]))
        }
        try writer.finish()
    }

    /// Times of the pictures that can be decoded.
    private func decoded(_ path: String) throws -> [Double] {
        try FFmpegTool.probe(path, "frame=best_effort_timestamp_time", streams: "v:0").compactMap { Double($0[0]) }
    }

    /// What SIGKILL leaves is what the file holds: no write is under way for longer than the kernel takes for it.
    @Test(arguments: ["live.mkv", "live.mp4", "live.mov"])
    func `a growing file lacks the newest second at most`(_ name: String) throws {
        let path = folder.file(name)
        var (copies, seed): ([(path: String, moment: Moment)], SplitMix64) = ([], SplitMix64(seed: 7))
        try write(Self.steady, to: path) { moment in
            guard Int.random(in: 0..<12, using: &seed) == 0 else { return }
            let copy = folder.file("\(moment.taken)-\(name)")
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            copies.append((copy, moment))
        }
        try #require(copies.count > 8)
        for (copy, moment) in copies where moment.taken > 27 {
            let times = try decoded(copy)
            #expect(times.count >= moment.stored)
            #expect(try #require(times.last) > moment.seconds - 1.1, "\(copy)")
        }
    }

    /// A power cut, a full disk: wherever a file ends, what came before the last piece is there.
    @Test(arguments: ["live.mkv", "live.mp4"])
    func `may be cut off anywhere`(_ name: String) throws {
        let path = folder.file(name)
        var moments: [Moment] = []
        try write(Self.steady, to: path) { moments.append($0) }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var seed = SplitMix64(seed: 11)
        let first = try #require(moments.first { $0.stored > 0 })
        for _ in 0..<16 {
            let end = Int.random(in: first.bytes...whole.count, using: &seed)
            let cut = try folder.write(whole.prefix(end), to: "cut-\(name)")
            let stored = try #require(moments.last { $0.bytes <= end }).stored
            #expect(try decoded(cut).count >= stored, "\(end) bytes")
        }
    }

    @Test(arguments: ["live.mkv", "live.mp4", "live.mov"])
    func `a finished file holds every picture at its time`(_ name: String) throws {
        for clip in [Self.steady, Self.slow, .variableRate] {
            let path = folder.file(name)
            try write(clip, to: path)
            let original = try ReadVideo(clip.path()).seconds
            let times = try decoded(path)
            try #require(times.count == original.count)
            #expect(times[0] == 0)
            #expect(zip(times, original).allSatisfy { abs($0 - ($1 - original[0])) < 0.0011 }, "\(times)")
        }
    }

    @Test func `begins at zero where the source does not`() throws {
        let path = folder.file("live.mkv")
        try write(.h264TS, to: path)
        #expect(try decoded(path).first == 0)
    }

    @Test(arguments: [steady, slow])
    private func `has a key frame every two seconds and holds nothing back`(_ clip: Clip) throws {
        let path = folder.file("live.mkv")
        try write(clip, to: path) { moment in
            // The file's piece of a second, and no more: nothing waits in the encoder.
            #expect(Double(moment.taken - moment.stored) <= 27)
        }
        let frames = try FFmpegTool.probe(path, "frame=best_effort_timestamp_time,pict_type", streams: "v:0")
        #expect(!frames.contains { $0.contains("B") })
        let keys = frames.filter { $0.contains("I") }.compactMap { Double($0[0]) }
        #expect(keys.first == 0)
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $1 - $0 < 2.8 }, "\(keys)")
        #expect(keys.count >= 3)
    }

    @Test func `gives out each picture's packet at once`() throws {
        let video = try ReadVideo(Self.steady.path())
        let canvases = try CanvasMaker(like: video.frames[0], format: AV_PIX_FMT_YUV420P)
        let codec = try VideoCodec(named: "h264", subject: "")
        let encoder = try VideoEncoder(
            codec: codec, quality: nil, live: true, canvases: canvases, first: video.frames[0],
            frameRate: Rational(25, 1), subject: "")
        #expect(encoder.context.pointee.thread_count == 1)
        for frame in video.frames.prefix(30) {
            #expect(try encoder.encode(canvases.canvas(for: frame), timestamp: frame.timestamp).count == 1)
        }
    }

    @Test func `puts the last pictures into the file when none follows`() throws {
        let path = folder.file("live.mkv")
        let video = try ReadVideo(Self.steady.path())
        let writer = try VideoWriter(
            path: path, container: path, source: VideoSource(Self.steady.path()).info, first: video.frames[0],
            options: live())
        for frame in video.frames.prefix(5) { try writer.write(writer.canvas(for: frame)) }
        #expect(writer.storedFrames == 0)
        try writer.flush()
        #expect(writer.storedFrames == 5)
        #expect(try decoded(path).count == 5)
        // Late, and still at its time.
        try writer.write(writer.canvas(for: video.frames[100]))
        try writer.finish()
        #expect(try decoded(path).last == 4)
    }

    @Test func `says when it was taken`() throws {
        for name in ["live.mkv", "live.mp4"] {
            let (path, video) = (folder.file(name), try ReadVideo(Clip.h264MP4.path()))
            var options = live()
            options.creationTime = Date(timeIntervalSince1970: 1_795_256_100.25)
            let source = try VideoSource(Clip.h264MP4.path())
            let writer = try VideoWriter(
                path: path, container: path, source: source.info, first: video.frames[0], options: options)
            try writer.write(writer.canvas(for: video.frames[0]))
            try writer.finish()
            let told = try #require(try VideoSource(path).info.creationTime)
            // MP4 counts whole seconds.
            #expect(abs(told.timeIntervalSince1970 - 1_795_256_100.25) < 0.5)
        }
    }

    @Test func `leaves sound out`() throws {
        let path = folder.file("live.mkv")
        var options = Demuxer.Options()
        options.wantsAudio = true
        let source = try VideoSource(Clip.withSound.path(), options: options)
        let first = try ReadVideo(Clip.withSound.path()).frames[0]
        let writer = try VideoWriter(path: path, container: path, source: source.info, first: first, options: live())
        try writer.write(writer.canvas(for: first))
        try writer.finish()
        #expect(try FFmpegTool.probe(path, "stream=codec_type", streams: "a").isEmpty)
    }

    @Test(arguments: ["live.avi", "live.webm", "live.ts"])
    func `refuses a container that is not playable when cut off`(_ name: String) throws {
        let error = try mediaError { try VideoWriter.check(container: name, options: live()) }
        #expect(
            error
                == MediaError(
                    .unsupported, name, "this container cannot be played when it is cut off; use .mkv or .mp4"))
        try VideoWriter.check(container: name, options: VideoWriter.Options())
        try VideoWriter.check(container: "live.mp4", options: live())
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full"),
        arguments: ["a.mkv", "a.mp4"])
    func `tells a full disk from other failures`(_ name: String) throws {
        let video = try ReadVideo(Self.steady.path())
        let source = try VideoSource(Self.steady.path())
        let full = try mediaError {
            let writer = try VideoWriter(
                path: "/dev/full", container: name, source: source.info, first: video.frames[0], options: live())
            for frame in video.frames { try writer.write(writer.canvas(for: frame)) }
        }
        #expect(full.isOutOfSpace, "\(full)")
        let missing = try mediaError {
            try VideoWriter(
                path: folder.file("none/a.mkv"), container: name, source: source.info, first: video.frames[0],
                options: live())
        }
        #expect(!missing.isOutOfSpace)
    }
}
