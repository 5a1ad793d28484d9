import Darknet
import Neural

/// The layers in plain Swift, as spec sections 1.4, 2.4 and 4.1 say them and as slowly: what the engine is held to.
struct ReferenceNetwork {
    let config: NetworkConfig
    let weights: WeightsFile

    /// What every layer gives for one image of channels x rows x columns, up to the region or cost.
    func outputs(_ image: [Float], width: Int, height: Int) throws -> [[Float]] {
        var outputs: [[Float]] = []
        for (index, shape) in try config.shapes(width: width, height: height).enumerated() {
            let input = outputs.last ?? image
            switch config.layers[index].kind {
            case .convolutional(let convolution):
                guard let numbers = weights.layers[index] else { preconditionFailure("layer \(index) has no weights") }
                outputs.append(convolve(input, convolution, numbers, shape))
            case .maxpool(let pool): outputs.append(maximum(input, pool, shape))
            case .avgpool:
                let plane = shape.input.width * shape.input.height
                outputs.append(
                    (0..<shape.input.channels).map { channel in
                        input[channel * plane..<(channel + 1) * plane].reduce(0, +) / Float(plane)
                    })
            case .route(let route): outputs.append(route.layers.flatMap { outputs[$0] })
            case .reorg(let reorg): outputs.append(rearrange(input, reorg, shape))
            case .softmax(let softmax): outputs.append(probabilities(input, softmax))
            case .region, .cost, .dropout: outputs.append(input)
            }
        }
        return outputs
    }

    private func convolve(
        _ input: [Float], _ convolution: Convolution, _ numbers: ConvolutionWeights, _ shape: LayerShape
    ) -> [Float] {
        let (size, stride, padding) = (convolution.size, convolution.stride, convolution.padding)
        let channels = shape.input.channels / convolution.groups
        let filters = convolution.filters / convolution.groups
        var output: [Float] = []
        for filter in 0..<convolution.filters {
            let firstChannel = filter / filters * channels
            for y in 0..<shape.output.height {
                for x in 0..<shape.output.width {
                    var sum = 0.0
                    for c in 0..<channels {
                        for ky in 0..<size {
                            for kx in 0..<size {
                                let (row, column) = (y * stride + ky - padding, x * stride + kx - padding)
                                guard (0..<shape.input.height).contains(row), (0..<shape.input.width).contains(column)
                                else { continue }
                                let plane = (firstChannel + c) * shape.input.height + row
                                let weight = numbers.weights[((filter * channels + c) * size + ky) * size + kx]
                                sum += Double(input[plane * shape.input.width + column]) * Double(weight)
                            }
                        }
                    }
                    if let norm = numbers.batchNorm {
                        let deviation = Double(norm.variances[filter]).squareRoot() + 1e-6
                        sum = (sum - Double(norm.means[filter])) / deviation * Double(norm.scales[filter])
                    }
                    output.append(activate(Float(sum) + numbers.biases[filter], convolution.activation))
                }
            }
        }
        return output
    }

    private func activate(_ x: Float, _ activation: Activation) -> Float {
        switch activation {
        case .linear: x
        case .leaky: x > 0 ? x : 0.1 * x
        case .relu: max(x, 0)
        case .logistic: 1 / (1 + exponential(-x))
        case .tanh: 2 / (1 + exponential(-2 * x)) - 1
        case .elu: x >= 0 ? x : exponential(x) - 1
        default: preconditionFailure("\(activation) is not in the reference")
        }
    }

    private func maximum(_ input: [Float], _ pool: MaxPool, _ shape: LayerShape) -> [Float] {
        var output: [Float] = []
        for c in 0..<shape.output.channels {
            for y in 0..<shape.output.height {
                for x in 0..<shape.output.width {
                    var largest = -Float.infinity
                    for row in window(y, pool) where (0..<shape.input.height).contains(row) {
                        for column in window(x, pool) where (0..<shape.input.width).contains(column) {
                            largest = max(largest, input[(c * shape.input.height + row) * shape.input.width + column])
                        }
                    }
                    output.append(largest)
                }
            }
        }
        return output
    }

    private func window(_ position: Int, _ pool: MaxPool) -> Range<Int> {
        let start = position * pool.stride - pool.padding / 2
        return start..<start + pool.size
    }

    /// The three steps of spec 4.1, or the mapping of spec 4.2.
    private func rearrange(_ input: [Float], _ reorg: Reorg, _ shape: LayerShape) -> [Float] {
        let s = reorg.stride
        var wide = reorg.reverse ? shape.output : shape.input
        if reorg.order == .darknet, !reorg.reverse {
            wide = TensorShape(channels: wide.channels / (s * s), height: wide.height * s, width: wide.width * s)
        }
        var output = input
        for c in 0..<wide.channels {
            for y in 0..<wide.height {
                for x in 0..<wide.width {
                    let offset = y % s * s + x % s
                    let deep = reorg.order == .channelMajor ? c * s * s + offset : offset * wide.channels + c
                    let shallow = (c * wide.height + y) * wide.width + x
                    let packed = (deep * (wide.height / s) + y / s) * (wide.width / s) + x / s
                    if reorg.reverse { output[shallow] = input[packed] } else { output[packed] = input[shallow] }
                }
            }
        }
        return output
    }

    private func probabilities(_ input: [Float], _ softmax: Softmax) -> [Float] {
        let size = input.count / softmax.groups
        return (0..<softmax.groups).flatMap { group in
            let powers = input[group * size..<(group + 1) * size].map { exponential($0 / softmax.temperature) }
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        }
    }

    private func exponential(_ x: Float) -> Float { Float(Double.exponential(Double(x))) }
}

extension Double {
    /// e to the x by its series, halved until that converges fast: the reference shares no code with the engine.
    fileprivate static func exponential(_ x: Double) -> Double {
        guard abs(x) < 0.5 else {
            let half = exponential(x / 2)
            return half * half
        }
        var (term, sum) = (1.0, 1.0)
        for n in 1...12 {
            term *= x / Double(n)
            sum += term
        }
        return sum
    }
}
