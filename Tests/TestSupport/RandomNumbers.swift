public import Darknet

/// Reproducible numbers by the rule of the golden data's `make_weights.py`: number i of a file's body is
/// u = the top 24 bits of splitmix64(seed * 2^32 + i) / 2^24, shifted and scaled by its kind.
public struct UniformNumbers {
    private var generator: SplitMix64

    public init(seed: UInt64 = 1) { generator = SplitMix64(seed: (seed << 32) &* 0x9E37_79B9_7F4A_7C15) }

    /// 0 to 1, without 1.
    public mutating func next() -> Double { Double(generator.next() >> 40) / Double(1 << 24) }

    public mutating func array(_ count: Int, _ transform: (Double) -> Double) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count { buffer.initializeElement(at: index, to: Float(transform(next()))) }
            initialized = count
        }
    }
}

extension WeightsFile {
    /// The rule's weights for every convolution of `config`, in the order of the file.
    public static func reproducible(_ config: NetworkConfig, seed: UInt64 = 1) throws -> WeightsFile {
        var numbers = UniformNumbers(seed: seed)
        var layers: [Int: ConvolutionWeights] = [:]
        for (index, shape) in try config.shapes(width: config.net.width, height: config.net.height).enumerated() {
            guard case .convolutional(let convolution) = config.layers[index].kind else { continue }
            let (filters, area) = (convolution.filters, convolution.size * convolution.size)
            let inputs = shape.input.channels / convolution.groups
            let bound = (6 / Double(area * inputs)).squareRoot()
            let biases = numbers.array(filters) { 0.2 * ($0 - 0.5) }
            var norm: ConvolutionWeights.BatchNorm?
            if convolution.batchNormalize {
                let scales = numbers.array(filters) { 0.5 + $0 }
                let means = numbers.array(filters) { 0.2 * ($0 - 0.5) }
                norm = .init(scales: scales, means: means, variances: numbers.array(filters) { 0.5 + $0 })
            }
            let weights = numbers.array(filters * inputs * area) { (2 * $0 - 1) * bound }
            layers[index] = ConvolutionWeights(biases: biases, batchNorm: norm, weights: weights)
        }
        return WeightsFile(layers: layers)
    }
}
