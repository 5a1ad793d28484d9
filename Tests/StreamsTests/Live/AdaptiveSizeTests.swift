import Detection
import Foundation
import Media
import TestSupport
import Testing

@testable import Streams

/// Streams with several sizes on a real engine, against the clock.
@Suite(.serialized, .timeLimit(.minutes(60)), .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct AdaptiveSizeTests {
    private static let small = InputSize.fixed(width: 32, height: 32)
    private static let large = InputSize.fixed(width: side, height: side)

    /// A frame takes longer than the next is away. Most of that goes into comparing the boxes of all cells, each with
    /// each, which takes many times as long where it is not optimised.
    private static var side: Int {
        #if DEBUG
            1280
        #else
            2048
        #endif
    }

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

    /// Percentage of the frames between two moments that was dropped for want of time.
    private func percentDropped(from start: FrameCounts, to end: FrameCounts) -> Int {
        let dropped = end.dropped[.busy, default: 0] - start.dropped[.busy, default: 0]
        return 100 * dropped / max(1, end.decoded - start.decoded)
    }

    @Test func underALoadThatCannotBeHeldItStepsDownAndDropsLess() throws {
        let bench = try LiveBench()
        let stream = try bench.start(settings(bench, "gate", sizes: [Self.small, Self.large]))
        var start = try #require(bench.await("gate") { $0.inputWidth == 32 }).frames
        let (begin, end) = ("info: analysing at 32x32 (was \(Self.side)x\(Self.side)): ", " % of frames were dropped")
        let line = try #require(bench.journal.lines.first { $0.contains("analysing") })
        try #require(line.hasPrefix(begin) && line.hasSuffix(end), "\(line)")
        let before = try #require(Int(line.dropFirst(begin.count).dropLast(end.count)))
        // Fifty frames in a row of which less than half as many are dropped: on a busy machine not the first fifty.
        let relief = bench.await("gate") { now in
            guard now.frames.decoded >= start.decoded + 50 else { return false }
            defer { start = now.frames }
            return percentDropped(from: start, to: now.frames) < before / 2
        }
        #expect(relief != nil, "\(before) % before")
        bench.stop(stream)
        // Each record says what it was analysed at.
        let widths = try bench.records("gate").ofType("frame").map { ($0["input"] as? [String: Int])?["w"] }
        #expect(widths.first == Self.side && widths.last == 32 && !widths.contains(nil))
        #expect(try bench.records("gate").first?.number("input_width") == Double(Self.side))
    }

    @Test func whenTheLoadGoesItStepsUpAgain() throws {
        let bench = try LiveBench()
        let (small, medium) = (Self.small, InputSize.fixed(width: 64, height: 64))
        let other = try bench.start(settings(bench, "other", sizes: [Self.large]))
        #expect(bench.await("other") { $0.frames.analysed > 0 } != nil)
        let stream = try bench.start(settings(bench, "gate", rate: 10, sizes: [medium, small]))
        // That it began at 64 says the journal: it may last for less than the wait looks away.
        #expect(bench.await("gate") { $0.inputWidth == 32 } != nil)
        #expect(bench.journal.lines.contains { $0.hasPrefix("info: analysing at 32x32 (was 64x64): ") })
        bench.stop(other)
        #expect(bench.await("gate") { $0.inputWidth == 64 } != nil)
        #expect(bench.journal.lines.contains("info: analysing at 64x64 (was 32x32): there is room again"))
        bench.stop(stream)
    }
}
