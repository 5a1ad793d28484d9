import Darknet

/// What batch normalisation divides by (spec 2.4). The two differ by about 5e-6 / variance, relatively.
public enum BatchNormDenominator: Sendable {
    /// sqrt(variance) + 1e-6: Darknet on the CPU, and all of its states of 2016.
    case rootPlusEpsilon
    /// sqrt(variance + 1e-5): Darknet on the GPU since 2017, cuDNN.
    case rootOfSum

    func callAsFunction(variance: Float) -> Double {
        switch self {
        case .rootPlusEpsilon: Double(variance).squareRoot() + 1e-6
        case .rootOfSum: (Double(variance) + 1e-5).squareRoot()
        }
    }
}

extension ConvolutionWeights {
    /// Takes the batch normalisation into weights and biases, so that inference need not do it:
    /// w' = scale w / D, b' = bias - scale mean / D.
    mutating func foldBatchNorm(_ denominator: BatchNormDenominator, layer: String) throws(NeuralError) {
        guard let norm = batchNorm else { return }
        let perFilter = weights.count / max(biases.count, 1)
        for filter in biases.indices {
            guard norm.variances[filter] >= 0 else {
                throw .weights(
                    layer: layer, expected: "variances of 0 or more", actual: "\(norm.variances[filter])")
            }
            let factor = Double(norm.scales[filter]) / denominator(variance: norm.variances[filter])
            biases[filter] = Float(Double(biases[filter]) - factor * Double(norm.means[filter]))
            let scale = Float(factor)
            for index in filter * perFilter..<(filter + 1) * perFilter { weights[index] *= scale }
        }
        batchNorm = nil
    }
}
