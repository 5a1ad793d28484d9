import CDNNL
import Darknet

/// What training changes in one convolution, and the averages that batch normalisation keeps for inference.
final class ConvolutionParameters {
    let layer: Int
    let weights: Parameter
    let biases: Parameter
    let norm: Norm?
    /// Grows with every change of the weights, so that copies in other layouts know when they are old.
    private(set) var version = 0

    final class Norm {
        let scales: Parameter
        var rollingMeans: [Float]
        var rollingVariances: [Float]

        init(scales: Parameter, means: [Float], variances: [Float]) {
            self.scales = scales
            rollingMeans = means
            rollingVariances = variances
        }
    }

    /// - Parameters:
    ///   - layout: for the weights.
    ///   - paddedFilters: for what there is one of a filter.
    init(
        _ numbers: ConvolutionWeights, layer: Int, learningRate: Float, extent: WeightExtent, layout: Descriptor,
        paddedFilters: Int
    ) throws {
        self.layer = layer
        weights = try Parameter(
            layer: layer, learningRate: learningRate, plain: numbers.weights, extent, as: layout)
        let biasCount = numbers.batchNorm == nil ? extent.groups * extent.paddedFilters : paddedFilters
        biases = try Parameter(
            layer: layer, kind: .biases, learningRate: learningRate, plain: numbers.biases, paddedCount: biasCount)
        norm = try numbers.batchNorm.map { norm in
            Norm(
                scales: try Parameter(
                    layer: layer, kind: .scales, learningRate: learningRate, plain: norm.scales,
                    paddedCount: paddedFilters),
                means: norm.means, variances: norm.variances)
        }
    }

    var all: [Parameter] { [weights, biases] + (norm.map { [$0.scales] } ?? []) }

    func changed() {
        version += 1
        for parameter in all { parameter.isGradientZero = true }
    }

    func numbers() throws -> ConvolutionWeights {
        ConvolutionWeights(
            biases: try biases.plain(biases.values),
            batchNorm: try norm.map {
                .init(
                    scales: try $0.scales.plain($0.scales.values), means: $0.rollingMeans,
                    variances: $0.rollingVariances)
            },
            weights: try weights.plain(weights.values))
    }
}
