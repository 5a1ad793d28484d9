import Darknet
import Testing

@testable import Neural

@Suite struct BatchNormTests {
    private func folded(
        _ denominator: BatchNormDenominator, scale: Float, mean: Float, variance: Float, bias: Float, weight: Float
    ) throws -> ConvolutionWeights {
        var weights = ConvolutionWeights(
            biases: [bias], batchNorm: .init(scales: [scale], means: [mean], variances: [variance]), weights: [weight])
        try weights.foldBatchNorm(denominator, layer: "layer")
        return weights
    }

    /// Check C11 of the spec: x = 2 through a convolution of weight 1.
    @Test(arguments: [
        (BatchNormDenominator.rootPlusEpsilon, 0.04 as Float, 1.5 as Float, -0.25 as Float, 10.9999438 as Float),
        (.rootOfSum, 0.04, 1.5, -0.25, 10.9985940), (.rootPlusEpsilon, 1e-4, 1, 0, 149.985),
        (.rootOfSum, 1e-4, 1, 0, 143.0194),
    ])
    func denominators(
        denominator: BatchNormDenominator, variance: Float, scale: Float, bias: Float, expected: Float
    ) throws {
        let weights = try folded(
            denominator, scale: scale, mean: 0.5, variance: variance, bias: bias, weight: 1)
        #expect(abs(2 * weights.weights[0] + weights.biases[0] - expected) < 1e-5 * expected)
        #expect(weights.batchNorm == nil)
    }

    @Test func foldOfOneWeight() throws {
        let weights = try folded(.rootPlusEpsilon, scale: 1.5, mean: 0.5, variance: 0.04, bias: -0.25, weight: 0.8)
        #expect(abs(weights.weights[0] - 5.99997) < 1e-5)
        #expect(abs(weights.biases[0] + 3.9999813) < 1e-5)
    }

    @Test func withoutNormalisationNothingChanges() throws {
        let plain = ConvolutionWeights(biases: [1, 2], weights: [3, 4, 5, 6])
        var weights = plain
        try weights.foldBatchNorm(.rootOfSum, layer: "layer")
        #expect(weights == plain)
    }

    @Test(arguments: [-1e-9 as Float, .nan])
    func impossibleVariance(_ variance: Float) {
        #expect(throws: NeuralError.weights(layer: "layer", expected: "variances of 0 or more", actual: "\(variance)"))
        {
            try folded(.rootPlusEpsilon, scale: 1, mean: 0, variance: variance, bias: 0, weight: 1)
        }
    }
}
