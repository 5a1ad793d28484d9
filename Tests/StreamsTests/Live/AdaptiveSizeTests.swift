import Detection
import Foundation
import Media
import TestSupport
import Testing

@testable import Streams

/// Streams with several sizes on a real engine, against the clock.
@Suite(.serialized, .timeLimit(.minutes(10)), .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct AdaptiveSizeTests {
    private static let small = InputSize.fixed(width: 32, height: 32)
    private static let large = InputSize.fixed(width: 2048, height: 2048)

    /// So many pictures a second, for ever.
    private func settings(
        _ bench: LiveBench, _ name: String, rate: Int = 50, sizes: [InputSize]
    ) throws -> StreamSettings {
        let clip = try FFmpegTool.clip(
            "rate\(rate).mkv",
            [
                "-f", "lavfi", "-i", "testsrc2=s=64x64:r=\(rate)", "-t", "2", "-pix_fmt", "yuv420p", "-c:v", "libx264",
                "-preset", "ultrafast", "-g", "25",
            ])
        var settings = bench.settings(name, clip)
        settings.source.loops = true
        settings.analysis.sizes = sizes
        return settings
    }

    /// Share of the frames after the first `start` that was dropped for want of time, up to a moment.
    private func droppedShare(_ snapshot: StreamSnapshot, since start: FrameCounts = FrameCounts()) -> Double {
        let dropped = snapshot.frames.dropped[.busy, default: 0] - start.dropped[.busy, default: 0]
        return Double(dropped) / Double(max(1, snapshot.frames.decoded - start.decoded))
    }

    @Test func underALoadThatCannotBeHeldItStepsDownAndDropsLess() throws {
        let bench = try LiveBench()
        let stream = try bench.start(settings(bench, "gate", sizes: [Self.small, Self.large]))
        let before = try #require(bench.await("gate") { $0.frames.decoded >= 50 && $0.frames.analysed > 0 })
        #expect(before.inputWidth == 2048)
        let changed = try #require(bench.await("gate") { $0.inputWidth == 32 })
        let after = try #require(bench.await("gate") { $0.frames.decoded >= changed.frames.decoded + 50 })
        let shares = (droppedShare(before), droppedShare(after, since: changed.frames))
        #expect(shares.0 > 0.3 && shares.1 < shares.0 / 2, "\(shares)")
        bench.stop(stream)
        let lines = bench.journal.lines.filter { $0.contains("analysing") }
        #expect(lines.first?.hasPrefix("info: analysing at 32x32 (was 2048x2048): ") == true, "\(lines)")
        // Each record says what it was analysed at.
        let widths = try bench.records("gate").ofType("frame").map { ($0["input"] as? [String: Int])?["w"] }
        #expect(widths.first == 2048 && widths.last == 32 && !widths.contains(nil))
        #expect(try bench.records("gate").first?.number("input_width") == 2048)
    }

    @Test func whenTheLoadGoesItStepsUpAgain() throws {
        let bench = try LiveBench()
        let (small, medium) = (Self.small, InputSize.fixed(width: 64, height: 64))
        let other = try bench.start(settings(bench, "other", sizes: [Self.large]))
        #expect(bench.await("other") { $0.frames.analysed > 0 } != nil)
        let stream = try bench.start(settings(bench, "gate", rate: 10, sizes: [medium, small]))
        #expect(bench.await("gate") { $0.inputWidth == 64 } != nil)
        #expect(bench.await("gate") { $0.inputWidth == 32 } != nil)
        bench.stop(other)
        #expect(bench.await("gate", seconds: 60) { $0.inputWidth == 64 } != nil)
        #expect(bench.journal.lines.last == "info: analysing at 64x64 (was 32x32): there is room again")
        bench.stop(stream)
    }
}
