import Darknet
import Detection
import Foundation
import Media
import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite(.timeLimit(.minutes(30)), .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct InferenceEngineTests {
    /// An engine on the tiny network, and frames of a ramp from black to white.
    private final class Bench {
        let folder: TemporaryFolder
        let network: LoadedNetwork
        let engine: InferenceEngine
        let frames: [LiveFrame]

        init(lanes: Int = 1, batch: Int = 1) throws {
            folder = try TemporaryFolder()
            let names = try TinyNetwork.write(to: folder)
            network = try NetworkFiles(cfg: names.cfg, weights: names.weights).load()
            engine = try InferenceEngine(
                InferenceEngine.Options(lanes: lanes, threads: lanes, batch: batch), heartbeats: Heartbeats())
            let source = try VideoSource(Clips.ramp())
            var frames: [LiveFrame] = []
            while let item = try source.next() {
                guard case .frame(let frame) = item else { continue }
                frames.append(
                    LiveFrame(
                        frame: frame, index: frame.index,
                        captured: CaptureClock.Time(date: Date(), source: .arrival), arrival: .now))
            }
            self.frames = frames
        }

        deinit { engine.stop() }

        func slot(weight: Double = 1, sizes: InputSize...) -> FrameSlot {
            let slot = FrameSlot(
                network: network, sizes: sizes.isEmpty ? [.network] : sizes, resize: .stretch,
                options: DetectionOptions(threshold: 0.001))
            engine.add(slot, weight: weight)
            return slot
        }

        /// The next frame that the slot's results hold.
        func pop(_ slot: FrameSlot) -> AnalysedFrame? {
            while let item = slot.results.pop() {
                engine.written(item, of: slot)
                guard case .frame(let analysed) = item else { continue }
                return analysed
            }
            return nil
        }
    }

    @Test func theNewestFrameWins() throws {
        let bench = try Bench()
        let slot = bench.slot()
        // As many as a slot may have under way while nothing is written.
        for frame in bench.frames.prefix(2) {
            #expect(bench.engine.put(frame, into: slot) == nil)
            bench.engine.awaitTaken(slot, seconds: 600)
        }
        #expect(bench.engine.put(bench.frames[2], into: slot) == nil)
        #expect(bench.engine.put(bench.frames[3], into: slot)?.index == 2)
        #expect(bench.engine.put(bench.frames[4], into: slot)?.index == 3)
        #expect((0..<3).map { _ in bench.pop(slot)?.live.index } == [0, 1, 4])
        #expect(bench.engine.close(slot) == nil)
        #expect(bench.pop(slot) == nil)
    }

    @Test(arguments: [(1, 1), (3, 1), (1, 2), (2, 3)])
    func everyAnswerBelongsToItsFrame(_ lanes: Int, _ batch: Int) throws {
        let bench = try Bench(lanes: lanes, batch: batch)
        let slots = (0..<3).map { _ in bench.slot() }
        var last = [-1, -1, -1]
        for start in stride(from: 0, to: 45, by: 3) {
            for (index, slot) in slots.enumerated() {
                #expect(bench.engine.put(bench.frames[start + index], into: slot) == nil)
            }
            for (index, slot) in slots.enumerated() {
                let analysed = try #require(bench.pop(slot))
                #expect(analysed.live.index == start + index)
                #expect(analysed.live.index > last[index])
                last[index] = analysed.live.index
                let expected = TinyNetwork.confidence(grey: Clips.grey(start + index))
                let found = try analysed.detections.get().first
                #expect(abs(Double(found?.confidence ?? -1) - expected) < 0.01)
            }
        }
    }

    @Test func sharesFollowTheWeights() throws {
        let bench = try Bench()
        // Large enough that both always wait for their turn.
        let size = InputSize.fixed(width: 320, height: 320)
        let slots = [bench.slot(weight: 1, sizes: size), bench.slot(weight: 4, sizes: size)]
        let enough = 120
        let counts = Locked([0, 0])
        let (engine, frame) = (bench.engine, bench.frames[0])
        let readers = try slots.enumerated().map { index, slot in
            try StageThread("reader-\(index)") {
                while let item = slot.results.pop() {
                    engine.written(item, of: slot)
                    counts.withLock { $0[index] += 1 }
                }
            }
        }
        // Where this thread comes late with a frame, the other slot has its turn for nothing: one round of many in which
        // it mostly does not is enough.
        var (ratio, rounds) = (0.0, 0)
        repeat {
            let before = counts.withLock { $0 }
            while counts.withLock({ $0.reduce(0, +) }) < before.reduce(enough, +) {
                for slot in slots { _ = engine.put(frame, into: slot) }
                engine.awaitTaken(slots[1], seconds: 1)
            }
            let after = counts.withLock { $0 }
            ratio = Double(after[1] - before[1]) / Double(after[0] - before[0])
            rounds += 1
        } while rounds < 50 && !(2...8).contains(ratio)
        for slot in slots { _ = engine.close(slot) }
        for reader in readers { reader.join() }
        #expect((2...8).contains(ratio))
    }

    @Test func aClosedSlotGivesBackWhatWaited() throws {
        let bench = try Bench()
        let slot = bench.slot()
        for frame in bench.frames.prefix(2) {
            _ = bench.engine.put(frame, into: slot)
            bench.engine.awaitTaken(slot, seconds: 600)
        }
        _ = bench.engine.put(bench.frames[2], into: slot)
        #expect(bench.engine.close(slot)?.index == 2)
        #expect(bench.engine.put(bench.frames[3], into: slot)?.index == 3)
        #expect(
            !bench.engine.post(
                .gap(Gap(stamp: EventStamp(stream: "s", time: nil, timeSource: .arrival), reason: .overflow)), to: slot)
        )
        // What was in the network still comes out, and then the end.
        #expect([bench.pop(slot)?.live.index, bench.pop(slot)?.live.index] == [0, 1])
        #expect(bench.pop(slot) == nil)
    }

    /// A disk that hangs must not take the memory, nor the lanes that serve other streams.
    @Test func soManyItemsAndNoMore() throws {
        let bench = try Bench()
        let (slot, other) = (bench.slot(), bench.slot())
        let gap = Gap(stamp: EventStamp(stream: "s", time: nil, timeSource: .arrival), reason: .overflow)
        let taken = (0..<100).filter { _ in bench.engine.post(.gap(gap), to: slot) }.count
        #expect(taken > 0 && taken < 64)
        _ = bench.engine.put(bench.frames[0], into: slot)
        _ = bench.engine.put(bench.frames[1], into: other)
        #expect(bench.pop(other)?.live.index == 1)
        #expect(bench.pop(slot)?.live.index == 0)
        #expect(bench.engine.post(.gap(gap), to: slot))
    }

    /// A lane has the place for an item, but has not put it there yet when the stream is closed and a later frame is done.
    @Test func theResultsWaitForEachPlaceThatWasTaken() throws {
        let bench = try Bench()
        let slot = bench.slot()
        #expect(slot.post() == 0)
        #expect(bench.engine.put(bench.frames[0], into: slot) == nil)
        bench.engine.awaitTaken(slot, seconds: 600)
        #expect(bench.engine.close(slot) == nil)
        // The lane is done with the frame.
        bench.engine.stop()
        #expect(slot.computing == 0 && !slot.isComplete)
        #expect(slot.results.push(.disconnected, at: 0))
        slot.arrived()
        #expect(slot.isComplete)
        guard case .disconnected? = slot.results.pop() else {
            Issue.record("the item is lost")
            return
        }
        #expect(bench.pop(slot)?.live.index == 0)
        #expect(bench.pop(slot) == nil)
    }

    @Test func otherItemsKeepTheirPlaceAmongFrames() throws {
        let bench = try Bench()
        let slot = bench.slot()
        let gap = Gap(stamp: EventStamp(stream: "s", time: nil, timeSource: .arrival), reason: .overflow)
        _ = bench.engine.put(bench.frames[0], into: slot)
        bench.engine.awaitTaken(slot, seconds: 600)
        #expect(bench.engine.post(.gap(gap), to: slot))
        _ = bench.engine.put(bench.frames[1], into: slot)
        bench.engine.awaitTaken(slot, seconds: 600)
        _ = bench.engine.close(slot)
        var kinds: [String] = []
        while let item = slot.results.pop() {
            switch item {
            case .frame(let analysed): kinds.append("\(analysed.live.index)")
            case .gap: kinds.append("gap")
            default: kinds.append("other")
            }
        }
        #expect(kinds == ["0", "gap", "1"])
    }
}
