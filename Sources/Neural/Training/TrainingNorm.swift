import CKernels
import Darknet
import Glibc

/// Batch normalisation with the statistics of the batch, the activation behind it if that bends at 0, and the max-pool of
/// 2 x 2 behind that: each pass over memory does them together.
///
/// What it normalises with is Darknet's: the variance divided by one less than the count, and sqrt(variance) + 1e-6; going
/// backward 1 / sqrt(variance + 1e-5), which stays small for a channel without variance (spec 2.4).
final class TrainingNorm: TrainingOperation {
    let layer: Int
    private let parameters: ConvolutionParameters
    private let norm: ConvolutionParameters.Norm
    private let layout: TrainingLayout
    private let input: TrainingTensor
    private let output: TrainingTensor
    private let inputShape: lk_blocked_shape
    private let outputShape: lk_blocked_shape
    private let filters: Int
    /// Values of a channel.
    private let count: Float
    private let slope: Float
    private let threads: Int32
    /// The values that won and where they stood, if it pools.
    private let winners: (values: Memory, positions: Memory)?
    private let scratch: Memory
    private let channels: Channels
    private let learns: Bool

    /// What there is one of a channel, those that fill up the last block included.
    private struct Channels {
        let means, variances, inverses, factors, offsets, sums, products, a, b, c: UnsafeMutablePointer<Float>
        private let memory: Memory

        init(_ count: Int, purpose: String) throws(NeuralError) {
            let memory = try Memory(byteCount: 10 * count * MemoryLayout<Float>.stride, purpose: purpose)
            let array = { (index: Int) in memory.start.assumingMemoryBound(to: Float.self) + index * count }
            (means, variances, inverses, factors, offsets) = (array(0), array(1), array(2), array(3), array(4))
            (sums, products, a, b, c) = (array(5), array(6), array(7), array(8), array(9))
            self.memory = memory
        }
    }

    /// Of the rolling averages that the batch's statistics become in each pass (spec 2.4).
    private static let rollingShare: Float = 0.01

    init?(
        _ parameters: ConvolutionParameters, layout: TrainingLayout, learns: Bool, input: TrainingTensor,
        inputShape: TensorShape,
        output: TrainingTensor, outputShape: TensorShape, slope: Float, pools: Bool, threads: Int
    ) throws {
        guard let norm = parameters.norm else { return nil }
        layer = parameters.layer
        self.parameters = parameters
        self.norm = norm
        self.layout = layout
        self.input = input
        self.output = output
        self.inputShape = layout.shape(inputShape)
        self.outputShape = layout.shape(outputShape)
        self.slope = slope
        self.learns = learns
        self.threads = Int32(threads)
        filters = inputShape.channels
        count = Float(layout.batch * inputShape.height * inputShape.width)
        let purpose = "the batch normalisation of layer \(parameters.layer)"
        winners =
            pools
            ? (
                try Memory(byteCount: layout.byteCount(outputShape), purpose: purpose),
                try Memory(byteCount: layout.count(outputShape), purpose: purpose)
            ) : nil
        scratch = try Memory(
            byteCount: Int(lk_scratch_doubles(layout.flavour, self.inputShape)) * MemoryLayout<Double>.stride,
            purpose: purpose)
        channels = try Channels(layout.paddedChannels(inputShape.channels), purpose: purpose)
    }

    var byteCount: Int { scratch.byteCount + (winners.map { $0.values.byteCount + $0.positions.byteCount } ?? 0) }

    private var doubles: UnsafeMutablePointer<Double> { scratch.start.assumingMemoryBound(to: Double.self) }

    func forward() throws(NeuralError) {
        lk_norm_statistics(
            layout.flavour, input.values, inputShape, channels.means, channels.variances, doubles, threads)
        let (scales, biases) = (norm.scales.values, parameters.biases.values)
        for channel in 0..<filters {
            let (mean, variance) = (channels.means[channel], channels.variances[channel])
            let factor = scales[channel] / (variance.squareRoot() + 1e-6)
            channels.factors[channel] = factor
            channels.offsets[channel] = biases[channel] - factor * mean
            channels.inverses[channel] = 1 / (variance + 1e-5).squareRoot()
            norm.rollingMeans[channel] += Self.rollingShare * (mean - norm.rollingMeans[channel])
            norm.rollingVariances[channel] += Self.rollingShare * (variance - norm.rollingVariances[channel])
        }
        if let winners {
            lk_norm_pool_forward(
                layout.flavour, input.values, output.values, winners.values.start,
                winners.positions.start.assumingMemoryBound(to: UInt8.self), inputShape, affine, threads)
        } else {
            lk_norm_forward(layout.flavour, input.values, output.values, inputShape, affine, threads)
        }
    }

    func backward() throws(NeuralError) {
        guard let gradient = input.gradient, let outputGradient = output.gradient else { return }
        lk_norm_gradient_sums(
            layout.flavour, winners?.values.start ?? input.values, outputGradient,
            winners == nil ? inputShape : outputShape, affine, channels.means, channels.sums, channels.products,
            doubles,
            threads)
        let (scales, scaleGradients) = (norm.scales.values, norm.scales.gradient)
        let biasGradients = parameters.biases.gradient
        for channel in 0..<filters {
            let (mean, inverse) = (channels.means[channel], channels.inverses[channel])
            let product = channels.products[channel] * inverse
            if learns {
                biasGradients[channel] += channels.sums[channel]
                scaleGradients[channel] += product
            }
            // dx = a (d - sum / n - xhat product / (n - 1)), xhat = (x - mean) inverse
            let a = scales[channel] * inverse
            channels.a[channel] = a
            channels.b[channel] = -a * inverse * product / max(count - 1, 1)
            channels.c[channel] = -a * channels.sums[channel] / count - channels.b[channel] * mean
        }
        if let winners {
            lk_norm_pool_backward(
                layout.flavour, input.values, gradient, outputGradient, winners.values.start,
                winners.positions.start.assumingMemoryBound(to: UInt8.self), inputShape, affine, channels.a, channels.b,
                channels.c, threads)
        } else {
            lk_norm_backward(
                layout.flavour, input.values, gradient, inputShape, affine, channels.a, channels.b, channels.c, threads)
        }
    }

    private var affine: lk_affine {
        lk_affine(factors: channels.factors, offsets: channels.offsets, slope: slope)
    }
}
