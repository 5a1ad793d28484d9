import Darknet
import Testing
import Training

/// Check C25 of the spec.
@Suite struct LearningRateTests {
    private func rates(_ cfg: String, at iterations: [Int]) throws -> [Float] {
        let net = try NetworkConfig(
            parsing: "[net]\nwidth=32\nheight=32\nchannels=3\n\(cfg)\n[convolutional]\n", file: "test.cfg"
        ).net
        return iterations.map { LearningRate(net)(iteration: $0) }
    }

    private func expectClose(_ actual: [Float], _ expected: [Float]) {
        // The cfg's numbers are floats: .999 to the power of 1000 is off by 1.3e-5.
        for (actual, expected) in zip(actual, expected) { #expect(abs(actual - expected) <= 2e-5 * expected) }
        #expect(actual.count == expected.count)
    }

    @Test func yolov2VOC() throws {
        let rates = try rates(
            "learning_rate=0.001\nburn_in=1000\nmax_batches=80200\npolicy=steps\nsteps=40000,60000\nscales=.1,.1",
            at: [1, 100, 500, 999, 1000, 39_999, 40_000, 60_000])
        expectClose(rates, [1e-15, 1e-7, 6.25e-5, 9.96006e-4, 1e-3, 1e-3, 1e-4, 1e-5])
    }

    /// As the built-in cfgs have it.
    @Test func builtIns() throws {
        let net = try #require(NetworkConfig.builtIn("yolov2-voc")).net
        #expect(abs(LearningRate(net)(iteration: 500) - 6.25e-5) < 1e-10)
    }

    @Test func stepsMayBeNegative() throws {
        let rates = try rates(
            "learning_rate=0.001\npolicy=steps\nsteps=-1,100,20000,30000\nscales=.1,10,.1,.1",
            at: [0, 99, 100, 20_000, 30_000])
        expectClose(rates, [1e-4, 1e-4, 1e-3, 1e-4, 1e-5])
    }

    @Test func yoloVOC20() throws {
        let rates = try rates(
            "learning_rate=0.0001\npolicy=steps\nsteps=100,25000,35000\nscales=10,.1,.1", at: [0, 100, 25_000, 35_000])
        expectClose(rates, [1e-4, 1e-3, 1e-4, 1e-5])
    }

    @Test func polynomial() throws {
        let darknet19 = "learning_rate=0.1\npolicy=poly\npower=4\nmax_batches=800000\nburn_in=1000"
        expectClose(
            try rates(darknet19, at: [500, 1000, 80_000, 400_000]), [0.00625, 0.0995009, 0.06561, 0.00625])
        let darknet19At448 = "learning_rate=0.001\npolicy=poly\npower=4\nmax_batches=100000"
        expectClose(try rates(darknet19At448, at: [10_000, 50_000, 100_000, 100_001]), [6.561e-4, 6.25e-5, 0, 0])
        expectClose(try rates("learning_rate=0.001\npolicy=poly", at: [0, 1, 1_000_000]), [1e-3, 1e-3, 1e-3])
    }

    @Test func otherPolicies() throws {
        expectClose(try rates("learning_rate=.01\npolicy=step\nstep=100\nscale=.5", at: [99, 250]), [0.01, 0.0025])
        expectClose(try rates("learning_rate=.01\npolicy=exp\ngamma=.999", at: [1000]), [0.00367695])
        expectClose(try rates("learning_rate=.01\npolicy=sigmoid\ngamma=.01\nstep=500", at: [500]), [0.005])
        expectClose(try rates("learning_rate=.01\npolicy=constant", at: [0, 1_000_000]), [0.01, 0.01])
    }

    @Test func randomRatesComeOfTheSeedAndTheIteration() {
        var net = NetOptions(width: 32, height: 32)
        net.policy = .random
        net.power = 1
        net.learningRate = 1
        let rates = (1...1000).map { LearningRate(net, seed: 7)(iteration: $0) }
        #expect(rates == (1...1000).map { LearningRate(net, seed: 7)(iteration: $0) })
        #expect(rates != (1...1000).map { LearningRate(net, seed: 8)(iteration: $0) })
        #expect(rates.allSatisfy { (0..<1).contains($0) })
        #expect(abs(rates.reduce(0, +) / 1000 - 0.5) < 0.03)
        // Resumed trainings go on with the same.
        expectClose([rates[0], rates[1], rates[99]], [0.38982975, 0.016788295, 0.9490982])
    }

    @Test func burnInOf2016IsForPolyOnly() {
        var net = NetOptions(width: 32, height: 32)
        net.burnIn = 10
        net.power = 1
        net.learningRate = 1
        #expect(LearningRate(net)(iteration: 5) == 0.5)
        #expect(LearningRate(net, burnsInPolyOnly: true)(iteration: 5) == 1)
        net.policy = .poly
        #expect(LearningRate(net, burnsInPolyOnly: true)(iteration: 5) == 0.5)
    }
}
