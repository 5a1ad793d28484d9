import Darknet
import Neural
import TestSupport
import Testing

extension NetworkConfig {
    /// A network without a cfg. Its own size is what `shapes` are first checked at.
    static func network(_ kinds: [Layer.Kind], width: Int = 16, height: Int = 16, channels: Int = 3) -> NetworkConfig {
        NetworkConfig(
            name: "test", net: NetOptions(width: width, height: height, channels: channels),
            layers: kinds.map { Layer($0) })
    }
}

extension Layer.Kind {
    static func conv(
        _ filters: Int, _ size: Int = 3, stride: Int = 1, padding: Int? = nil, groups: Int = 1, norm: Bool = false,
        activation: Activation = .leaky
    ) -> Layer.Kind {
        var convolution = Convolution(
            filters: filters, size: size, stride: stride, padding: padding, batchNormalize: norm,
            activation: activation)
        convolution.groups = groups
        return .convolutional(convolution)
    }

    static func pool(_ size: Int, _ stride: Int, padding: Int? = nil) -> Layer.Kind {
        .maxpool(MaxPool(size: size, stride: stride, padding: padding))
    }

    static func route(_ layers: Int...) -> Layer.Kind { .route(Route(layers)) }

    static func reorg(_ stride: Int, _ order: ReorgOrder = .darknet, reverse: Bool = false) -> Layer.Kind {
        .reorg(Reorg(stride: stride, reverse: reverse, order: order))
    }
}

extension Session {
    /// Runs on `images`, one after the other, and returns all outputs.
    func run(_ images: [Float]) throws -> [Float] {
        try with(images) { try run($0) }
        return Array(output)
    }

    func profile(_ images: [Float]? = nil, runs: Int) throws -> [LayerTime] {
        try with(images ?? [Float](repeating: 0, count: batch * inputShape.count)) { try profile($0, runs: runs) }
    }

    private func with<Result>(_ images: [Float], _ body: ([UnsafeRawPointer]) throws -> Result) throws -> Result {
        #expect(images.count == batch * inputShape.count)
        return try images.withUnsafeBytes { bytes in
            let start = try #require(bytes.baseAddress)
            return try body((0..<batch).map { start + $0 * inputShape.count * MemoryLayout<Float>.stride })
        }
    }
}

/// The largest difference, as a part of the largest value expected.
func relativeError(_ actual: [Float], _ expected: [Float]) -> Float {
    guard actual.count == expected.count, !expected.isEmpty else { return .infinity }
    var (difference, largest): (Float, Float) = (0, 0)
    for (a, e) in zip(actual, expected) {
        guard a.isFinite else { return .infinity }
        difference = max(difference, abs(a - e))
        largest = max(largest, abs(e))
    }
    return largest > 0 ? difference / largest : difference
}

/// An image of -1...1.
func randomImage(_ shape: TensorShape, seed: UInt64 = 7) -> [Float] {
    var numbers = UniformNumbers(seed: seed)
    return numbers.array(shape.count) { 2 * $0 - 1 }
}

extension KernelPreference {
    /// Winograd's transforms lose a few bits.
    var tolerance: Float {
        switch self {
        case .throughput: 5e-5
        case .startup: 1e-5
        }
    }
}

/// Runs a network and the reference on the same images, with all kernels, and compares every layer, each with memory of
/// its own, and then the output of a session that uses memory again.
func expectAgreement(
    _ config: NetworkConfig, width: Int? = nil, height: Int? = nil, batch: Int = 1, threads: Int = 2,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let (width, height) = (width ?? config.net.width, height ?? config.net.height)
    let weights = try WeightsFile.reproducible(config)
    let image = TensorShape(channels: config.net.channels, height: height, width: width)
    let images = (0..<batch).map { randomImage(image, seed: 7 + UInt64($0)) }
    let reference = ReferenceNetwork(config: config, weights: weights)
    let expected = try images.map { try reference.outputs($0, width: width, height: height) }
    let model = try Model(config: config, weights: weights)

    for kernels in KernelPreference.allCases {
        func session(keepsEveryLayer: Bool) throws -> Session {
            try Session(
                model: model, width: width, height: height, batch: batch, threads: threads, kernels: kernels,
                keepsEveryLayer: keepsEveryLayer)
        }
        let open = try session(keepsEveryLayer: true)
        _ = try open.run(Array(images.joined()))
        for layer in config.layers.indices {
            let actual = try #require(try open.layerOutput(layer), sourceLocation: sourceLocation)
            let error = relativeError(actual, expected.flatMap { $0[layer] })
            let place: Comment = "\(kernels): layer \(layer) [\(config.layers[layer].name)]"
            #expect(error < kernels.tolerance, place, sourceLocation: sourceLocation)
        }
        let last = config.layers.count - 1
        let session = try session(keepsEveryLayer: false)
        for _ in 0..<2 {
            let error = relativeError(try session.run(Array(images.joined())), expected.flatMap { $0[last] })
            #expect(error < kernels.tolerance, "\(kernels): output", sourceLocation: sourceLocation)
        }
        #expect(session.scratchBytes <= open.scratchBytes, sourceLocation: sourceLocation)
    }
}
