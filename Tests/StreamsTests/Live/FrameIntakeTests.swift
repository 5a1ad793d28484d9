import Detection
import Foundation
import Media
import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite(.timeLimit(.minutes(60)), .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct FrameIntakeTests {
    private let bench: LiveBench
    private let parts: LiveStream.Parts
    private let source: VideoSource

    init() throws {
        bench = try LiveBench()
        source = try VideoSource(Clips.moving("two.mkv", size: "64x64"))
        let newest = NewestDetections()
        parts = LiveStream.Parts(
            settings: bench.settings("gate", "two.mkv"), status: StreamStatus(name: "gate", source: "two.mkv"),
            engine: bench.engine,
            slot: FrameSlot(
                network: bench.network, sizes: [.network], resize: .letterbox, options: DetectionOptions()),
            events: nil, video: nil, preview: nil, feed: EventFeed(), newest: newest, logger: bench.journal.logger)
        parts.engine.add(parts.slot, weight: 1)
    }

    private func frame() throws -> Frame {
        guard case .frame(let frame) = try source.next() else { throw RecordingBench.TornLine() }
        return frame
    }

    /// What waits to be written, a word each.
    private func written() -> [String] {
        _ = parts.engine.close(parts.slot)
        var words: [String] = []
        while let item = parts.slot.results.pop() {
            switch item {
            case .up: words.append("up")
            case .gap(let gap): words.append("\(gap.reason.rawValue) \(gap.frames ?? 0)")
            case .frame(let analysed): words.append("frame \(analysed.live.index)")
            default: words.append("other")
            }
        }
        return words
    }

    @Test func whatIsDiscardedBeforeDecodingIsAGap() throws {
        let intake = FrameIntake(parts)
        intake.connected(to: source.info, continuing: false)
        intake.take(try frame())
        parts.engine.awaitTaken(parts.slot, seconds: 600)
        intake.missed(7)
        intake.missed(4)
        intake.take(try frame())
        parts.engine.awaitTaken(parts.slot, seconds: 600)
        #expect(written() == ["up", "frame 0", "overflow 11", "frame 1"])
    }

    /// The gap between two connections tells of it.
    @Test func whatIsDiscardedBeforeTheEndIsNotToldLater() throws {
        let intake = FrameIntake(parts)
        intake.connected(to: source.info, continuing: false)
        intake.missed(7)
        intake.connected(to: source.info, continuing: false)
        intake.take(try frame())
        parts.engine.awaitTaken(parts.slot, seconds: 600)
        #expect(written() == ["up", "frame 0"])
    }

    @Test func lostRecordsAreToldOnce() throws {
        let gap = StreamItem.gap(
            Gap(stamp: EventStamp(stream: "gate", time: nil, timeSource: .arrival), reason: .overflow))
        for _ in 0..<40 { parts.post(gap) }
        #expect(bench.journal.lines == ["warning: records are lost: too much waits to be written"])
        _ = parts.slot.results.pop().map { parts.engine.written($0, of: parts.slot) }
        parts.post(gap)
        #expect(bench.journal.lines.count == 1)
        parts.post(gap)
        #expect(bench.journal.lines.count == 2)
        // At the end nobody is told of what is no longer wanted.
        parts.stop.request()
        parts.post(gap)
        #expect(bench.journal.lines.count == 2)
        #expect(written().count == 16)
    }
}
