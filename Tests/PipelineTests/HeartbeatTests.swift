import Testing

@testable import Pipeline

@Suite struct HeartbeatTests {
    @Test func busyFromBeginToEnd() {
        let heartbeats = Heartbeats()
        let stage = heartbeats.make("infer-0")
        #expect(stage.busySeconds == 0)
        let before = MonotonicTime.now
        stage.begin()
        let after = MonotonicTime.now
        let later = before + 10
        #expect(stage.busySeconds(at: later) <= 10)
        #expect(stage.busySeconds(at: later) >= later - after)
        stage.end()
        #expect(stage.busySeconds(at: later) == 0)
    }

    @Test func nextPieceCountsAnew() {
        let stage = Heartbeats().make("infer-0")
        stage.begin()
        let first = MonotonicTime.now
        while MonotonicTime.now - first <= 0 {}
        stage.begin()
        #expect(stage.busySeconds(at: first + 5) < 5)
    }

    @Test func clockReadBeforeBeginIsNoAge() {
        let earlier = MonotonicTime(nanoseconds: MonotonicTime.now.nanoseconds - 1_000_000)
        let stage = Heartbeats().make("infer-0")
        stage.begin()
        #expect(stage.busySeconds(at: earlier) == 0)
    }

    @Test func onlyThoseOverTheLimitAreStuck() {
        let heartbeats = Heartbeats()
        let (infer, decode, idle) = (heartbeats.make("infer-0"), heartbeats.make("decode"), heartbeats.make("idle"))
        infer.begin()
        decode.begin()
        let later = MonotonicTime.now + 31
        #expect(heartbeats.stuck(longerThan: 30, at: later).map(\.name) == ["infer-0", "decode"])
        #expect(heartbeats.stuck(longerThan: 30, at: later).allSatisfy { $0.seconds >= 31 && $0.seconds < 60 })
        #expect(heartbeats.stuck(longerThan: 3600, at: later).isEmpty)
        decode.end()
        #expect(heartbeats.stuck(longerThan: 30, at: later).map(\.name) == ["infer-0"])
        #expect(idle.busySeconds == 0)
    }

    @Test func goneStagesAreForgotten() {
        let heartbeats = Heartbeats()
        let kept = heartbeats.make("kept")
        kept.begin()
        for number in 0..<100 { heartbeats.make("stream \(number)").begin() }
        #expect(heartbeats.stuck(longerThan: 0, at: .now + 1).map(\.name) == ["kept"])
        // Streams come and go for months.
        #expect(heartbeats.count <= 2)
    }

    @Test func manyThreadsBeatAndAreWatched() throws {
        let heartbeats = Heartbeats()
        let threads = try (0..<4).map { number in
            try StageThread("stage-\(number)") {
                let stage = heartbeats.make("stage-\(number)")
                for _ in 0..<2000 {
                    stage.begin()
                    #expect(stage.busySeconds < 60)
                    stage.end()
                }
            }
        }
        for _ in 0..<2000 { #expect(heartbeats.stuck(longerThan: 60).isEmpty) }
        for thread in threads { thread.join() }
        #expect(heartbeats.stuck(longerThan: 0, at: .now + 60).isEmpty)
    }
}
