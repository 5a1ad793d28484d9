import Detection
import Foundation
import Media
import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite(.timeLimit(.minutes(30)), .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct LiveStreamTests {
    /// The identity that always holds at the end: decoded = analysed + dropped by some reason.
    private func expectIdentity(_ records: [[String: Any]], sourceLocation: SourceLocation = #_sourceLocation) {
        guard let end = records.end else {
            Issue.record("no stream_end", sourceLocation: sourceLocation)
            return
        }
        let droppedBy = end["dropped_by"] as? [String: Int] ?? [:]
        let (decoded, analysed) = (end.number("decoded") ?? -1, end.number("analysed") ?? -2)
        #expect(decoded == analysed + (end.number("dropped") ?? -3), sourceLocation: sourceLocation)
        #expect(end.number("dropped") == Double(droppedBy.values.reduce(0, +)), sourceLocation: sourceLocation)
        #expect(Double(records.ofType("frame").count) == analysed, sourceLocation: sourceLocation)
        // Each record says how many frames before it were passed over.
        var next = 0.0
        for frame in records.ofType("frame") {
            #expect(frame.number("frame") == next + (frame.number("dropped") ?? -1), sourceLocation: sourceLocation)
            next = (frame.number("frame") ?? 0) + 1
        }
        let times = records.compactMap { $0["time"] as? String }
        #expect(times == times.sorted(), sourceLocation: sourceLocation)
    }

    /// Frames that came: a machine that falls behind does not decode them all.
    private func received(_ end: [String: Any]?) -> Int {
        let skipped = end?["skipped"] as? [String: Int] ?? [:]
        return Int(end?.number("decoded") ?? -1) + skipped.values.reduce(0, +)
    }

    @Test func aFilePlaysToItsEndAtItsOwnSpeed() throws {
        let bench = try LiveBench()
        let start = ContinuousClock.now
        let stream = try bench.start(bench.settings("file", Clips.moving("two.mkv", size: "64x64")))
        let ended = bench.await("file") { $0.state == .ended }
        #expect(ended != nil)
        // Twenty frames, a tenth of a second from the first to the second.
        #expect((ContinuousClock.now - start).seconds >= 1.8)
        bench.stop(stream)
        let records = try bench.records("file")
        #expect(records.types.first == "stream_up" && records.types.last == "stream_end")
        #expect(records.end?["reason"] as? String == "end")
        #expect(received(records.end) == 20)
        expectIdentity(records)
        #expect(bench.board.all.isEmpty)
    }

    @Test func aMadeStreetIsACameraThatNeverEnds() throws {
        let bench = try LiveBench()
        let stream = try bench.start(bench.settings("street", "demo:street?size=128x72&rate=20"))
        #expect(bench.await("street") { $0.frames.decoded > 15 && $0.frames.analysed > 0 } != nil)
        bench.stop(stream)
        let records = try bench.records("street")
        #expect(records.types.first == "stream_up" && records.types.last == "stream_end")
        #expect(records[0]["source"] as? String == "demo:street?size=128x72&rate=20")
        #expect(records[0].number("width") == 128 && records[0]["codec"] as? String == "h264")
        #expect(records.ofType("frame").allSatisfy { $0["time_source"] as? String == "arrival" })
        expectIdentity(records)
    }

    @Test func aLoopGoesOnAsOneStream() throws {
        let bench = try LiveBench()
        var settings = bench.settings("loop", try Clips.moving("one.mkv", size: "64x64", seconds: 1))
        settings.source.loops = true
        let stream = try bench.start(settings)
        #expect(bench.await("loop") { $0.frames.decoded > 25 } != nil)
        bench.stop(stream)
        let records = try bench.records("loop")
        #expect(records.ofType("stream_up").count == 1)
        #expect(records.ofType("gap").isEmpty && records.ofType("stream_down").isEmpty)
        #expect(records.end?["reason"] as? String == "interrupted")
        expectIdentity(records)
    }

    @Test func whatIsNotThereIsTriedAgainUntilItIs() throws {
        let bench = try LiveBench()
        let path = bench.folder.file("later.mkv")
        let stream = try bench.start(bench.settings("late", path))
        let down = bench.await("late") { if case .down = $0.state { true } else { false } }
        guard case .down(let reason, _, _)? = down?.state else {
            Issue.record("never down")
            return
        }
        #expect(reason == "not_found")
        try FileManager.default.copyItem(atPath: Clips.moving("two.mkv", size: "64x64"), toPath: path)
        #expect(bench.await("late") { $0.state == .ended } != nil)
        bench.stop(stream)
        let records = try bench.records("late")
        #expect(records.types.first == "stream_down")
        #expect(records.ofType("stream_up").count == 1)
        expectIdentity(records)
    }

    @Test func moreFramesThanAskedForAreCounted() throws {
        let bench = try LiveBench()
        var settings = bench.settings("slow", try Clips.moving("two.mkv", size: "64x64"))
        settings.analysis.mostFramesPerSecond = 2
        let stream = try bench.start(settings)
        #expect(bench.await("slow") { $0.state == .ended } != nil)
        bench.stop(stream)
        let records = try bench.records("slow")
        let end = try #require(records.end)
        #expect(received(end) == 20)
        let decoded = Int(end.number("decoded") ?? 0)
        // What is lost later, for want of time, had passed; what was not decoded never came so far.
        let passed = decoded - ((end["dropped_by"] as? [String: Int])?["rate"] ?? 0)
        #expect(passed <= 5 && passed + (20 - decoded) >= 4, "\(end)")
        expectIdentity(records)
    }

    @Test func emptyFramesMayBeLeftOutAndStillCount() throws {
        let bench = try LiveBench()
        var settings = bench.settings("quiet", try Clips.moving("two.mkv", size: "64x64"))
        settings.analysis.detection.threshold = 0.999_999
        settings.events?.logsEmpty = false
        let stream = try bench.start(settings)
        #expect(bench.await("quiet") { $0.state == .ended } != nil)
        bench.stop(stream)
        let records = try bench.records("quiet")
        #expect(records.types == ["stream_up", "stream_end"])
        #expect(received(records.end) == 20)
        #expect((records.end?.number("analysed") ?? 0) > 0)
    }

    /// A server that takes the connection and says nothing.
    @Test func aStopEndsAConnectionThatHangs() throws {
        let bench = try LiveBench()
        let silent = try SilentServer()
        var settings = bench.settings("hang", "rtsp://127.0.0.1:\(silent.port)/camera")
        settings.source.connectTimeout = 1200
        let stream = try bench.start(settings)
        silent.awaitConnection()
        let start = ContinuousClock.now
        bench.stop(stream)
        #expect((ContinuousClock.now - start).seconds < 600)
        #expect(try bench.records("hang").types == ["stream_end"])
    }

    @Test func aConnectionThatSaysNothingTimesOut() throws {
        let bench = try LiveBench()
        let silent = try SilentServer()
        var settings = bench.settings("dumb", "rtsp://user:secret@127.0.0.1:\(silent.port)/camera")
        settings.source.connectTimeout = 0.3
        let stream = try bench.start(settings)
        let down = bench.await("dumb") { if case .down = $0.state { true } else { false } }
        guard case .down(let reason, let message, _)? = down?.state else {
            Issue.record("never down")
            return
        }
        #expect(reason == "timeout")
        #expect(!message.contains("secret"))
        bench.stop(stream)
        let log = try String(contentsOfFile: bench.log("dumb"), encoding: .utf8)
        #expect(log.contains("\"reason\":\"timeout\"") && !log.contains("secret"))
    }

    @Test func whatWasFoundEndsWithTheConnection() throws {
        let bench = try LiveBench()
        let stream = try bench.start(bench.settings("file", Clips.moving("two.mkv", size: "64x64")))
        let newest = stream.parts.newest
        #expect(bench.await("file") { _ in !newest.current.isEmpty } != nil)
        #expect(bench.await("file") { $0.state == .ended } != nil)
        bench.stop(stream)
        #expect(newest.current.isEmpty)
    }

    @Test func manyStreamsShareOneLaneFairly() throws {
        let bench = try LiveBench(lanes: 1)
        let clip = try Clips.moving("many.mkv", size: "320x240", seconds: 3)
        let streams = try (0..<6).map { index in
            var settings = bench.settings("s\(index)", clip)
            settings.source.loops = true
            return try bench.start(settings)
        }
        for index in 0..<6 { #expect(bench.await("s\(index)") { $0.frames.analysed > 10 } != nil) }
        for stream in streams { stream.stop() }
        for stream in streams { bench.stop(stream) }
        for index in 0..<6 { try expectIdentity(bench.records("s\(index)")) }
    }

    @Test func anEarlierProcessThatWasKilledLeavesAGap() throws {
        let bench = try LiveBench()
        let left = #"{"v":1,"type":"frame","stream":"cut","time":"2020-01-01T00:00:00.000Z"}"#
        _ = try bench.folder.write("\(left)\n{\"v\":1,\"ty".utf8, to: "cut.jsonl")
        let stream = try bench.start(bench.settings("cut", Clips.moving("two.mkv", size: "64x64")))
        #expect(bench.await("cut") { $0.state == .ended } != nil)
        bench.stop(stream)
        let records = try bench.records("cut")
        #expect(Array(records.types.prefix(3)) == ["frame", "gap", "stream_up"])
        #expect(records[1]["reason"] as? String == "restart")
        #expect((records[1].number("seconds") ?? 0) > 1e8)
    }
}
