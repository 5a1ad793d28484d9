import CDNNL
import Darknet
import TestSupport
import Testing

@testable import Neural

@Suite struct PlanTests {
    private func plan(
        _ layers: [Layer.Kind], batch: Int = 1, kernels: KernelPreference = .startup, keepsEveryLayer: Bool = false
    ) throws -> Plan {
        try plan(.network(layers), batch: batch, kernels: kernels, keepsEveryLayer: keepsEveryLayer)
    }

    private func plan(
        _ config: NetworkConfig, batch: Int = 1, kernels: KernelPreference, keepsEveryLayer: Bool = false
    ) throws -> Plan {
        let model = try Model(config: config, weights: .reproducible(config))
        return try PlanBuilder.plan(
            model: model, width: config.net.width, height: config.net.height, batch: batch, kernels: kernels,
            keepsEveryLayer: keepsEveryLayer, stream: Stream())
    }

    /// Poolings keep the input's plain layout on every CPU, so their concat needs no operation of its own.
    @Test func producersWriteIntoTheirConcat() throws {
        let plan = try plan([.pool(2, 1), .pool(3, 1), .route(0, 1), .pool(2, 2)])
        #expect(plan.operations.count == 3)
        let plane = 3 * 16 * 16 * 4
        let (first, second, whole) = (plan.layerTensors[0], plan.layerTensors[1], plan.layerTensors[2])
        #expect(plan.root(of: first) == (whole, 0))
        #expect(plan.root(of: second) == (whole, plane))
        #expect(plan.root(of: whole) == (whole, 0))
        // The whole lives from the first of its writers to its reader.
        let requests = plan.requests(keepsEveryLayer: false)
        let request = try #require(requests.first { $0.tensor == whole }?.request)
        #expect(request.byteCount == 2 * plane && request.life == 0...2)
        try expectAgreement(.network([.pool(2, 1), .pool(3, 1), .route(0, 1), .pool(2, 2)]))
    }

    /// A part of a part: offsets add up.
    @Test func concatOfAConcat() throws {
        let layers: [Layer.Kind] = [.pool(2, 1), .pool(3, 1), .route(1, 0), .pool(2, 1), .route(3, 2), .pool(2, 2)]
        let plan = try plan(layers)
        #expect(plan.operations.count == 4)
        let plane = 3 * 16 * 16 * 4
        // Behind layer 3, which pools both parts, and behind layer 1.
        #expect(plan.root(of: plan.layerTensors[0]) == (plan.layerTensors[4], 3 * plane))
        try expectAgreement(.network(layers))
    }

    /// Where a slice is impossible there is a copy: more images, the same layer twice, a part of another concat, the
    /// caller's input.
    @Test func concatThatCopies() throws {
        let pools: [Layer.Kind] = [.pool(2, 1), .pool(3, 1)]
        #expect(try plan(pools + [.route(0, 1)], batch: 2).operations.count == 3)
        #expect(try plan(pools + [.route(1, 1)]).operations.count == 3)
        #expect(try plan(pools + [.route(0, 1), .route(1, 0)]).operations.count == 3)
        #expect(try plan([.dropout(Dropout()), .pool(2, 1), .route(0, 1)]).operations.count == 2)
        try expectAgreement(.network([.dropout(Dropout()), .pool(2, 1), .route(0, 1)]))
    }

    /// A route of one layer and a dropout are other names for what is there.
    @Test func aliases() throws {
        let plan = try plan([.pool(2, 1), .pool(2, 1), .route(0), .dropout(Dropout())])
        #expect(plan.operations.count == 2)
        #expect(plan.layerTensors[2] == plan.layerTensors[0] && plan.layerTensors[3] == plan.layerTensors[0])
    }

    /// A layout's copy is made once, however many layers want it: the second reorg adds nothing but itself.
    @Test func conversionsAreShared() throws {
        let one: [Layer.Kind] = [.conv(16), .reorg(2, reverse: true)]
        let two = one + [.route(0), .dropout(Dropout()), .reorg(2, reverse: true)]
        #expect(try plan(two).operations.count == plan(one).operations.count + 1)
    }

    /// All layers of a YOLOv2 agree on how channels lie: of 32 layers only the output, or the passthrough on CPUs
    /// without AVX, is rearranged.
    @Test(arguments: KernelPreference.allCases)
    func reorders(kernels: KernelPreference) throws {
        let voc = try plan(try #require(NetworkConfig.builtIn("yolov2-voc")), kernels: kernels)
        #expect(voc.reorders.count <= 1)
        let tiny = try plan(try #require(NetworkConfig.builtIn("yolov2-tiny-voc")), kernels: kernels)
        #expect(tiny.reorders.count <= 1)
    }

    /// Where a convolution cannot apply its activation itself, the pooling behind it goes first.
    @Test(.enabled(if: ConvolutionKernel.hasWinograd, "no Winograd kernels on this CPU"))
    func activationBehindThePooling() throws {
        func names(_ layers: [Layer.Kind], keepsEveryLayer: Bool = false) throws -> [String] {
            try plan(layers, kernels: .throughput, keepsEveryLayer: keepsEveryLayer).operations.map { operation in
                switch operation.work {
                case .convolution: "conv"
                default: operation.inputs == [operation.output] ? "act" : "other"
                }
            }
        }
        let layers: [Layer.Kind] = [.pool(2, 1), .conv(16), .conv(32), .pool(2, 2), .conv(16, 1)]
        #expect(try names(layers) == ["other", "conv", "conv", "other", "act", "conv", "other"])
        // Whoever asks for the layer gets what it gives.
        #expect(try names(layers, keepsEveryLayer: true) == ["other", "conv", "conv", "act", "other", "conv", "other"])
        // Another layer wants the convolution's own output.
        let routed = layers + [.route(2), .conv(16, 1)]
        #expect(
            try names(routed) == ["other", "conv", "conv", "act", "other", "conv", "conv", "other"])
        // ReLU is fused, and without an activation there is none.
        for activation in [Activation.relu, .linear] {
            let layers: [Layer.Kind] = [.conv(16), .conv(32, activation: activation), .pool(2, 2), .conv(16, 1)]
            #expect(try names(layers) == ["conv", "conv", "other", "conv", "other"])
        }
        try expectAgreement(.network(routed))
    }

    /// What is alive at the end: the output, or everything.
    @Test func lives() throws {
        let plan = try plan([.pool(2, 1), .pool(2, 1), .pool(2, 1)])
        #expect(plan.requests(keepsEveryLayer: false).map(\.request.life) == [0...1, 1...2, 2...3])
        #expect(plan.requests(keepsEveryLayer: true).map(\.request.life) == [0...3, 1...3, 2...3])
    }
}

extension Plan {
    /// Operations that only move what is there.
    fileprivate var reorders: [Operation] {
        operations.filter { operation in
            guard case .primitive = operation.work, operation.inputs.count == 1 else { return false }
            let (source, output) = (tensors[operation.inputs[0]], tensors[operation.output])
            return source.shape == output.shape && source.descriptor != output.descriptor
        }
    }
}

extension ConvolutionKernel {
    /// Whether oneDNN has Winograd kernels for this CPU.
    static var hasWinograd: Bool {
        let shape = TensorShape(channels: 16, height: 16, width: 16)
        let request = lk_convolution(
            source: shape.image(1), destination: shape.image(1), size: 3, stride: 1, padding: 1, groups: 1,
            algorithm: lk_winograd_4x4, activation: lk_linear)
        do { return try Primitive.convolution(request, purpose: "test") != nil } catch { return false }
    }
}
