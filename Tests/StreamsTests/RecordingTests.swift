import Foundation
import Media
import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite("Recording", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct RecordingTests {
    private let bench: RecordingBench

    init() throws { bench = try RecordingBench() }

    @Test func everyFrameIsLoggedOnceInOrderWithItsOwnAnswer() throws {
        let result = try bench.process(try Clips.ramp())
        #expect(result.failure == nil)
        #expect(result.summary.frames == Clips.rampFrames)
        #expect(result.summary.reason == .end)
        #expect(
            result.records.map { $0["type"] as? String } == ["stream_up"]
                + Array(
                    repeating: "frame", count: Clips.rampFrames) + ["stream_end"])
        let first = try #require(result.frames.first?.number("pts"))
        for (index, frame) in result.frames.enumerated() {
            #expect(frame.number("frame") == Double(index))
            #expect(try abs(#require(frame.number("pts")) - first - Double(index) / 10) < 0.0011)
            #expect(frame.number("dropped") == 0)
            #expect(frame["input"] as? [String: Int] == ["w": 32, "h": 32])
            // The brightness tells which frame the answer is of.
            let detection = try #require((frame["detections"] as? [[String: Any]])?.first)
            let expected = TinyNetwork.confidence(grey: Clips.grey(index))
            #expect(try abs(#require(detection.number("confidence")) - expected) < 0.012, "frame \(index)")
            #expect(detection["box"] as? [String: Double] == ["x": 16, "y": 24, "w": 32, "h": 16])
        }
        #expect(result.summary.detections == ["class 0": Clips.rampFrames])
    }

    @Test func theEndHoldsTheTotals() throws {
        let result = try bench.process(try Clips.ramp())
        let end = try #require(result.end)
        #expect(end["reason"] as? String == "end")
        #expect(end.number("decoded") == Double(Clips.rampFrames))
        #expect(end.number("analysed") == Double(Clips.rampFrames))
        #expect(end.number("dropped") == 0)
        #expect(Set(result.summary.stages.keys) == [.decode, .resize, .infer, .log])
        #expect(result.summary.elapsed > .zero && result.summary.framesPerSecond > 0)
    }

    @Test(arguments: ["copy.mp4", "copy.mkv"]) func theVideoKeepsFramesTimesAndSound(_ name: String) throws {
        let video = bench.folder.file(name)
        let source = try Clips.ramp()
        let result = try bench.process(source, video: video)
        #expect(result.failure == nil)
        #expect(try frameTimes(video) == frameTimes(source))
        #expect(try FFmpegTool.probe(video, "stream=codec_name,width,height", streams: "v") == [["h264", "64", "64"]])
        let sound = try FFmpegTool.probe(source, "packet=size", streams: "a").compactMap(\.first)
        #expect(try FFmpegTool.probe(video, "packet=size", streams: "a").compactMap(\.first) == sound)
        #expect(!sound.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: bench.folder.file("copy.partial.\(name.suffix(3))")))
    }

    @Test func aStopInTheMiddleEndsEverythingWhole() throws {
        let stop = StopSignal()
        let result = try bench.process(try Clips.ramp(), video: bench.folder.file("v.mp4"), stop: stop) { done, _ in
            if done == 10 { stop.request() }
        }
        #expect(result.failure == nil)
        #expect(result.summary.reason == .interrupted)
        #expect((10..<Clips.rampFrames).contains(result.summary.frames))
        #expect(result.frames.count == result.summary.frames)
        #expect(result.end?["reason"] as? String == "interrupted")
        #expect(!FileManager.default.fileExists(atPath: bench.folder.file("v.mp4")))
        #expect(try frameTimes(bench.folder.file("v.partial.mp4")).count == result.summary.frames)
    }

    @Test func aStopBeforeTheStartEndsAtOnce() throws {
        let stop = StopSignal()
        stop.request()
        let error = #expect(throws: MediaError.self) { try bench.process(try Clips.ramp(), stop: stop) }
        #expect(error?.kind == .interrupted)
    }

    @Test func aFullDiskUnderTheLogEndsTheRun() throws {
        let result = try bench.process(
            try Clips.ramp(), video: bench.folder.file("v.mp4"), log: "/dev/full")
        let error = try #require(result.failure as? OutputError)
        #expect(error.description == "/dev/full: cannot be written: No space left on device")
        #expect(result.summary.reason == .error)
        #expect(result.summary.analysed == 0)
        #expect(!FileManager.default.fileExists(atPath: bench.folder.file("v.mp4")))
    }

    /// What was decoded when the run failed and never analysed is counted as dropped; and the input, which stays open and
    /// says nothing more, does not hold up the end.
    @Test func aFailureEndsARunWhoseInputIsSilent() throws {
        signal(SIGPIPE, SIG_IGN)
        let (pipe, log) = (bench.folder.file("frames.y4m"), bench.folder.file("log"))
        for path in [pipe, log] { #expect(mkfifo(path, 0o600) == 0) }
        // Opened for both, a pipe waits for no other end. A frame is larger than a pipe.
        let input = try #require(FileHandle(forUpdatingAtPath: pipe))
        let reader = try #require(FileHandle(forUpdatingAtPath: log))
        let (side, frames) = (256, 6)
        let ahead = DispatchSemaphore(value: 0)
        let (ended, rescued) = (Cancellation(), Locked(false))
        let writer = Thread {
            input.write(Data("YUV4MPEG2 W\(side) H\(side) F10:1 Ip A1:1 C420\n".utf8))
            for frame in 0..<frames {
                input.write(Data("FRAME\n".utf8) + Data(repeating: UInt8(16 + frame), count: side * side * 3 / 2))
            }
            ahead.signal()
            // Ends a run that would wait for ever.
            guard ended.pause(seconds: 600) else { return }
            rescued.withLock { $0 = true }
            input.closeFile()
        }
        writer.start()
        let result = try bench.process(pipe, log: log) { done, _ in
            if done == 1 {
                #expect(ahead.wait(timeout: .now() + 600) == .success)
                reader.closeFile()
            }
        }
        ended.cancel()
        #expect(!rescued.withLock { $0 })
        #expect((result.failure as? OutputError)?.message == "cannot be written: Broken pipe")
        #expect(result.summary.reason == .error)
        #expect(result.summary.analysed == 1)
        // The last frame may still be in the pipe, and the one before it on its way.
        #expect((frames - 2...frames).contains(result.summary.frames))
    }

    @Test func aVideoThatCannotBeCreatedEndsTheRunAndTheLogSaysWhy() throws {
        let result = try bench.process(try Clips.ramp(), video: bench.folder.file("none/v.mp4"))
        let error = try #require(result.failure as? MediaError)
        #expect(error.kind == .cannotCreate)
        #expect(result.end?["reason"] as? String == "error")
        #expect((result.end?["message"] as? String)?.contains("none/v.mp4: cannot be created") == true)
        #expect(result.end?.number("decoded") == Double(result.summary.frames))
        #expect(result.end?.number("analysed") == 1)
        #expect(result.end?.number("dropped") == Double(result.summary.frames - 1))
    }

    /// Output waits at the first frame until the decoder has taken so many more that no pipe could hold them: were the
    /// stages one after the other, both would wait for ever.
    @Test func theStagesOverlap() throws {
        let pipe = bench.folder.file("frames.y4m")
        #expect(mkfifo(pipe, 0o600) == 0)
        // A frame is larger than a pipe. Fewer are asked for than the queues hold.
        let (side, frames, inFlight) = (256, 40, 8)
        let ahead = DispatchSemaphore(value: 0)
        let writer = Thread {
            guard let file = FileHandle(forWritingAtPath: pipe) else { return }
            file.write(Data("YUV4MPEG2 W\(side) H\(side) F10:1 Ip A1:1 C420\n".utf8))
            for frame in 0..<frames {
                file.write(Data("FRAME\n".utf8) + Data(repeating: UInt8(16 + frame), count: side * side * 3 / 2))
                if frame == inFlight { ahead.signal() }
            }
            file.closeFile()
        }
        writer.start()
        let result = try bench.process(pipe) { done, _ in
            if done == 1 && ahead.wait(timeout: .now() + 600) == .timedOut {
                Issue.record("no frame was decoded while another was written")
            }
        }
        #expect(result.summary.frames == frames)
        #expect(result.frames.map { $0.number("frame") } == (0..<frames).map(Double.init))
    }

    @Test func aChangeOfSizeGoesOn() throws {
        let parts = [try Clips.moving("small.ts", size: "64x48"), try Clips.moving("large.ts", size: "160x96")]
        let both = try bench.folder.write(
            parts.flatMap { try Data(contentsOf: URL(fileURLWithPath: $0)) }, to: "both.ts")
        let video = bench.folder.file("v.mkv")
        let result = try bench.process(both, video: video)
        #expect(result.failure == nil)
        let sizes = result.frames.map { [$0.number("width"), $0.number("height")] }
        #expect(sizes == Array(repeating: [64, 48], count: 20) + Array(repeating: [160, 96], count: 20))
        #expect(try frameTimes(video).count == 40)
        #expect(try FFmpegTool.probe(video, "stream=width,height", streams: "v") == [["64", "48"]])
    }

    @Test func damageIsCountedAndMarkedAndNothingSkipped() throws {
        var bytes = try [UInt8](
            Data(contentsOf: URL(fileURLWithPath: Clips.moving("moving.ts", size: "160x120", seconds: 4))))
        var random = SplitMix64(seed: 3)
        for _ in 0..<60 { bytes[Int.random(in: bytes.count / 4..<bytes.count, using: &random)] ^= 0x55 }
        let result = try bench.process(try bench.folder.write(bytes, to: "damaged.ts"))
        #expect(result.failure == nil)
        #expect(result.frames.count == result.summary.frames)
        #expect(result.frames.map { $0.number("frame") } == (0..<result.summary.frames).map(Double.init))
        let marked = result.frames.filter { $0["corrupt"] as? Bool == true }.count
        #expect(marked > 0)
        #expect(marked < result.summary.frames)
        #expect(result.end?.number("decode_errors") == Double(result.summary.decodeErrors))
    }

    @Test func aFileThatBreaksOffIsReadToThere() throws {
        let whole = try [UInt8](
            Data(contentsOf: URL(fileURLWithPath: Clips.moving("moving.ts", size: "160x120", seconds: 4))))
        let result = try bench.process(try bench.folder.write(whole.prefix(whole.count / 2), to: "half.ts"))
        #expect((10...30).contains(result.summary.frames))
        #expect(result.frames.count == result.summary.frames)
    }

    @Test func aFileWithoutAPictureIsAnError() throws {
        // The header of a clip, and no packet that can be decoded.
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Clips.ramp()))).prefix(700)
        #expect(throws: (any Error).self) {
            let result = try bench.process(try bench.folder.write(bytes, to: "head.mkv"))
            if let failure = result.failure { throw failure }
        }
    }

    private func frameTimes(_ path: String) throws -> [Double] {
        try FFmpegTool.probe(path, "frame=best_effort_timestamp_time", streams: "v").compactMap {
            $0.first.flatMap(Double.init)
        }
        .map { ($0 * 1000).rounded() }
    }
}
