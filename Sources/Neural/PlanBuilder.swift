import CDNNL
import Darknet

/// Makes a plan from a network: chooses kernels and layouts, and puts reorders only where layouts differ.
///
/// Convolutions and poolings read what lies there where a fast kernel can, and leave what oneDNN chooses; a reorg
/// gathers from layout to layout; concats are written by their producers where possible. On CPUs with AVX-512 all
/// layers of a YOLOv2 work on blocks of 16 channels, and no reorder is needed up to the output.
struct PlanBuilder {
    private let model: Model
    private let weights: WeightStore
    private let batch: Int
    private let kernels: KernelPreference
    private let keepsEveryLayer: Bool
    private let stream: Stream
    private let input: TensorShape
    private var plan = Plan()
    /// Copies of a tensor in other layouts, each made once.
    private var conversions: [Int: [Int]] = [:]
    /// Activations of tensors that are applied to what the pooling behind them leaves.
    private var delayedActivations: [Int: lk_activation] = [:]

    /// With `keepsEveryLayer` each layer's tensor holds what the layer gives; else an activation may come later.
    static func plan(
        model: Model, width: Int, height: Int, batch: Int, kernels: KernelPreference, keepsEveryLayer: Bool,
        stream: Stream
    ) throws -> Plan {
        guard case .fp32(let weights) = model.numbers else {
            preconditionFailure("the model computes in int8: see Model.session")
        }
        var builder = PlanBuilder(
            model: model, weights: weights, batch: batch, kernels: kernels, keepsEveryLayer: keepsEveryLayer,
            stream: stream,
            input: TensorShape(channels: model.config.net.channels, height: height, width: width))
        try builder.build(shapes: model.config.shapes(width: width, height: height))
        return builder.plan
    }

    private init(
        model: Model, weights: WeightStore, batch: Int, kernels: KernelPreference, keepsEveryLayer: Bool,
        stream: Stream, input: TensorShape
    ) {
        self.model = model
        self.weights = weights
        self.batch = batch
        self.kernels = kernels
        self.keepsEveryLayer = keepsEveryLayer
        self.stream = stream
        self.input = input
    }

    private mutating func build(shapes: [LayerShape]) throws {
        var last = add(input, try descriptor(input), home: .input)
        var isOver = false
        for (index, layer) in model.config.layers.enumerated() {
            let place = model.config.place(ofLayer: index)
            let shape = shapes[index]
            guard !isOver || layer.endsNetwork else {
                throw NeuralError.unsupported(
                    layer: place, reason: "stands behind the network's output; only a cost layer may")
            }
            switch layer.kind {
            case .convolutional(let convolution):
                last = try convolve(last, convolution, layer: index, shape: shape, place: place)
            case .maxpool(let pool):
                last = try pooled(last, try pool.window(shape, batch: batch, place: place), shape, place: place)
            case .avgpool:
                last = try pooled(last, .whole(shape, batch: batch), shape, place: place)
            case .route(let route):
                let sources = route.layers.map { plan.layerTensors[$0] }
                last = sources.count == 1 ? sources[0] : try join(sources, to: shape.output, place: place)
            case .reorg(let reorg):
                last = try rearrange(last, reorg, shape: shape, place: place)
            case .softmax(let softmax):
                last = try normalise(last, softmax, shape: shape.output, place: place)
                isOver = true
            case .region, .cost: isOver = true
            case .dropout: break
            }
            plan.layerTensors.append(last)
        }
        plan.output = try converted(last, to: try descriptor(plan.tensors[last].shape), place: "network output")
    }

    // MARK: Layers

    private mutating func convolve(
        _ source: Int, _ convolution: Convolution, layer: Int, shape: LayerShape, place: String
    ) throws -> Int {
        let kernel = try ConvolutionKernel(
            convolution, reading: plan.tensors[source].descriptor, shape: shape, batch: batch, preference: kernels,
            place: place)
        let primitive = kernel.primitive
        let numbers = try weights.convolution(
            layer: layer, layout: try primitive.descriptor(lk_weights), stream: stream, purpose: place)
        let source = try converted(source, to: try primitive.descriptor(lk_source), place: place)
        let output = perform(
            .convolution(primitive, weights: numbers.weights, biases: numbers.biases), [source],
            add(shape.output, try primitive.descriptor(lk_destination)))
        if kernel.remainingActivation != lk_linear, !keepsEveryLayer, isReadByMaxPoolAlone(layer) {
            delayedActivations[output] = kernel.remainingActivation
            return output
        }
        return try activate(output, kernel.remainingActivation, place: place)
    }

    /// All activations rise, so the largest of a window may be found before they are applied, to fewer values.
    private func isReadByMaxPoolAlone(_ layer: Int) -> Bool {
        let layers = model.config.layers
        guard layers.indices.contains(layer + 1), case .maxpool = layers[layer + 1].kind else { return false }
        return !layers.contains {
            guard case .route(let route) = $0.kind else { return false }
            return route.layers.contains(layer)
        }
    }

    private mutating func activate(_ tensor: Int, _ activation: lk_activation, place: String) throws -> Int {
        guard activation != lk_linear else { return tensor }
        let primitive = try Primitive.activation(
            activation, of: plan.tensors[tensor].descriptor, purpose: place)
        return perform(.primitive(primitive), [tensor], tensor)
    }

    private mutating func pooled(_ source: Int, _ window: lk_pooling, _ shape: LayerShape, place: String) throws -> Int
    {
        let primitive = try Primitive.pooling(plan.tensors[source].descriptor, window, purpose: place)
        let output = perform(
            .primitive(primitive), [source], add(shape.output, try primitive.descriptor(lk_destination)))
        return try activate(output, delayedActivations[source] ?? lk_linear, place: place)
    }

    private mutating func rearrange(_ source: Int, _ reorg: Reorg, shape: LayerShape, place: String) throws -> Int {
        let permutation = ReorgPermutation(reorg, input: shape.input)
        // The source's own layout, if that suits the new channels as well; else plain on both sides.
        let layout = try channelLayout(of: source)
        if let layout, shape.output.channels.isMultiple(of: layout.block) {
            let output = try Descriptor(extents(shape.output), layout.kind)
            let from = (shape: shape.input, descriptor: plan.tensors[source].descriptor)
            if let copy = ReorgCopy(permutation, from: from, to: (shape.output, output), batch: batch) {
                return perform(.reorg(copy), [source], add(shape.output, output))
            }
        }
        let plain = try converted(source, to: try descriptor(shape.input), place: place)
        let output = try descriptor(shape.output)
        let from = (shape: shape.input, descriptor: plan.tensors[plain].descriptor)
        guard let copy = ReorgCopy(permutation, from: from, to: (shape.output, output), batch: batch) else {
            throw NeuralError.unsupported(layer: place, reason: "\(shape.input) is too large to rearrange")
        }
        return perform(.reorg(copy), [plain], add(shape.output, output))
    }

    /// Concatenates along the channels. One image's channels lie one block after the other, so the producers can write
    /// straight into the whole; with more images, or channels that end within a block, they are copied.
    private mutating func join(_ sources: [Int], to shape: TensorShape, place: String) throws -> Int {
        if batch == 1, let layout = try commonLayout(of: sources) {
            let whole = add(shape, try Descriptor(extents(shape), layout))
            var channel = 0
            for source in sources {
                let offset = plan.tensors[whole].descriptor.offset(c: channel) ?? 0
                plan.tensors[source].home = .slice(of: whole, byteOffset: offset * MemoryLayout<Float>.stride)
                channel += plan.tensors[source].shape.channels
            }
            return whole
        }
        let descriptors = sources.map { plan.tensors[$0].descriptor }
        let primitive = try Primitive.concat(
            descriptors, into: try Descriptor(extents(shape), lk_layout_any), purpose: place)
        return perform(.primitive(primitive), sources, add(shape, try primitive.descriptor(lk_destination)))
    }

    private mutating func normalise(
        _ source: Int, _ softmax: Softmax, shape: TensorShape, place: String
    ) throws -> Int {
        let layer = try SoftmaxLayer(softmax, tree: model.softmaxTree, shape: shape, batch: batch, place: place)
        let plain = try converted(source, to: try descriptor(shape), place: place)
        return perform(.softmax(layer), [plain], add(shape, try descriptor(shape)))
    }

    // MARK: Tensors and layouts

    private mutating func add(_ shape: TensorShape, _ descriptor: Descriptor, home: Plan.Home = .arena) -> Int {
        plan.tensors.append(Plan.Tensor(shape: shape, descriptor: descriptor, home: home))
        return plan.tensors.count - 1
    }

    private mutating func perform(_ work: Plan.Work, _ inputs: [Int], _ output: Int) -> Int {
        // Of the layer being built; what follows the last one is for that.
        let layer = min(plan.layerTensors.count, model.config.layers.count - 1)
        plan.operations.append(Plan.Operation(work: work, inputs: inputs, output: output, layer: layer))
        return output
    }

    /// `tensor` itself if it lies as `layout` says, else a copy that does.
    private mutating func converted(_ tensor: Int, to layout: Descriptor, place: String) throws -> Int {
        for known in [tensor] + conversions[tensor, default: []] where plan.tensors[known].descriptor == layout {
            return known
        }
        let source = plan.tensors[tensor]
        let reorder = try Primitive.reorder(source.descriptor, to: layout, purpose: place)
        let copy = add(source.shape, layout)
        conversions[tensor, default: []].append(copy)
        return perform(.primitive(reorder), [tensor], copy)
    }

    private func extents(_ shape: TensorShape) -> [Int] { [batch, shape.channels, shape.height, shape.width] }

    /// Plain NCHW.
    private func descriptor(_ shape: TensorShape) throws -> Descriptor { try Descriptor(extents(shape)) }

    /// How a tensor's channels lie, and how many of them side by side; nil for layouts that have no name here.
    private func channelLayout(of tensor: Int) throws -> (kind: lk_layout, block: Int)? {
        let tensor = plan.tensors[tensor]
        let candidates = [
            (lk_layout_row_major, 1), (lk_layout_blocked16, 16), (lk_layout_blocked8, 8), (lk_layout_blocked4, 4),
            (lk_layout_channels_last, 1),
        ]
        let extents = extents(tensor.shape)
        return try candidates.first { try Descriptor(extents, $0.0) == tensor.descriptor }
            .map { (kind: $0.0, block: $0.1) }
    }

    /// The layout that all of them share, if each can be moved into a slice of a whole in that layout.
    private func commonLayout(of sources: [Int]) throws -> lk_layout? {
        guard Set(sources).count == sources.count, let first = try channelLayout(of: sources[0]),
            first.kind != lk_layout_channels_last
        else { return nil }
        let fit = try sources.allSatisfy { source in
            guard case .arena = plan.tensors[source].home else { return false }
            return try channelLayout(of: source)?.kind == first.kind
                && plan.tensors[source].shape.channels.isMultiple(of: first.block)
        }
        return fit ? first.kind : nil
    }
}
