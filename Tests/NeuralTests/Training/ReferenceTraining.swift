import Darknet
import Glibc

@testable import Neural

/// A training network's pass forward in double precision, written for clarity: what gradients are compared to by finite
/// differences.
struct ReferenceTraining {
    let config: NetworkConfig
    let batch: Int
    let width: Int
    let height: Int
    var weights: [Int: ConvolutionWeights]

    struct Tensor {
        var shape: TensorShape
        /// Batch x channels x rows x columns.
        var values: [Double]
    }

    /// Of the last layer before region, softmax or cost.
    func output(_ images: [Double], changing: Change? = nil) throws -> [Double] {
        let shapes = try config.shapes(width: width, height: height)
        var outputs: [Tensor] = []
        var last = Tensor(
            shape: TensorShape(channels: config.net.channels, height: height, width: width), values: images)
        for (index, layer) in config.layers.enumerated() {
            let shape = shapes[index]
            switch layer.kind {
            case .convolutional(let convolution):
                guard let numbers = weights[index] else { return [] }
                last = convolve(
                    last, convolution, Numbers(numbers, changing: changing?.layer == index ? changing : nil), shape)
            case .maxpool(let pool): last = pooled(last, pool, shape)
            case .avgpool:
                let count = shape.input.height * shape.input.width
                let means = (0..<batch * shape.input.channels).map { channel in
                    last.values[channel * count..<(channel + 1) * count].reduce(0, +) / Double(count)
                }
                last = Tensor(shape: shape.output, values: means)
            case .route(let route):
                var values: [Double] = []
                for image in 0..<batch {
                    for source in route.layers.map({ outputs[$0] }) {
                        values += source.values[image * source.shape.count..<(image + 1) * source.shape.count]
                    }
                }
                last = Tensor(shape: shape.output, values: values)
            case .reorg(let reorg):
                let permutation = ReorgPermutation(reorg, input: shape.input)
                last = Tensor(
                    shape: shape.output,
                    values: (0..<batch).flatMap { image in
                        permutation.sources.map { last.values[image * shape.input.count + $0] }
                    })
            case .dropout, .softmax, .region, .cost: break
            }
            outputs.append(last)
        }
        return last.values
    }

    /// Adds `step` times `direction` to the numbers of one kind in one layer.
    struct Change {
        var layer: Int
        var kind: Parameter.Kind
        var direction: [Double]
        var step: Double
    }

    private struct Numbers {
        var weights: [Double]
        var biases: [Double]
        var scales: [Double]?

        init(_ numbers: ConvolutionWeights, changing: Change?) {
            let changed = { (values: [Float], kind: Parameter.Kind) in
                guard let changing, changing.kind == kind else { return values.map(Double.init) }
                return zip(values, changing.direction).map { Double($0) + changing.step * $1 }
            }
            weights = changed(numbers.weights, .weights)
            biases = changed(numbers.biases, .biases)
            scales = numbers.batchNorm.map { changed($0.scales, .scales) }
        }
    }

    private func convolve(
        _ input: Tensor, _ convolution: Convolution, _ numbers: Numbers, _ shape: LayerShape
    ) -> Tensor {
        let (from, to) = (shape.input, shape.output)
        let perGroup = from.channels / convolution.groups
        let filtersPerGroup = to.channels / convolution.groups
        var result = Tensor(shape: to, values: Array(repeating: 0, count: batch * to.count))
        for image in 0..<batch {
            for filter in 0..<to.channels {
                for row in 0..<to.height {
                    for column in 0..<to.width {
                        var sum = numbers.scales == nil ? numbers.biases[filter] : 0
                        for channel in 0..<perGroup {
                            let source = filter / filtersPerGroup * perGroup + channel
                            for ky in 0..<convolution.size {
                                for kx in 0..<convolution.size {
                                    let y = row * convolution.stride + ky - convolution.padding
                                    let x = column * convolution.stride + kx - convolution.padding
                                    guard (0..<from.height).contains(y), (0..<from.width).contains(x) else { continue }
                                    let weight = ((filter * perGroup + channel) * convolution.size + ky)
                                    sum +=
                                        numbers.weights[weight * convolution.size + kx]
                                        * input.values[
                                            ((image * from.channels + source) * from.height + y) * from.width + x]
                                }
                            }
                        }
                        result.values[((image * to.channels + filter) * to.height + row) * to.width + column] = sum
                    }
                }
            }
        }
        if let scales = numbers.scales { normalise(&result, scales: scales, biases: numbers.biases) }
        result.values = result.values.map { activated(convolution.activation, $0) }
        return result
    }

    private func normalise(_ tensor: inout Tensor, scales: [Double], biases: [Double]) {
        let plane = tensor.shape.height * tensor.shape.width
        for channel in 0..<tensor.shape.channels {
            let places = (0..<batch).flatMap { image in
                (0..<plane).map { (image * tensor.shape.channels + channel) * plane + $0 }
            }
            let mean = places.reduce(0) { $0 + tensor.values[$1] } / Double(places.count)
            let spread = places.reduce(0) { $0 + (tensor.values[$1] - mean) * (tensor.values[$1] - mean) }
            let deviation = (spread / Double(places.count - 1)).squareRoot() + 1e-6
            for place in places {
                tensor.values[place] = scales[channel] * (tensor.values[place] - mean) / deviation + biases[channel]
            }
        }
    }

    private func pooled(_ input: Tensor, _ pool: MaxPool, _ shape: LayerShape) -> Tensor {
        let (from, to) = (shape.input, shape.output)
        var values: [Double] = []
        for channel in 0..<batch * from.channels {
            for row in 0..<to.height {
                for column in 0..<to.width {
                    var largest = -Double.infinity
                    for ky in 0..<pool.size {
                        for kx in 0..<pool.size {
                            let y = row * pool.stride + ky - pool.padding / 2
                            let x = column * pool.stride + kx - pool.padding / 2
                            guard (0..<from.height).contains(y), (0..<from.width).contains(x) else { continue }
                            largest = max(largest, input.values[(channel * from.height + y) * from.width + x])
                        }
                    }
                    values.append(largest)
                }
            }
        }
        return Tensor(shape: to, values: values)
    }

    private func activated(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .leaky: x > 0 ? x : 0.1 * x
        case .relu: max(x, 0)
        case .logistic: 1 / (1 + exp(-x))
        case .tanh: tanh(x)
        case .elu: x >= 0 ? x : exp(x) - 1
        default: x
        }
    }
}
