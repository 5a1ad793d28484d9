public import Darknet

/// A network with its weights: immutable, kept once, shared by any number of sessions on any threads.
public final class Model: Sendable {
    /// The weights, in the arithmetic that sessions compute with.
    enum Numbers {
        case fp32(WeightStore)
        case int8(Int8Weights)
    }

    public let config: NetworkConfig
    let numbers: Numbers
    let softmaxTree: WordTree?

    /// Takes over `weights` and folds the batch normalisation into them. Pass the only reference to them: they are
    /// folded in place then, and a network of 200 MB never exists twice.
    ///
    /// - Parameter softmaxTree: the tree of a classifier whose `[softmax]` names one (spec 1.4). Not the region's,
    ///   which belongs to decoding.
    ///   - kernel: that computes in int8.
    /// - Throws: `NeuralError.weights` where they do not fit the cfg, `DarknetError` for a cfg that does not fit itself.
    public init(
        config: NetworkConfig, weights: consuming WeightsFile,
        batchNorm denominator: BatchNormDenominator = .rootPlusEpsilon, softmaxTree: WordTree? = nil,
        calibration: [Int: ClosedRange<Float>]? = nil, kernel: Int8Kernel = .best ?? .portable
    ) throws {
        self.config = config
        self.softmaxTree = softmaxTree
        let shapes = try config.shapes(width: config.net.width, height: config.net.height)
        var file = weights
        var folded: [Int: FoldedConvolution] = [:]
        for (index, layer) in config.layers.enumerated() {
            guard case .convolutional(let convolution) = layer.kind else { continue }
            let place = config.place(ofLayer: index)
            guard var numbers = file.layers.removeValue(forKey: index) else {
                throw NeuralError.weights(
                    layer: place, expected: "\(convolution.filters) filters", actual: "none for this layer")
            }
            let channels = shapes[index].input.channels
            try numbers.validate(convolution, channels: channels, layer: place)
            try numbers.foldBatchNorm(denominator, layer: place)
            folded[index] = try FoldedConvolution(numbers, convolution, channels: channels, layer: place)
        }
        numbers =
            if let calibration {
                .int8(try Int8Weights(config, folded: folded, ranges: calibration, kernel: kernel))
            } else {
                .fp32(WeightStore(folded))
            }
    }

    public var precision: Precision {
        switch numbers {
        case .fp32: .fp32
        case .int8: .int8
        }
    }

    /// Bytes of weights held now, in the layouts of all living sessions.
    public var weightByteCount: Int {
        switch numbers {
        case .fp32(let weights): weights.byteCount
        case .int8(let weights): weights.byteCount
        }
    }

    /// The network at one size.
    ///
    /// - Parameters: see `Session`; `kernels` is for fp32.
    public func session(
        width: Int, height: Int, batch: Int = 1, threads: Int, kernels: KernelPreference = .throughput
    ) throws -> any NetworkSession {
        switch numbers {
        case .fp32:
            try Session(
                model: self, width: width, height: height, batch: batch, threads: threads, kernels: kernels)
        case .int8(let weights):
            try Int8Session(self, weights: weights, width: width, height: height, batch: batch, threads: threads)
        }
    }
}

extension ConvolutionWeights {
    /// Checks the counts against the layer that takes `channels` input channels.
    func validate(_ convolution: Convolution, channels: Int, layer: String) throws(NeuralError) {
        let filters = convolution.filters
        var counts = [
            ("biases", biases.count, filters),
            ("weights", weights.count, filters * (channels / convolution.groups) * convolution.size * convolution.size),
        ]
        if let norm = batchNorm {
            counts += [
                ("scales", norm.scales.count, filters), ("means", norm.means.count, filters),
                ("variances", norm.variances.count, filters),
            ]
        }
        for (name, actual, expected) in counts where actual != expected {
            throw .weights(layer: layer, expected: "\(expected) \(name)", actual: "\(actual)")
        }
        guard (batchNorm != nil) == convolution.batchNormalize else {
            throw .weights(
                layer: layer,
                expected: convolution.batchNormalize ? "batch normalisation" : "no batch normalisation",
                actual: batchNorm == nil ? "none" : "it")
        }
    }
}
