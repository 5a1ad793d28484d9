import Testing

@testable import Darknet

/// Trainings and their checkpoints depend on these numbers: they never change.
@Suite struct SeededNumbersTests {
    /// As SplitMix64's author gives them.
    @Test func `numbers are fixed`() {
        var numbers = SeededNumbers(seed: 1_234_567)
        #expect(
            (0..<5).map { _ in numbers.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
        #expect((0..<1000).allSatisfy { _ in (0..<1).contains(numbers.uniform()) })
    }

    @Test func `the weights that training starts from are fixed`() throws {
        let cfg = "[net]\nwidth=32\nheight=32\nchannels=3\n[convolutional]\nfilters=2\nsize=3\nstride=1\npad=1\n"
        let weights = try WeightsFile.initial(for: try NetworkConfig(parsing: cfg, file: "a.cfg"), seed: 3)
        let expected: [Float] = [-0.041039653, -0.12710418, 0.33638752, 0.16575679]
        for (value, expected) in zip(try #require(weights.layers[0]).weights, expected) {
            #expect(abs(value - expected) < 1e-7)
        }
    }
}
