import CDNNL
public import Darknet
import Glibc

/// A model made ready for one input size, batch and number of threads: all kernels built, all memory taken.
///
/// Not thread safe. It may be made on one thread and used on another, but oneDNN's OpenMP keeps a team of threads for
/// every thread that calls it: run all sessions from one thread where cores are few.
public final class Session: NetworkSession {
    public let model: Model
    public let batch: Int
    public let threads: Int
    /// Of one image; the input has `batch` of them.
    public let inputShape: TensorShape
    /// Of one image; the output has `batch` of them.
    public let outputShape: TensorShape
    /// Bytes of activations, input and working memory; the weights, which are the model's, not counted.
    public let scratchBytes: Int

    let plan: Plan
    private let keepsEveryLayer: Bool
    private let stream: Stream
    private let inputMemory: Memory
    private let arenaMemory: Memory
    private let scratchpad: Memory
    private let arenaOffsets: [Int: Int]
    let steps: [Step]
    /// Every operation that reads the image, by the index of the source, where a single image is read as it lies; `nil`:
    /// images are copied to `inputMemory` first.
    private let imageReaders: [(primitive: Primitive, index: Int)]?

    /// What `run` does for one operation.
    enum Step {
        case execute(Primitive)
        case reorg(ReorgCopy, source: UnsafeMutableRawPointer, destination: UnsafeMutableRawPointer)
        case softmax(SoftmaxLayer, source: UnsafeMutableRawPointer, destination: UnsafeMutableRawPointer)
    }

    public static let batchRange = 1...256
    public static let threadRange = 1...1024

    /// - Parameters:
    ///   - width: of the input, in pixels; a multiple of the network's strides, 32 in YOLOv2. Need not be the cfg's.
    ///   - height: likewise.
    ///   - threads: that compute one run, the calling one included. More than there are cores only slows it down.
    ///   - kernels: what the convolutions are chosen for.
    ///   - keepsEveryLayer: gives every layer memory of its own, for `layerOutput`. For diagnosis: it takes several
    ///     times the memory.
    /// - Throws: `DarknetError` for a size that the network cannot take, else `NeuralError`.
    public init(
        model: Model, width: Int, height: Int, batch: Int = 1, threads: Int, kernels: KernelPreference = .throughput,
        keepsEveryLayer: Bool = false
    ) throws {
        try Self.check("batch", batch, Self.batchRange)
        try Self.check("threads", threads, Self.threadRange)
        // Kernels divide their work among the threads when they are made.
        _ = lk_set_threads(Int32(threads))
        let stream = try Stream()
        let plan = try PlanBuilder.plan(
            model: model, width: width, height: height, batch: batch, kernels: kernels,
            keepsEveryLayer: keepsEveryLayer, stream: stream)
        let requests = plan.requests(keepsEveryLayer: keepsEveryLayer)
        let arena = Arena(requests.map(\.request))
        let image = plan.tensors[0]
        let purpose = "\(model.config.name) at \(width) x \(height), batch \(batch)"

        self.model = model
        self.batch = batch
        self.threads = threads
        self.plan = plan
        self.keepsEveryLayer = keepsEveryLayer
        self.stream = stream
        inputShape = image.shape
        outputShape = plan.tensors[plan.output].shape
        imageReaders = batch == 1 && !keepsEveryLayer ? Self.imageReaders(plan) : nil
        // With readers only what they are bound to until the first run.
        inputMemory = try Memory(byteCount: imageReaders == nil ? image.descriptor.byteCount : 0, purpose: purpose)
        arenaMemory = try Memory(byteCount: arena.byteCount, purpose: purpose)
        scratchpad = try Memory(byteCount: try plan.scratchpadByteCount(), purpose: purpose)
        scratchBytes = inputMemory.byteCount + arenaMemory.byteCount + scratchpad.byteCount
        arenaOffsets = Dictionary(uniqueKeysWithValues: zip(requests.map(\.tensor), arena.offsets))
        steps = try plan.operations.map { [inputMemory, arenaMemory, arenaOffsets, scratchpad] operation in
            try Self.step(
                operation, Places(plan: plan, input: inputMemory, arena: arenaMemory, offsets: arenaOffsets),
                scratchpad: scratchpad)
        }
    }

    private static func imageReaders(_ plan: Plan) -> [(primitive: Primitive, index: Int)]? {
        var readers: [(primitive: Primitive, index: Int)] = []
        for operation in plan.operations {
            for (index, input) in operation.inputs.enumerated() where input == 0 {
                switch operation.work {
                case .primitive(let primitive), .convolution(let primitive, _, _): readers.append((primitive, index))
                case .reorg, .softmax: return nil
                }
            }
        }
        return readers
    }

    public var inputLayout: InputLayout { .floats(width: inputShape.width, height: inputShape.height) }

    public func run(_ images: [UnsafeRawPointer]) throws {
        try take(images)
        takeThreads()
        for step in steps { try perform(step) }
    }

    /// Has the steps read these images.
    func take(_ images: [UnsafeRawPointer]) throws(NeuralError) {
        precondition(images.count == batch, "a batch is computed whole")
        guard let imageReaders else {
            let byteCount = inputShape.count * MemoryLayout<Float>.stride
            for (index, image) in images.enumerated() {
                (inputMemory.start + index * byteCount).copyMemory(from: image, byteCount: byteCount)
            }
            return
        }
        let image = UnsafeMutableRawPointer(mutating: images[0])
        for reader in imageReaders { try reader.primitive.rebind(lk_source, index: reader.index, to: image) }
    }

    /// What the layer before the region gives, raw; for a classifier its softmax. Batch x channels x height x width,
    /// planar. Valid until the next `run`, and as long as the session lives.
    public var output: UnsafeBufferPointer<Float> {
        let start = places.start(of: plan.output).assumingMemoryBound(to: Float.self)
        return UnsafeBufferPointer(start: start, count: batch * outputShape.count)
    }

    /// Before steps are performed: the number belongs to the thread, and another session may have set it, or this be
    /// another thread.
    func takeThreads() { _ = lk_set_threads(Int32(threads)) }

    func perform(_ step: Step) throws(NeuralError) {
        switch step {
        case .execute(let primitive): try primitive.execute(on: stream)
        case .reorg(let copy, let source, let destination): copy.run(from: source, to: destination)
        case .softmax(let softmax, let source, let destination): softmax.run(from: source, to: destination)
        }
    }

    /// What layer `index` gave in the last run, as batch x channels x height x width. For diagnosis, and only in a
    /// session that `keepsEveryLayer`; otherwise the memory has been used again, and the answer is nil.
    public func layerOutput(_ index: Int) throws -> [Float]? {
        guard keepsEveryLayer, plan.layerTensors.indices.contains(index) else { return nil }
        let tensor = plan.tensors[plan.layerTensors[index]]
        let shape = tensor.shape
        let plain = try Descriptor([batch, shape.channels, shape.height, shape.width])
        let copy = try Memory(byteCount: plain.byteCount, purpose: "a layer's output")
        let source = places.start(of: plan.layerTensors[index])
        try Primitive.copy(
            source, tensor.descriptor, to: copy.start, plain, on: stream, purpose: "reading layer \(index)")
        return Array(copy.floats)
    }

    private var places: Places { Places(plan: plan, input: inputMemory, arena: arenaMemory, offsets: arenaOffsets) }

    static func check(_ name: String, _ value: Int, _ allowed: ClosedRange<Int>) throws(NeuralError) {
        guard allowed.contains(value) else { throw .parameter(name, value: value, allowed: allowed) }
    }

    /// Binds an operation to the memory of its tensors.
    private static func step(_ operation: Plan.Operation, _ places: Places, scratchpad: Memory) throws -> Step {
        let sources = operation.inputs.map(places.start)
        let destination = places.start(of: operation.output)
        switch operation.work {
        case .reorg(let copy): return .reorg(copy, source: sources[0], destination: destination)
        case .softmax(let softmax): return .softmax(softmax, source: sources[0], destination: destination)
        case .convolution(let primitive, let weights, let biases):
            try primitive.bind(lk_weights, to: weights.start)
            try primitive.bind(lk_bias, to: biases.start)
            try bind(primitive, sources, destination, scratchpad)
            return .execute(primitive)
        case .primitive(let primitive):
            try bind(primitive, sources, destination, scratchpad)
            return .execute(primitive)
        }
    }

    private static func bind(
        _ primitive: Primitive, _ sources: [UnsafeMutableRawPointer], _ destination: UnsafeMutableRawPointer,
        _ scratchpad: Memory
    ) throws {
        for (index, source) in sources.enumerated() { try primitive.bind(lk_source, index: index, to: source) }
        try primitive.bind(lk_destination, to: destination)
        if try primitive.scratchpadByteCount() > 0 { try primitive.bind(lk_scratchpad, to: scratchpad.start) }
    }
}

/// Where a plan's tensors lie in a session's memory.
private struct Places {
    let plan: Plan
    let input: Memory
    let arena: Memory
    /// Of the tensors that have memory of their own.
    let offsets: [Int: Int]

    func start(of tensor: Int) -> UnsafeMutableRawPointer {
        let (root, byteOffset) = plan.root(of: tensor)
        guard let offset = offsets[root] else { return input.start + byteOffset }
        return arena.start + offset + byteOffset
    }
}
