import CDNNL
import CKernels
import Darknet

/// A convolution, forward and backward, with its bias if it has no batch normalisation.
final class TrainingConvolution: TrainingOperation {
    let layer: Int
    private let parameters: ConvolutionParameters
    private let stream: Stream
    private let threads: Int
    private let layout: TrainingLayout

    private let forwardPrimitive: Primitive
    private let weightsPrimitive: Primitive?
    private let dataPrimitive: Primitive?
    private let forwardWeights: PackedCopy
    private let dataWeights: PackedCopy?
    private let hasBias: Bool
    /// From the weight gradients' own layout to the parameter's, adding; `nil` where they are the same.
    private let addingReorder: Primitive?
    private let destination: TrainingTensor
    private let source: TrainingTensor
    /// Where the gradient of the source is made if it is to be added to what lies there.
    private let sourceScratch: UnsafeMutableRawPointer?
    private let sourceCount: Int
    private let gradientScratch: UnsafeMutableRawPointer
    private let weightGradientByteCount: Int

    /// The passes' primitives, from which memory is planned before anything is bound.
    struct Passes {
        let forward: Primitive
        let weights: Primitive?
        let data: Primitive?
        let extent: WeightExtent

        init(
            _ convolution: Convolution, shape: LayerShape, layout: TrainingLayout, readsPicture: Bool,
            learns: Bool, needsSourceGradient: Bool, usesWinograd: Bool, place: String
        ) throws {
            let extent = WeightExtent(
                convolution, channels: shape.input.channels, readsPicture: readsPicture, layout: layout)
            var (from, to) = (shape.input, shape.output)
            from.channels = extent.groups * extent.paddedChannels
            to.channels = extent.groups * extent.paddedFilters
            let source = readsPicture ? try layout.plainDescriptor(from) : try layout.descriptor(from)
            let destination = try layout.descriptor(to)
            self.extent = extent
            let make = { (pass: lk_pass) throws -> Primitive in
                var request = lk_convolution(
                    source: from.image(layout.batch), destination: to.image(layout.batch),
                    size: Int64(convolution.size), stride: Int64(convolution.stride),
                    padding: Int64(convolution.padding), groups: Int64(convolution.groups), algorithm: lk_direct,
                    activation: lk_linear)
                let hasBias = !convolution.batchNormalize
                if usesWinograd, !readsPicture, layout.flavour == lk_16_f32, convolution.paysInWinograd(shape, pass) {
                    request.algorithm = lk_winograd
                    if let primitive = try Primitive.training(
                        request, pass, reading: source, writing: destination, hasBias: hasBias, isFast: true,
                        purpose: place)
                    {
                        return primitive
                    }
                    request.algorithm = lk_direct
                }
                for isFast in [true, false] {
                    if let primitive = try Primitive.training(
                        request, pass, reading: source, writing: destination, hasBias: hasBias, isFast: isFast,
                        purpose: place)
                    {
                        return primitive
                    }
                }
                throw NeuralError.unsupported(layer: place, reason: "oneDNN \(EngineInfo.version) cannot train it")
            }
            forward = try make(lk_forward)
            weights = learns ? try make(lk_backward_weights) : nil
            data = needsSourceGradient ? try make(lk_backward_data) : nil
        }

        func scratchByteCount() throws -> Int {
            try [forward, weights, data].compactMap { try $0?.scratchpadByteCount() }.max() ?? 0
        }

        /// Of the weights, as the kernel writes them.
        func gradientByteCount() throws -> Int { try weights?.descriptor(lk_weights).byteCount ?? 0 }

        /// What the parameters may lie as: the layout that most is done in.
        func parameterLayout() throws -> Descriptor {
            guard let layout = try weights?.descriptor(lk_weights), !layout.isOpaque else {
                return try extent.descriptor()
            }
            return layout
        }
    }

    /// - Parameters:
    ///   - scratchpad: shared by all operations, as `gradientScratch`: room for one layer's weight gradients.
    ///   - sourceScratch: as large as the source, if its gradient is to be added to what lies there.
    init(
        _ passes: Passes, parameters: ConvolutionParameters, hasBias: Bool, layout: TrainingLayout,
        source: TrainingTensor, sourceShape: TensorShape, destination: TrainingTensor, scratchpad: Memory,
        gradientScratch: Memory, sourceScratch: UnsafeMutableRawPointer?, stream: Stream, threads: Int, place: String
    ) throws {
        layer = parameters.layer
        self.parameters = parameters
        self.hasBias = hasBias
        self.stream = stream
        self.threads = threads
        self.source = source
        self.destination = destination
        self.sourceScratch = sourceScratch
        self.gradientScratch = gradientScratch.start
        self.layout = layout
        weightGradientByteCount = try passes.gradientByteCount()
        sourceCount = layout.count(sourceShape)
        forwardPrimitive = passes.forward
        weightsPrimitive = passes.weights
        dataPrimitive = passes.data
        forwardWeights = try PackedCopy(of: parameters, for: passes.forward, stream: stream, purpose: place)
        dataWeights = try passes.data.map { try PackedCopy(of: parameters, for: $0, stream: stream, purpose: place) }

        try passes.forward.bind(lk_source, to: source.values)
        try passes.forward.bind(lk_destination, to: destination.values)
        if hasBias { try passes.forward.bind(lk_bias, to: parameters.biases.valueStart) }
        var adding: Primitive?
        if let weights = passes.weights {
            let made = try weights.descriptor(lk_weights)
            try weights.bind(lk_source, to: source.values)
            try weights.bind(lk_destination, to: try destination.needed(place))
            try weights.bind(lk_weights, to: gradientScratch.start)
            if hasBias { try weights.bind(lk_bias, to: gradientScratch.start + made.byteCount) }
            if let wanted = parameters.weights.descriptor, made != wanted {
                let reorder = try Primitive.reorder(made, to: wanted, adds: true, purpose: place)
                try reorder.bind(lk_source, to: gradientScratch.start)
                try reorder.bind(lk_destination, to: parameters.weights.gradientStart)
                try reorder.bindScratchpad(scratchpad)
                adding = reorder
            }
        }
        addingReorder = adding
        if let data = passes.data {
            try data.bind(lk_destination, to: try destination.needed(place))
            try data.bind(lk_source, to: try sourceScratch ?? source.needed(place))
        }
        for primitive in [passes.forward, passes.weights, passes.data].compactMap(\.self) {
            try primitive.bindScratchpad(scratchpad)
        }
    }

    var byteCount: Int { forwardWeights.byteCount + (dataWeights?.byteCount ?? 0) }

    func forward() throws(NeuralError) {
        try forwardWeights.refresh()
        try forwardPrimitive.execute(on: stream)
    }

    func backward() throws(NeuralError) {
        if let weightsPrimitive { try addWeightGradients(weightsPrimitive) }
        guard let dataPrimitive, let dataWeights else { return }
        try dataWeights.refresh()
        try dataPrimitive.execute(on: stream)
        if let sourceScratch, let gradient = source.gradient {
            lk_add(layout.flavour, gradient, sourceScratch, Int64(sourceCount), Int32(threads))
        }
    }

    /// Straight into the parameter while its gradient is 0; else beside it, and then added.
    private func addWeightGradients(_ primitive: Primitive) throws(NeuralError) {
        let weights = parameters.weights
        let isDirect = weights.isGradientZero && addingReorder == nil
        try primitive.rebind(lk_weights, index: 0, to: isDirect ? weights.gradientStart : gradientScratch)
        try primitive.execute(on: stream)
        if let addingReorder {
            try addingReorder.execute(on: stream)
        } else if !isDirect {
            lk_add(layout.floats, weights.gradientStart, gradientScratch, Int64(weights.count), Int32(threads))
        }
        weights.isGradientZero = false
        guard hasBias else { return }
        let biases = parameters.biases
        let made = gradientScratch + weightGradientByteCount
        lk_add(layout.floats, biases.gradientStart, made, Int64(biases.count), Int32(threads))
    }
}

/// Weights in the layout and numbers that a primitive wants: the parameter's own, or a copy that follows it.
private final class PackedCopy {
    private let parameters: ConvolutionParameters
    private let reorder: Primitive?
    private let memory: Memory?
    private let scratchpad: Memory?
    private let stream: Stream
    private var version = -1

    init(of parameters: ConvolutionParameters, for primitive: Primitive, stream: Stream, purpose: String) throws {
        self.parameters = parameters
        self.stream = stream
        let wanted = try primitive.descriptor(lk_weights)
        guard let own = parameters.weights.descriptor, own != wanted else {
            reorder = nil
            memory = nil
            scratchpad = nil
            try primitive.bind(lk_weights, to: parameters.weights.valueStart)
            return
        }
        let reorder = try Primitive.reorder(own, to: wanted, purpose: purpose)
        let memory = try Memory(byteCount: wanted.byteCount, purpose: purpose)
        let scratchpad = try Memory(byteCount: reorder.scratchpadByteCount(), purpose: purpose)
        try reorder.bind(lk_source, to: parameters.weights.valueStart)
        try reorder.bind(lk_destination, to: memory.start)
        try reorder.bindScratchpad(scratchpad)
        try primitive.bind(lk_weights, to: memory.start)
        self.reorder = reorder
        self.memory = memory
        self.scratchpad = scratchpad
    }

    var byteCount: Int { (memory?.byteCount ?? 0) + (scratchpad?.byteCount ?? 0) }

    func refresh() throws(NeuralError) {
        guard let reorder, version != parameters.version else { return }
        try reorder.execute(on: stream)
        version = parameters.version
    }
}

extension Convolution {
    /// Where oneDNN's Winograd kernels are the faster ones: measured on a Zen 5, one core, batch 4: twice as fast from
    /// 26 x 26 up with 32 channels or more; at 13 x 13 the transformed weights no longer fit the caches, and only the
    /// weight gradients gain.
    fileprivate func paysInWinograd(_ shape: LayerShape, _ pass: lk_pass) -> Bool {
        guard size == 3, stride == 1, padding == 1, groups == 1, shape.input.channels >= 16, filters >= 16 else {
            return false
        }
        let side = min(shape.output.width, shape.output.height)
        return pass == lk_backward_weights ? side >= 12 && shape.input.channels >= 32 : side >= 16
    }
}

extension Primitive {
    func bindScratchpad(_ memory: Memory) throws {
        if try scratchpadByteCount() > 0 { try bind(lk_scratchpad, to: memory.start) }
    }
}

extension TrainingTensor {
    /// The gradient of a tensor that was found to need one.
    func needed(_ place: String) throws(NeuralError) -> UnsafeMutableRawPointer {
        guard let gradient else { throw .unsupported(layer: place, reason: "has no gradient to go backward from") }
        return gradient
    }
}
