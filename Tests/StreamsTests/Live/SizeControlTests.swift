import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite struct SizeControlTests {
    /// An engine as `SizeControl` sees it: streams that want frames at some rate, lanes that take as long for one as its
    /// size asks for, and fair shares of what the lanes can do.
    private struct Engine {
        struct Stream {
            var rate: Double
            /// Seconds of a lane for a frame of the largest size.
            var cost: Double
            var areas: [Int]
            /// Frames, and those dropped, that are not whole yet.
            var owed = (wanted: 0.0, dropped: 0.0)
        }

        let lanes: Double
        var control: SizeControl<Int>
        var streams: [Int: Stream] = [:]
        var now = MonotonicTime.now
        var steps: [(seconds: Double, step: SizeControl<Int>.Step)] = []
        private var seconds = 0.0

        init(lanes: Int = 1) {
            self.lanes = Double(lanes)
            control = SizeControl(lanes: lanes)
        }

        mutating func add(_ id: Int, rate: Double, cost: Double, areas: [Int] = [40, 60, 80, 100]) {
            streams[id] = Stream(rate: rate, cost: cost, areas: areas)
            control.set(areas, of: id)
        }

        mutating func remove(_ id: Int) {
            streams[id] = nil
            control.remove(id)
        }

        func rung(_ id: Int) -> Int? { control.rung(of: id) }
        func area(_ id: Int) -> Int { streams[id]!.areas[control.rung(of: id)!] }
        func cost(_ id: Int) -> Double { streams[id]!.cost * Double(area(id)) / Double(streams[id]!.areas.last!) }

        /// Of the lanes, with the sizes as they are; 1 is all there is.
        var load: Double { streams.reduce(0) { $0 + $1.value.rate * cost($1.key) } / lanes }
        var ups: Int { steps.count { $0.step.isUp } }

        /// Lets time pass; steps are taken as soon as they are decided, or fail.
        mutating func run(_ length: Double, failing: (SizeControl<Int>.Step) -> Bool = { _ in false }) {
            let tick = 0.1
            for _ in 0..<Int((length / tick).rounded()) {
                (now, seconds) = (now + tick, seconds + tick)
                let share = max(0, 1 - 1 / load)
                for id in streams.keys.sorted() {
                    streams[id]!.owed.wanted += streams[id]!.rate * tick
                    while streams[id]!.owed.wanted >= 1 {
                        streams[id]!.owed.wanted -= 1
                        streams[id]!.owed.dropped += share
                        let isDropped = streams[id]!.owed.dropped >= 1
                        if isDropped { streams[id]!.owed.dropped -= 1 }
                        control.wanted(id, dropsOther: isDropped)
                        if !isDropped { control.analysed(id, area: area(id), seconds: cost(id), at: now) }
                    }
                }
                guard let step = control.step(at: now) else { continue }
                if failing(step) { control.failed(step, at: now) } else { control.took(step, at: now) }
                steps.append((seconds, step))
            }
        }
    }

    @Test func whatFitsStaysAtItsLargest() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.09)
        engine.run(600)
        #expect(engine.steps.isEmpty && engine.rung(0) == 3)
    }

    @Test func underPressureItStepsDownUntilItFits() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.15)
        engine.run(30)
        // 1.5, then 1.2, then 0.9 of what the lane can do.
        #expect(engine.steps.map(\.step.to) == [2, 1])
        #expect(zip(engine.steps, [0.33, 0.17]).allSatisfy { abs($0.step.dropped - $1) < 0.05 })
        // A window each, and no more.
        #expect((engine.steps.last?.seconds ?? 9) < 2 * SizeControl<Int>.window + 1)
    }

    @Test func belowTheSmallestItOnlyDrops() {
        var engine = Engine()
        engine.add(0, rate: 25, cost: 1)
        engine.add(1, rate: 25, cost: 1, areas: [100])
        engine.run(120)
        #expect(engine.rung(0) == 0 && engine.rung(1) == 0)
        #expect(engine.steps.count == 3)
    }

    @Test func fewDropsAreNoPressure() {
        var engine = Engine()
        engine.add(0, rate: 20, cost: 0.054)
        engine.run(300)
        #expect(engine.load > 1.05 && engine.steps.isEmpty)
    }

    /// They come in bursts, or their records cannot be written.
    @Test func dropsWhileLanesAreFreeAreNoPressure() {
        var control = SizeControl<Int>(lanes: 1)
        control.set([40, 100], of: 0)
        var now = MonotonicTime.now
        for count in 0..<1000 {
            now = now + 0.1
            control.wanted(0, dropsOther: count % 2 == 0)
            if count % 2 == 1 { control.analysed(0, area: 100, seconds: 0.05, at: now) }
            let step = control.step(at: now)
            #expect(step == nil)
        }
    }

    @Test func whenThereIsRoomItStepsUpOneByOne() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.15)
        engine.run(30)
        engine.streams[0]!.rate = 4
        let before = engine.steps.count
        engine.run(60)
        #expect(engine.steps.dropFirst(before).map(\.step.to) == [2, 3])
        let times = engine.steps.dropFirst(before).map(\.seconds)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= SizeControl<Int>.shortestPause })
    }

    /// It would fit, but then nothing could come.
    @Test func roomIsMoreThanJustEnough() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.15)
        engine.run(30)
        // At the next size the lane would be busy for 0.84 of the time.
        engine.streams[0]!.rate = 7
        engine.run(600)
        #expect(engine.rung(0) == 1 && engine.ups == 0)
    }

    @Test func equalStreamsStepInTurn() {
        var engine = Engine(lanes: 2)
        for id in 0..<8 { engine.add(id, rate: 10, cost: 0.04) }
        engine.run(120)
        #expect(engine.load < 1.12)
        let rungs = (0..<8).compactMap { engine.rung($0) }
        #expect((rungs.max() ?? 9) - (rungs.min() ?? 0) <= 1, "\(rungs)")
        // Never two at once, and no more than it takes: one more up would be too much again.
        let times = engine.steps.map(\.seconds)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= SizeControl<Int>.window - 0.01 })
        #expect(engine.load > 0.95 && engine.ups == 0)
        for id in 0..<8 { engine.streams[id]!.rate = 3 }
        engine.run(600)
        #expect((0..<8).allSatisfy { engine.rung($0) == 3 } && engine.load < 0.7)
    }

    @Test func whoTakesMostGivesWay() {
        var engine = Engine()
        engine.add(0, rate: 30, cost: 0.04)
        for id in 1..<5 { engine.add(id, rate: 1, cost: 0.04) }
        engine.run(60)
        // At the next smaller size it still is the one.
        #expect(engine.steps.map(\.step.id) == [0, 0] && engine.load < 1)
    }

    @Test func aStreamWithoutChoiceCountsAsLoad() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.05)
        engine.add(1, rate: 10, cost: 0.07, areas: [100])
        engine.run(30)
        #expect(engine.rung(0) == 2)
        engine.remove(1)
        engine.run(30)
        #expect(engine.rung(0) == 3)
    }

    /// A size that costs more than its area tells, as where a cache is too small for it.
    @Test func aSizeThatWasTooMuchIsRemembered() {
        var control = SizeControl<Int>(lanes: 1)
        control.set([50, 100], of: 0)
        var (now, ups, steps) = (MonotonicTime.now, 0, 0)
        func cost() -> Double { control.rung(of: 0) == 1 ? 0.2 : 0.03 }
        for _ in 0..<Int(SizeControl<Int>.memory * 10) {
            now = now + 0.1
            let isTooMuch = cost() > 0.1 && steps % 2 == 0
            steps += 1
            control.wanted(0, dropsOther: isTooMuch)
            if !isTooMuch { control.analysed(0, area: control.rung(of: 0) == 1 ? 100 : 50, seconds: cost(), at: now) }
            if let step = control.step(at: now) {
                ups += step.isUp ? 1 : 0
                control.took(step, at: now)
            }
        }
        // By the area alone it would have room.
        #expect(control.rung(of: 0) == 0 && ups == 0)
    }

    /// The load comes back each time as soon as it stepped up: the pauses grow, and are bounded.
    @Test func itDoesNotSwing() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.15)
        for _ in 0..<3600 {
            engine.streams[0]!.rate = engine.rung(0) == 3 ? 10 : 4
            engine.run(1)
        }
        #expect((2...16).contains(engine.ups), "\(engine.ups) steps up in an hour")
        let ups = engine.steps.filter(\.step.isUp).map(\.seconds)
        let pauses = zip(ups, ups.dropFirst()).map { $1 - $0 }
        #expect((pauses.last ?? 0) > (pauses.first ?? 0) && (pauses.max() ?? 0) < SizeControl<Int>.longestPause + 60)
        // When it is over, the way up is not long.
        engine.streams[0]!.rate = 1
        engine.run(SizeControl<Int>.longestPause + 60)
        #expect(engine.rung(0) == 3)
    }

    @Test func aStepThatCannotBeTakenIsNotTriedAllTheTime() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.3)
        engine.run(600) { _ in true }
        #expect(engine.rung(0) == 3)
        for rung in 0..<3 {
            let tries = engine.steps.filter { $0.step.to == rung }.map(\.seconds)
            #expect((2...5).contains(tries.count), "\(tries)")
            let pauses = zip(tries, tries.dropFirst()).map { $1 - $0 }
            #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $1 > 1.5 * $0 }, "\(pauses)")
        }
    }

    @Test func aSizeThatCannotBeTakenIsPassedOverOnTheWayDown() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.15)
        engine.run(15) { $0.to == 2 }
        #expect(engine.steps.map(\.step.to) == [2, 1] && engine.rung(0) == 1)
        #expect((engine.steps.last?.seconds ?? 99) < 2 * SizeControl<Int>.window + 1)
    }

    @Test func whatFailsForOneStreamDoesNotHoldUpTheOthers() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.08)
        for id in 1..<3 { engine.add(id, rate: 10, cost: 0.04) }
        engine.run(15) { $0.id == 0 }
        #expect(engine.rung(0) == 3)
        #expect((engine.rung(1) ?? 3) + (engine.rung(2) ?? 3) < 6)
    }

    /// Pressure may come at any time, and a step up that failed long ago is no reason to bear it.
    @Test func afterAFailureItOnlyDoesNotStepUp() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.15)
        engine.run(30)
        engine.streams[0]!.rate = 1
        engine.run(SizeControl<Int>.window + SizeControl<Int>.shortestPause) { $0.isUp }
        #expect(engine.steps.last?.step.isUp == true && engine.rung(0) == 1)
        engine.streams[0]!.rate = 15
        engine.run(2 * SizeControl<Int>.window + 1)
        #expect(engine.rung(0) == 0)
    }

    /// What failed when it was tried first is tried again, and then is a size as any other.
    @Test func aSizeThatCannotBeTakenIsTriedAgain() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.09, areas: [50, 100])
        engine.streams[0]!.rate = 15
        engine.run(10) { _ in true }
        #expect(engine.steps.count == 1 && engine.rung(0) == 1)
        engine.run(30)
        #expect(engine.rung(0) == 0)
    }

    @Test func whoDoesNotFitDoesNotHoldUpWhoDoes() {
        var control = SizeControl<Int>(lanes: 1)
        // The first takes less at its next size than the second, but much more than now.
        control.set([10, 100], of: 0)
        control.set([100, 110], of: 1)
        for id in 0..<2 { control.took(SizeControl.Step(id: id, from: 1, to: 0, dropped: 0), at: .now) }
        var now = MonotonicTime.now
        var steps: [SizeControl<Int>.Step] = []
        for _ in 0..<150 where steps.isEmpty {
            now = now + 0.1
            for (id, area, seconds) in [(0, 10, 0.003), (1, 100, 0.055)] {
                control.wanted(id, dropsOther: false)
                control.analysed(id, area: area, seconds: seconds, at: now)
            }
            if let step = control.step(at: now) { steps.append(step) }
        }
        #expect(steps.map(\.id) == [1])
    }

    @Test func aStreamThatIsAwayIsLeftAlone() {
        var engine = Engine()
        engine.add(0, rate: 10, cost: 0.15)
        engine.add(1, rate: 0.5, cost: 0.01)
        engine.run(30)
        let rung = engine.rung(0)
        engine.streams[0]!.rate = 0
        engine.run(600)
        #expect(engine.rung(0) == rung)
    }

    /// Of a camera that is turned, say.
    @Test func otherSizesStartWhereTheyCan() {
        var control = SizeControl<Int>(lanes: 1)
        control.set([10, 20, 30], of: 0)
        #expect(control.rung(of: 0) == 2)
        control.set([15, 25], of: 0)
        #expect(control.rung(of: 0) == 1)
        control.took(SizeControl.Step(id: 0, from: 1, to: 2, dropped: 0), at: .now)
        #expect(control.rung(of: 0) == 1)
        control.remove(0)
        #expect(control.rung(of: 0) == nil)
        control.took(SizeControl.Step(id: 0, from: 1, to: 0, dropped: 0), at: .now)
        #expect(control.rung(of: 0) == nil)
    }
}
