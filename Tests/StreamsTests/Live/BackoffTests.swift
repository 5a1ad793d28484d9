import TestSupport
import Testing

@testable import Streams

@Suite struct BackoffTests {
    @Test func pausesDoubleUpToTheLimit() {
        var backoff = Backoff(longest: 10)
        var generator = SplitMix64(seed: 1)
        for full in [0.5, 1, 2, 4, 8, 10, 10, 10] {
            let pause = backoff.pause(using: &generator)
            #expect(pause <= full && pause >= full * 0.75)
        }
    }

    @Test func pausesAreNeverJustTheSame() {
        var generator = SplitMix64(seed: 1)
        let pauses = (0..<50).map { _ in
            var backoff = Backoff(longest: 10)
            return backoff.pause(using: &generator)
        }
        #expect(Set(pauses).count == 50)
    }

    @Test func successStartsAnew() {
        var backoff = Backoff(longest: 60)
        var generator = SplitMix64(seed: 1)
        for _ in 0..<10 { _ = backoff.pause(using: &generator) }
        backoff.reset()
        #expect(backoff.pause(using: &generator) <= 0.5)
    }

    @Test(arguments: [0, -1, 0.1]) func aLimitIsNotShorterThanTheShortestPause(_ longest: Double) {
        var backoff = Backoff(longest: longest)
        var generator = SplitMix64(seed: 1)
        for _ in 0..<5 { #expect((0.375...0.5).contains(backoff.pause(using: &generator))) }
    }
}
