import CDNNL
import CKernels
import Darknet

/// A training network at one input size: its operations in order, bound to memory of its own. Values stay from the pass
/// forward for the one backward; gradients share an arena.
final class TrainingPlan {
    let operations: [any TrainingOperation]
    let inputShape: TensorShape
    let outputShape: TensorShape
    /// The pictures, planar float32.
    let picture: Memory
    /// What the loss reads and writes, planar float32.
    let output: Memory
    let outputGradient: Memory
    /// Of each operation's output, for diagnosis.
    let results: [(layer: Int, values: UnsafeMutableRawPointer, count: Int)]
    /// Bytes of values, gradients and working memory.
    let byteCount: Int

    private let stream: Stream
    private let layout: TrainingLayout
    private let threads: Int
    /// The pictures in the precision's numbers, where those are others.
    private let converted: Memory?
    private let toOutput: Primitive
    private let fromGradient: Primitive?
    private let memory: [Memory]

    /// - Parameter parameters: of layer `index`; made on the first call, with the layout asked for.
    init(
        _ config: NetworkConfig, width: Int, height: Int, layout: TrainingLayout, threads: Int, usesWinograd: Bool,
        stream: Stream,
        parameters: (_ layer: Int, _ passes: TrainingConvolution.Passes?) throws -> ConvolutionParameters
    ) throws {
        let shapes = try config.shapes(width: width, height: height)
        let graph = try TrainingGraph(config, shapes: shapes)
        let purpose = "training \(config.name) at \(width) x \(height), batch \(layout.batch)"
        inputShape = graph.tensors[0].shape
        outputShape = graph.tensors[graph.output].shape
        self.stream = stream
        self.layout = layout
        self.threads = threads

        var passes: [Int: TrainingConvolution.Passes] = [:]
        for (index, node) in graph.nodes.enumerated() {
            guard case .convolution(let convolution) = node.work else { continue }
            passes[index] = try TrainingConvolution.Passes(
                convolution, shape: shapes[node.layer], layout: layout, readsPicture: node.inputs[0] == 0,
                learns: config.learns(layer: node.layer) && graph.tensors[node.output].needsGradient,
                needsSourceGradient: graph.tensors[node.inputs[0]].needsGradient
                    && graph.tensors[node.output].needsGradient,
                usesWinograd: usesWinograd, place: config.place(ofLayer: node.layer))
        }

        // Memory: values by tensor, gradients by their lives, working memory for the largest need of all.
        var memory: [Memory] = []
        func take(_ byteCount: Int) throws -> UnsafeMutableRawPointer {
            memory.append(try Memory(byteCount: byteCount, purpose: purpose))
            return memory[memory.count - 1].start
        }
        let plainByteCount = layout.batch * inputShape.count * MemoryLayout<Float>.stride
        let picture = try Memory(byteCount: plainByteCount, purpose: purpose)
        let isFloat = layout.numberByteCount == MemoryLayout<Float>.stride
        let converted = isFloat ? nil : try Memory(byteCount: plainByteCount / 2, purpose: purpose)
        self.picture = picture
        self.converted = converted
        let requests = graph.gradientRequests(byteCount: layout.byteCount)
        let arena = Arena(requests.map(\.request))
        let gradients = try take(arena.byteCount)
        let offsets = Dictionary(uniqueKeysWithValues: zip(requests.map(\.tensor), arena.offsets))
        let tensors = try graph.tensors.enumerated().map { index, tensor in
            TrainingTensor(
                values: index == 0 ? (converted ?? picture).start : try take(layout.byteCount(tensor.shape)),
                gradient: tensor.needsGradient ? offsets[tensor.gradientHome].map { gradients + $0 } : nil)
        }
        let scratchpad = try Memory(
            byteCount: passes.values.map { try $0.scratchByteCount() }.max() ?? 0, purpose: purpose)
        let biasRoom = layout.paddedChannels(shapes.map(\.output.channels).max() ?? 0) * MemoryLayout<Float>.stride
        let gradientScratch = try Memory(
            byteCount: (passes.values.map { try $0.gradientByteCount() }.max() ?? 0) + biasRoom, purpose: purpose)
        let added = graph.nodes.filter(\.makesAddedGradientApart).map { graph.tensors[$0.inputs[0]].shape }
        let addingScratch = added.isEmpty ? nil : try take(added.map(layout.byteCount).max() ?? 0)

        var operations: [any TrainingOperation] = []
        for (index, node) in graph.nodes.enumerated() {
            let place = config.place(ofLayer: node.layer)
            let (input, output) = (tensors[node.inputs[0]], tensors[node.output])
            let (inputShape, shape) = (graph.tensors[node.inputs[0]].shape, shapes[node.layer])
            let adds = node.adds[0]
            switch node.work {
            case .convolution(let convolution):
                guard let passes = passes[index] else { continue }
                let numbers = try parameters(node.layer, passes)
                operations.append(
                    try TrainingConvolution(
                        passes, parameters: numbers, hasBias: !convolution.batchNormalize, layout: layout,
                        source: input, sourceShape: inputShape, destination: output, scratchpad: scratchpad,
                        gradientScratch: gradientScratch, sourceScratch: adds ? addingScratch : nil, stream: stream,
                        threads: threads, place: place))
            case .norm(let slope, let pools):
                let norm = try TrainingNorm(
                    try parameters(node.layer, nil), layout: layout, learns: config.learns(layer: node.layer),
                    input: input, inputShape: inputShape, output: output,
                    outputShape: graph.tensors[node.output].shape, slope: slope, pools: pools, threads: threads)
                if let norm { operations.append(norm) }
            case .activation(let activation):
                operations.append(
                    TrainingActivation(
                        activation, layer: node.layer, tensor: output, shape: inputShape, layout: layout,
                        threads: threads))
            case .maxpool(let pool):
                operations.append(
                    try TrainingMaxPool(
                        pool, layer: node.layer, input: input, output: output, adds: adds, shape: shape,
                        layout: layout, threads: threads))
            case .mean:
                operations.append(
                    TrainingMean(
                        layer: node.layer, input: input, output: output, adds: adds, shape: inputShape,
                        layout: layout, threads: threads))
            case .join:
                let parts = zip(node.inputs, node.adds).map { input, adds in
                    (tensor: tensors[input], channels: graph.tensors[input].shape.channels, adds: adds)
                }
                operations.append(
                    TrainingJoin(
                        layer: node.layer, parts: parts, output: output, shape: shape.output, layout: layout,
                        threads: threads))
            case .reorg(let reorg):
                operations.append(
                    try TrainingReorg(
                        reorg, layer: node.layer, input: input, output: output, adds: adds, shape: shape,
                        layout: layout, threads: threads, place: place))
            case .dropout(let probability):
                operations.append(
                    TrainingDropout(
                        probability, layer: node.layer, input: input, output: output,
                        scratch: adds ? addingScratch : nil, shape: inputShape, layout: layout, threads: threads))
            }
        }
        self.operations = operations

        // The loss works on plain floats.
        let plain = try Descriptor([layout.batch, outputShape.channels, outputShape.height, outputShape.width])
        let blocked = try layout.descriptor(outputShape)
        self.output = try Memory(byteCount: plain.byteCount, purpose: purpose)
        outputGradient = try Memory(byteCount: plain.byteCount, purpose: purpose)
        let last = tensors[graph.output]
        toOutput = try Primitive.reorder(blocked, to: plain, purpose: purpose)
        try toOutput.bind(lk_source, to: last.values)
        try toOutput.bind(lk_destination, to: self.output.start)
        fromGradient = try last.gradient.map { [outputGradient] gradient in
            let reorder = try Primitive.reorder(plain, to: blocked, purpose: purpose)
            try reorder.bind(lk_source, to: outputGradient.start)
            try reorder.bind(lk_destination, to: gradient)
            return reorder
        }
        let loose = try [toOutput, fromGradient].compactMap { try $0?.scratchpadByteCount() }.max() ?? 0
        let looseScratchpad = try Memory(byteCount: loose, purpose: purpose)
        for primitive in [toOutput, fromGradient].compactMap(\.self) { try primitive.bindScratchpad(looseScratchpad) }

        results = graph.nodes.map {
            ($0.layer, tensors[$0.output].values, layout.count(graph.tensors[$0.output].shape))
        }
        self.memory = memory + [scratchpad, gradientScratch, looseScratchpad]
        byteCount =
            ([picture, self.output, outputGradient, converted].compactMap(\.self) + self.memory)
            .reduce(0) { $0 + $1.byteCount } + operations.reduce(0) { $0 + $1.byteCount }
    }

    func forward() throws(NeuralError) {
        if let converted {
            lk_convert(
                layout.flavour, picture.floats.baseAddress, converted.start, Int64(picture.floats.count),
                Int32(threads))
        }
        for operation in operations { try operation.forward() }
        try toOutput.execute(on: stream)
    }

    func backward() throws(NeuralError) {
        guard let fromGradient else { return }
        try fromGradient.execute(on: stream)
        for operation in operations.reversed() { try operation.backward() }
    }

    /// The first layer that left a number which is not finite in the last pass forward.
    func firstNonFinite() -> Int? {
        results.first { lk_is_finite(layout.flavour, $0.values, Int64($0.count)) == 0 }?.layer
    }
}

extension TrainingGraph.Node {
    /// Whether its operation cannot add to a gradient, but only make one.
    fileprivate var makesAddedGradientApart: Bool {
        switch work {
        case .convolution, .dropout: adds.contains(true)
        default: false
        }
    }
}
