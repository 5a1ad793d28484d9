import Detection
import Foundation
import Media
import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage)) struct SlotSizesTests {
    private let folder: TemporaryFolder
    private let network: LoadedNetwork
    private let frame: Frame
    private let small = InputShape(width: 32, height: 32)
    private let large = InputShape(width: 64, height: 64)

    init() throws {
        folder = try TemporaryFolder()
        let names = try TinyNetwork.write(to: folder)
        network = try NetworkFiles(cfg: names.cfg, weights: names.weights).load()
        frame = try Self.frame(of: Clips.ramp())
    }

    private static func frame(of clip: String) throws -> Frame {
        let source = try VideoSource(clip)
        guard case .frame(let first) = try source.next() else { throw RecordingBench.TornLine() }
        return first
    }

    private func slot(_ sizes: [InputSize]) -> FrameSlot {
        FrameSlot(network: network, sizes: sizes, resize: .letterbox, options: DetectionOptions())
    }

    /// A slot that has lost half of its frames for long enough.
    private func pressed(_ sizes: inout SlotSizes, at now: inout MonotonicTime) -> FrameSlot {
        let slot = slot([.fixed(width: 64, height: 64), .fixed(width: 32, height: 32)])
        sizes.adapt(slot, to: frame)
        for count in 0..<50 {
            now = now + 0.05
            sizes.wanted(slot, dropsOther: count % 2 == 0, of: [ObjectIdentifier(slot): slot], at: now)
            if count % 2 == 1 { sizes.analysed(slot, large, seconds: 0.2, at: now) }
        }
        return slot
    }

    @Test func sizesAreSortedByAreaAndEachCountsOnce() {
        let slot = slot([
            .longerSide(416), .fixed(width: 64, height: 64), .network, .fixed(width: 96, height: 32),
            .fixed(width: 32, height: 32),
        ])
        #expect(slot.shapes.isEmpty)
        slot.adapt(to: frame)
        #expect(slot.shapes.map(\.area) == slot.shapes.map(\.area).sorted())
        #expect(slot.shapes.prefix(3).map(\.width) == [32, 96, 64])
        #expect(slot.shapes.count == 4)
    }

    @Test func everyLaneIsReadyBeforeASizeIsUsed() {
        var (sizes, now) = (SlotSizes(lanes: 2), MonotonicTime.now)
        let slot = pressed(&sizes, at: &now)
        let first = sizes.preparation(for: 1)
        #expect(first?.slot === slot && first?.shape == small)
        // The other lane goes on meanwhile.
        let meanwhile = sizes.preparation(for: 0)
        #expect(meanwhile == nil)
        #expect(sizes.kinds(of: [slot]) == [InferenceLane.Kind(slot, small), InferenceLane.Kind(slot, large)])
        let afterOne = sizes.prepared(slot, small, by: 1, .success(()), at: now)
        #expect(afterOne == nil && sizes.shape(of: slot) == large)
        let (again, second) = (sizes.preparation(for: 1), sizes.preparation(for: 0))
        #expect(again == nil && second?.shape == small)
        let report = sizes.prepared(slot, small, by: 0, .success(()), at: now)
        #expect(report?.message == "analysing at 32x32 (was 64x64): 50 % of frames were dropped")
        #expect(sizes.shape(of: slot) == small)
        #expect(sizes.kinds(of: [slot]) == [InferenceLane.Kind(slot, small)])
        let nothing = sizes.preparation(for: 0)
        #expect(nothing == nil)
    }

    @Test func aSizeThatCannotBeMadeIsNotUsed() {
        var (sizes, now) = (SlotSizes(lanes: 2), MonotonicTime.now)
        let slot = pressed(&sizes, at: &now)
        let first = sizes.preparation(for: 0)
        #expect(first != nil)
        let report = sizes.prepared(slot, small, by: 0, .failure(DetectionError("no memory")), at: now)
        #expect(report?.message == "cannot be analysed at 32x32, stays at 64x64: no memory")
        let other = sizes.preparation(for: 1)
        #expect(sizes.shape(of: slot) == large && other == nil)
    }

    /// A camera is turned while lanes make ready for what it was.
    @Test func picturesMayChangeTheirShapeMeanwhile() throws {
        var (sizes, now) = (SlotSizes(lanes: 1), MonotonicTime.now)
        let wide = try Self.frame(of: Clips.moving("wide.mkv", size: "128x32"))
        let slot = slot([.fixed(width: 64, height: 64), .longerSide(64), .fixed(width: 32, height: 32)])
        sizes.adapt(slot, to: wide)
        #expect(slot.shapes.count == 3)
        for count in 0..<50 {
            now = now + 0.05
            sizes.wanted(slot, dropsOther: count % 2 == 0, of: [ObjectIdentifier(slot): slot], at: now)
            if count % 2 == 1 { sizes.analysed(slot, large, seconds: 0.2, at: now) }
        }
        let made = sizes.preparation(for: 0)?.shape
        #expect(made == InputShape(width: 64, height: 32))
        sizes.adapt(slot, to: frame)
        #expect(slot.shapes == [small, large])
        // What was being made is not for these: they are analysed as they were, and lanes let go of it.
        let report = sizes.prepared(slot, InputShape(width: 64, height: 32), by: 0, .success(()), at: now)
        #expect(report == nil && sizes.shape(of: slot) == large)
        #expect(sizes.kinds(of: [slot]) == [InferenceLane.Kind(slot, large)])
    }

    @Test func lanesTidyWhenPicturesChangeTheirShape() throws {
        var sizes = SlotSizes(lanes: 1)
        let slot = slot([.longerSide(64)])
        sizes.adapt(slot, to: frame)
        let before = sizes.generation
        sizes.adapt(slot, to: frame)
        #expect(sizes.generation == before)
        sizes.adapt(slot, to: try Self.frame(of: Clips.moving("wide.mkv", size: "128x32")))
        #expect(sizes.generation == before + 1)
    }

    /// A disk that hangs: the stream loses all its frames, and no size would help.
    @Test func whatCannotBeWrittenIsNoPressure() {
        var (sizes, now) = (SlotSizes(lanes: 1), MonotonicTime.now)
        let stuck = slot([.fixed(width: 64, height: 64), .fixed(width: 32, height: 32)])
        let other = slot([.fixed(width: 64, height: 64), .fixed(width: 32, height: 32)])
        let slots = [ObjectIdentifier(stuck): stuck, ObjectIdentifier(other): other]
        for slot in [stuck, other] { sizes.adapt(slot, to: frame) }
        let live = LiveFrame(
            frame: frame, index: 0, captured: CaptureClock.Time(date: Date(), source: .arrival), arrival: .now)
        for _ in 0..<2 {
            _ = stuck.replace(live)
            #expect(stuck.take() != nil)
            stuck.computed()
        }
        func run(at now: inout MonotonicTime) -> InputShape? {
            for _ in 0..<50 {
                now = now + 0.1
                sizes.wanted(stuck, dropsOther: true, of: slots, at: now)
                sizes.wanted(other, dropsOther: false, of: slots, at: now)
                for slot in [stuck, other] { sizes.analysed(slot, large, seconds: 0.05, at: now) }
            }
            return sizes.preparation(for: 0)?.shape
        }
        let whileStuck = run(at: &now)
        #expect(whileStuck == nil)
        // The same once it is written, and the lane is what is short.
        for _ in 0..<2 { stuck.written(.frame(AnalysedFrame(live: live, shape: large, detections: .success([])))) }
        let afterwards = run(at: &now)
        #expect(afterwards == small)
    }

    @Test func aStreamThatEndsTakesItsChangeAlong() {
        var (sizes, now) = (SlotSizes(lanes: 2), MonotonicTime.now)
        let slot = pressed(&sizes, at: &now)
        let first = sizes.preparation(for: 0)
        #expect(first != nil)
        sizes.remove(slot)
        let report = sizes.prepared(slot, small, by: 0, .success(()), at: now)
        let other = sizes.preparation(for: 1)
        #expect(report == nil && other == nil && sizes.kinds(of: []).isEmpty)
    }

    @Test func whatIsLargerAgainSaysWhy() {
        #expect(
            SizeReport(from: small, to: large, dropped: 0, failure: nil).message
                == "analysing at 64x64 (was 32x32): there is room again")
    }

    @Test func aLaneKeepsWhatIsUsedAndNoMoreThanSixteen() throws {
        let lane = InferenceLane(threads: 1, heartbeat: Heartbeats().make("lane"))
        let slot = slot([.network])
        for count in 1...20 { try lane.prepare(slot, InputShape(width: 32 * count, height: 32), batch: 1) }
        #expect(lane.ready.count == 16)
        let kept = InferenceLane.Kind(slot, InputShape(width: 640, height: 32))
        lane.keepOnly([slot], [kept])
        #expect(lane.ready == [kept: [1]])
        // Frames that come together are not to wait either.
        try lane.prepare(slot, small, batch: 3)
        #expect(lane.ready == [kept: [1], InferenceLane.Kind(slot, small): [1, 3]])
    }
}
