import TestSupport
import Testing

@testable import Streams

@Suite struct RateLimitTests {
    private func passing(_ limit: Double, _ times: some Sequence<Double>) -> [Bool] {
        var rate = RateLimit(framesPerSecond: limit)
        var passing: [Bool] = []
        for time in times { passing.append(rate.passes(time)) }
        return passing
    }

    private func passed(_ limit: Double, _ times: some Sequence<Double>) -> Int {
        passing(limit, times).count { $0 }
    }

    @Test(arguments: [(25.0, 5.0), (30, 10), (12.5, 5), (25, 0.5), (10, 25), (29.97, 7)])
    func asManyAsAskedFor(_ source: Double, _ limit: Double) {
        let seconds = 100.0
        let count = passed(limit, (0..<Int(seconds * source)).map { Double($0) / source })
        #expect(abs(Double(count) - min(source, limit) * seconds) <= 0.03 * limit * seconds + 1)
    }

    @Test func jitterDoesNotAddUp() {
        var random = SplitMix64(seed: 3)
        let times = (0..<2500).map { Double($0) / 25 + Double.random(in: 0...0.02, using: &random) }
        #expect(abs(passed(5, times) - 500) <= 5)
    }

    @Test func aPauseIsNotMadeUpFor() {
        #expect(passing(1, [0, 60, 60.1, 60.2]) == [true, true, false, false])
    }

    @Test func aTimeLineThatStartsAnewIsFollowed() {
        #expect(passing(1, [1000, 0, 0.5, 1]) == [true, true, false, true])
    }
}
