import Testing

@testable import Streams

@Suite struct FairShareTests {
    /// How often each of `weights` gets a turn when all always want one.
    private func turns(_ weights: [String: Double], of count: Int) -> [String: Int] {
        var share = FairShare<String>()
        for (id, weight) in weights { share.add(id, weight: weight) }
        var turns: [String: Int] = [:]
        for _ in 0..<count {
            guard let next = share.next(of: weights.keys) else { continue }
            share.take(next)
            turns[next, default: 0] += 1
        }
        return turns
    }

    @Test func equalWeightsShareEqually() {
        #expect(turns(["a": 5, "b": 5, "c": 5], of: 300) == ["a": 100, "b": 100, "c": 100])
    }

    @Test func sharesFollowTheWeights() {
        let turns = turns(["slow": 1, "fast": 3, "faster": 6], of: 1000)
        #expect(turns["slow"].map { (99...101).contains($0) } == true)
        #expect(turns["fast"].map { (299...301).contains($0) } == true)
        #expect(turns["faster"].map { (599...601).contains($0) } == true)
    }

    @Test func aPauseEarnsNothing() {
        var share = FairShare<String>()
        share.add("steady", weight: 1)
        share.add("idle", weight: 1)
        for _ in 0..<100 { share.take("steady") }
        share.wants("idle")
        var turns: [String] = []
        for _ in 0..<10 {
            guard let next = share.next(of: ["steady", "idle"]) else { continue }
            share.take(next)
            turns.append(next)
        }
        #expect((4...6).contains(turns.count { $0 == "idle" }))
    }

    @Test func aNewcomerDoesNotStarveTheOthers() {
        var share = FairShare<String>()
        share.add("old", weight: 1)
        for _ in 0..<1000 { share.take("old") }
        share.add("new", weight: 1)
        var old = 0
        for _ in 0..<10 {
            guard let next = share.next(of: ["old", "new"]) else { continue }
            share.take(next)
            if next == "old" { old += 1 }
        }
        #expect((4...6).contains(old))
    }

    @Test func onlyThoseThatWaitAreServed() {
        var share = FairShare<String>()
        share.add("a", weight: 1)
        share.add("b", weight: 1)
        share.take("a")
        #expect(share.next(of: ["a"]) == "a")
        #expect(share.next(of: []) == nil)
        #expect(share.next(of: ["stranger"]) == nil)
        share.remove("b")
        #expect(share.next(of: ["b"]) == nil)
    }

    @Test func aChangedWeightCountsFromNowOn() {
        var share = FairShare<String>()
        share.add("a", weight: 1)
        share.add("b", weight: 1)
        share.setWeight(4, of: "a")
        var turns: [String: Int] = [:]
        for _ in 0..<500 {
            guard let next = share.next(of: ["a", "b"]) else { continue }
            share.take(next)
            turns[next, default: 0] += 1
        }
        #expect((399...401).contains(turns["a"] ?? 0))
    }
}
