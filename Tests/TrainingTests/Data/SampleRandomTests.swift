import Testing

@testable import Training

@Suite struct SampleRandomTests {
    /// Checkpoints depend on them: they never change.
    @Test func numbersAreFixed() {
        var random = SampleRandom(seed: 7, sample: 1000, purpose: .placement)
        #expect([random.next(), random.next()] == [14_978_588_439_835_597_278, 5_435_566_786_749_512_192])
    }

    @Test func seedSampleAndPurposeMakeOtherNumbers() {
        var seen: Set<UInt64> = []
        for seed: UInt64 in 0..<10 {
            for sample in 0..<100 {
                for purpose in [SampleRandom.Purpose.choice, .placement, .color, .mosaic, .paste] {
                    var random = SampleRandom(seed: seed, sample: sample, purpose: purpose)
                    seen.insert(random.next())
                    seen.insert(random.next())
                }
            }
        }
        #expect(seen.count == 10 * 100 * 5 * 2)
    }

    @Test func numbersKeepTheirRanges() {
        var random = SampleRandom(seed: 1, sample: 0, purpose: .color)
        var (sum, counts, heads) = (0.0, [0, 0, 0, 0, 0], 0)
        for _ in 0..<10_000 {
            let value = random.uniform(3, -1)
            #expect(value <= 3 && value > -1)
            sum += value
            counts[random.below(5)] += 1
            if random.coin() { heads += 1 }
            #expect((-2...4).contains(random.whole(4, -2)))
            #expect((1 / 1.5...1.5).contains(random.factor(1.5)))
            #expect((0.3...2).contains(random.logUniform(0.3, 2)))
            // Darknet's .75 is the same as 1 / .75.
            #expect((0.75...1 / 0.75).contains(random.factor(0.75)))
            #expect(random.factor(0).isFinite && random.factor(.infinity).isFinite)
        }
        #expect(abs(sum / 10_000 - 1) < 0.05)
        #expect(counts.allSatisfy { abs($0 - 2000) < 250 })
        #expect(abs(heads - 5000) < 300)
        #expect(random.factor(1) == 1 && random.whole(3, 3) == 3)
    }

    @Test func shufflingKeepsAllAndMovesThem() {
        var firsts: Set<Int> = []
        for sample in 0..<200 {
            var random = SampleRandom(seed: 3, sample: sample, purpose: .order)
            var numbers = Array(0..<10)
            random.shuffle(&numbers)
            #expect(numbers.sorted() == Array(0..<10))
            firsts.insert(numbers[0])
        }
        #expect(firsts.count == 10)
    }
}
