import Glibc

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

extension WeightsFile {
    /// What training starts from (spec 2.4): weights drawn from a normal distribution with a variance of 2 / their number
    /// in a filter, scales of 1, all else 0. The same for the same seed.
    public static func initial(for config: NetworkConfig, seed: UInt64) throws(DarknetError) -> WeightsFile {
        var numbers = SeededNumbers(seed: seed)
        var layers: [Int: ConvolutionWeights] = [:]
        for plan in try config.convolutionPlans() {
            let deviation = (2 / Double(plan.weightsPerFilter)).squareRoot()
            var weights = [Float](repeating: 0, count: plan.weightCount)
            // Box and Muller's: two at a time.
            for index in stride(from: 0, to: weights.count, by: 2) {
                let radius = (-2 * log(1 - numbers.uniform())).squareRoot() * deviation
                let angle = 2 * Double.pi * numbers.uniform()
                weights[index] = Float(radius * cos(angle))
                if index + 1 < weights.count { weights[index + 1] = Float(radius * sin(angle)) }
            }
            let zeros = [Float](repeating: 0, count: plan.filters)
            let ones = [Float](repeating: 1, count: plan.filters)
            layers[plan.layer] = ConvolutionWeights(
                biases: zeros,
                batchNorm: plan.batchNormalize ? .init(scales: ones, means: zeros, variances: zeros) : nil,
                weights: weights)
        }
        return WeightsFile(layers: layers)
    }
}
