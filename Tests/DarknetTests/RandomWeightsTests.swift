import Testing

@testable import Darknet

@Suite struct RandomWeightsTests {
    @Test func `as many as the network takes, the same for a seed`() throws {
        let cfg = """
            [net]
            width=32
            height=32
            channels=3
            [convolutional]
            batch_normalize=1
            filters=64
            size=3
            stride=1
            pad=1
            [convolutional]
            filters=30
            size=1
            groups=2
            """
        let config = try NetworkConfig(parsing: cfg, file: "two.cfg")
        let weights = try WeightsFile.random(for: config)
        #expect(weights.layers == (try WeightsFile.random(for: config).layers))
        #expect(weights.layers != (try WeightsFile.random(for: config, seed: 2).layers))
        let plans = try config.convolutionPlans()
        #expect(Set(weights.layers.keys) == Set(plans.map(\.layer)))
        for plan in plans {
            let layer = try #require(weights.layers[plan.layer])
            #expect(layer.weights.count == plan.weightCount && layer.biases.count == plan.filters)
            #expect((layer.batchNorm != nil) == plan.batchNormalize)
            // Uniform in ±√(6 / inputs): variance 2 / inputs.
            let bound = (6 / Float(plan.weightsPerFilter)).squareRoot()
            #expect(layer.weights.allSatisfy { abs($0) <= bound })
            let squares = layer.weights.reduce(0.0) { $0 + Double($1 * $1) } / Double(plan.weightCount)
            #expect((0.8...1.2).contains(squares * Double(plan.weightsPerFilter) / 2), "layer \(plan.layer)")
        }
    }
}
