import TestSupport
import Testing

@testable import Media

@Suite struct ProducerClockTests {
    private let base = Rational(1, 90_000)

    @Test func `hands reference times to their packets`() {
        var own = ProducerClock(timeBase: base)
        #expect(own.time(nil, presentation: 0, isLate: false) == nil)
        #expect(own.time(5_000_000, presentation: 40_000, isLate: false) == 5_000_000)
        var late = ProducerClock(timeBase: base)
        let times = [(nil, 0), (5_000_000, 40_000), (5_040_000, 80_000), (5_140_000, 120_000)] as [(Int64?, Int64)]
        #expect(times.map { late.time($0, presentation: $1, isLate: true) } == [nil, nil, 5_000_000, 5_040_000])
        #expect(late.time(nil, presentation: nil, isLate: true) == nil)
    }

    /// RTP's timestamps wrap after 13 hours; libav's reference times are off until the next report.
    @Test(arguments: [1, -1] as [Int64])
    func `stays right when RTP's timestamps wrap`(_ sign: Int64) {
        var clock = ProducerClock(timeBase: base)
        let range: Int64 = 47_721_858_844
        for step in 0..<100 as Range<Int64> {
            let (right, wrong) = (1_000_000_000_000 + step * 40_000, (30..<60).contains(step) ? sign * range : 0)
            let time = clock.time(right + wrong, presentation: step * 40_000, isLate: false)
            #expect(time.map { abs($0 - right) < 10 } ?? false, "step \(step)")
        }
    }

    @Test func `follows a clock that is set`() {
        var clock = ProducerClock(timeBase: base)
        #expect(clock.time(1_000_000, presentation: 0, isLate: false) == 1_000_000)
        #expect(clock.time(3_601_040_000, presentation: 40_000, isLate: false) == 3_601_040_000)
    }

    @Test func `takes any numbers`() {
        var (clock, random) = (ProducerClock(timeBase: base), SplitMix64(seed: 7))
        let extremes: [Int64] = [.min, .max, 0, 1, -1, 1 << 62]
        for _ in 0..<2000 {
            let pick = { extremes[Int(random.next() % 6)] }
            _ = clock.time(pick(), presentation: pick(), isLate: random.next() % 2 == 0)
        }
    }
}
