import CKernels
import Darknet

/// What a training network does, in order, over tensors that do not have memory yet.
struct TrainingGraph {
    enum Work {
        case convolution(Convolution)
        /// Batch normalisation and the activation as far as it is a bend at 0; `pools`: with the 2 x 2 max-pool behind it.
        case norm(slope: Float, pools: Bool)
        /// In place.
        case activation(lk_elementwise)
        case maxpool(MaxPool)
        case mean
        case join
        case reorg(Reorg)
        case dropout(Float)
    }

    struct Node {
        let work: Work
        let layer: Int
        let inputs: [Int]
        let output: Int
        /// For each input: whether another reader has left a gradient there before.
        var adds: [Bool] = []
    }

    struct Tensor {
        let shape: TensorShape
        /// Whether there is something before it that learns.
        var needsGradient: Bool
        /// The tensor whose gradient lies in the same memory: each is overwritten by the other.
        var gradientHome: Int
    }

    private(set) var tensors: [Tensor] = []
    private(set) var nodes: [Node] = []
    /// The tensor that each layer leaves.
    private var layerTensors: [Int] = []
    /// What the loss is made of.
    private(set) var output = 0

    init(_ config: NetworkConfig, shapes: [LayerShape]) throws {
        add(
            TensorShape(channels: config.net.channels, height: shapes[0].input.height, width: shapes[0].input.width),
            needsGradient: false)
        guard case .convolutional = config.layers.first?.kind else {
            throw NeuralError.unsupported(
                layer: config.place(ofLayer: 0), reason: "comes first; only a convolution reads pictures in training")
        }
        var isOver = false
        var pooled = Set<Int>()
        for (index, layer) in config.layers.enumerated() {
            let place = config.place(ofLayer: index)
            guard !isOver || layer.endsNetwork else {
                throw NeuralError.unsupported(
                    layer: place, reason: "stands behind the network's output; only a cost layer may")
            }
            let last = layerTensors.last ?? 0
            let shape = shapes[index]
            switch layer.kind {
            case .convolutional(let convolution):
                let isPooled = Self.isPooledAtOnce(config, index, shape)
                if isPooled { pooled.insert(index + 1) }
                try convolve(
                    last, convolution, index, shape, learns: config.learns(layer: index), isPooled: isPooled, place)
            case .maxpool where pooled.contains(index): layerTensors.append(last)
            case .maxpool(let pool):
                guard pool.size <= 16 else {
                    throw NeuralError.unsupported(layer: place, reason: "size=\(pool.size): training pools up to 16")
                }
                perform(.maxpool(pool), [last], shape.output, index)
            case .avgpool: perform(.mean, [last], shape.output, index)
            case .route(let route):
                let sources = route.layers.map { layerTensors[$0] }
                if sources.count == 1 {
                    layerTensors.append(sources[0])
                } else {
                    perform(.join, sources, shape.output, index)
                }
            case .reorg(let reorg): perform(.reorg(reorg), [last], shape.output, index)
            case .dropout(let dropout) where dropout.probability > 0:
                perform(.dropout(dropout.probability), [last], shape.output, index)
            case .dropout: layerTensors.append(last)
            case .softmax, .region, .cost:
                isOver = true
                layerTensors.append(last)
            }
        }
        output = layerTensors.last ?? 0
        findSeveralReaders()
    }

    /// A convolution that nothing reads but a max-pool of 2 x 2: the two are trained in one.
    private static func isPooledAtOnce(_ config: NetworkConfig, _ index: Int, _ shape: LayerShape) -> Bool {
        guard config.layers.indices.contains(index + 1), case .maxpool(let pool) = config.layers[index + 1].kind,
            case .convolutional(let convolution) = config.layers[index].kind, convolution.batchNormalize,
            convolution.activation.slope != nil, pool.size == 2, pool.stride == 2, pool.padding <= 1,
            shape.output.width.isMultiple(of: 2), shape.output.height.isMultiple(of: 2)
        else { return false }
        return !config.layers.contains {
            guard case .route(let route) = $0.kind else { return false }
            return route.layers.contains(index)
        }
    }

    private mutating func convolve(
        _ source: Int, _ convolution: Convolution, _ layer: Int, _ shape: LayerShape, learns: Bool, isPooled: Bool,
        _ place: String
    ) throws {
        let needs = tensors[source].needsGradient || learns
        let raw = add(shape.output, needsGradient: needs)
        nodes.append(Node(work: .convolution(convolution), layer: layer, inputs: [source], output: raw))
        var last = raw
        if convolution.batchNormalize {
            var result = shape.output
            if isPooled {
                result.width /= 2
                result.height /= 2
            }
            last = add(result, needsGradient: needs)
            // Unpooled gradients keep their size, and are changed where they lie.
            if !isPooled { tensors[raw].gradientHome = last }
            nodes.append(
                Node(
                    work: .norm(slope: convolution.activation.slope ?? 1, pools: isPooled), layer: layer, inputs: [raw],
                    output: last))
        }
        if convolution.activation.slope != nil && convolution.batchNormalize || convolution.activation == .linear {
            layerTensors.append(last)
            return
        }
        guard let elementwise = convolution.activation.elementwise else {
            throw NeuralError.unsupported(
                layer: place, reason: "activation=\(convolution.activation.rawValue) cannot be trained")
        }
        nodes.append(Node(work: .activation(elementwise), layer: layer, inputs: [last], output: last))
        layerTensors.append(last)
    }

    @discardableResult
    private mutating func add(_ shape: TensorShape, needsGradient: Bool) -> Int {
        tensors.append(Tensor(shape: shape, needsGradient: needsGradient, gradientHome: tensors.count))
        return tensors.count - 1
    }

    private mutating func perform(_ work: Work, _ inputs: [Int], _ shape: TensorShape, _ layer: Int) {
        let output = add(shape, needsGradient: inputs.contains { tensors[$0].needsGradient })
        nodes.append(Node(work: work, layer: layer, inputs: inputs, output: output))
        layerTensors.append(output)
    }

    /// Gradients of a tensor that several read are added up; one that nobody reads has none.
    private mutating func findSeveralReaders() {
        var written: Set<Int> = [output]
        for index in nodes.indices.reversed() {
            let node = nodes[index]
            if !written.contains(node.output) { tensors[node.output].needsGradient = false }
            nodes[index].adds = node.inputs.map { input in
                guard input != node.output, tensors[node.output].needsGradient else { return false }
                return !written.insert(input).inserted
            }
        }
    }

    /// Memory for gradients, which live only from the first reader's step back to the maker's. Steps count backward.
    ///
    /// - Parameter extra: bytes that a node needs while it goes backward.
    func gradientRequests(byteCount: (TensorShape) -> Int) -> [(tensor: Int, request: Arena.Request)] {
        var lives: [Int: ClosedRange<Int>] = [tensors[output].gradientHome: 0...0]
        for (step, node) in nodes.reversed().enumerated() where tensors[node.output].needsGradient {
            for tensor in node.inputs + [node.output] where tensors[tensor].needsGradient {
                let home = tensors[tensor].gradientHome
                lives[home] = (lives[home]?.lowerBound ?? step)...step
            }
        }
        return lives.sorted { $0.key < $1.key }.map { tensor, life in
            (tensor, Arena.Request(byteCount: byteCount(tensors[tensor].shape), life: life))
        }
    }
}

extension NetworkConfig {
    /// Whether training changes this layer: it stands behind the last with `stopbackward`, and has no `onlyforward`.
    func learns(layer: Int) -> Bool {
        let frozen = layers.lastIndex { $0.common.stopBackward } ?? -1
        return layer > frozen && !layers[layer].common.onlyForward
    }
}

extension Activation {
    var elementwise: lk_elementwise? {
        switch self {
        case .leaky: lk_act_leaky
        case .relu: lk_act_relu
        case .logistic: lk_act_logistic
        case .tanh: lk_act_tanh
        case .elu: lk_act_elu
        default: nil
        }
    }
}
