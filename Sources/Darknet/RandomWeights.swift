extension WeightsFile {
    /// He-initialised weights, as a network starts training with: activations keep their size through the layers, so
    /// that no multiplication meets denormals or infinities, which would take other times. The same for the same seed.
    public static func random(for config: NetworkConfig, seed: UInt64 = 1) throws(DarknetError) -> WeightsFile {
        // A linear congruential generator (Knuth's constants): fifty million numbers at once, of no other quality needed.
        var state = seed
        func uniform() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 23) - 1
        }
        var layers: [Int: ConvolutionWeights] = [:]
        for plan in try config.convolutionPlans() {
            let bound = (6 / Float(plan.weightsPerFilter)).squareRoot()
            let ones = [Float](repeating: 1, count: plan.filters)
            let zeros = [Float](repeating: 0, count: plan.filters)
            layers[plan.layer] = ConvolutionWeights(
                biases: zeros,
                batchNorm: plan.batchNormalize ? .init(scales: ones, means: zeros, variances: ones) : nil,
                weights: (0..<plan.weightCount).map { _ in bound * uniform() })
        }
        return WeightsFile(layers: layers)
    }
}
