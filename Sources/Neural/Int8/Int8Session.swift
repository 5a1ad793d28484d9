import CKernels
public import Darknet

/// A model in int8 at one input size: bytes in, the layer before the region out in floats. One thread at a time; the
/// counterpart of `Session`.
public final class Int8Session: NetworkSession {
    public let batch: Int
    public let outputShape: TensorShape
    public let scratchBytes: Int
    public let inputLayout: InputLayout

    private let model: Model
    private let weights: Int8Weights
    private let plan: Int8Plan
    private let arena: Memory
    private let floats: Memory
    private let tables: [Memory]
    private let head: Int8Head
    private let network: OpaquePointer
    private var images: [UnsafePointer<UInt8>?]

    /// - Parameters: see `Session`.
    /// - Throws: `DarknetError` for a size that the network cannot take, else `NeuralError`.
    init(_ model: Model, weights: Int8Weights, width: Int, height: Int, batch: Int, threads: Int) throws {
        try Session.check("batch", batch, Session.batchRange)
        try Session.check("threads", threads, Session.threadRange)
        let plan = try Int8Plan(model.config, width: width, height: height)
        let head = try Int8Head(model, outputShape: plan.outputShape, width: width, height: height, batch: batch)
        let purpose = "\(model.config.name) at \(width) x \(height), batch \(batch), int8"
        let requests = plan.requests(batch: batch)
        let arena = Arena(requests.map(\.request))
        let memory = try Memory(byteCount: arena.byteCount, purpose: purpose)
        let floats = try Memory(
            byteCount: batch * plan.outputShape.count * MemoryLayout<Float>.stride, purpose: purpose)
        let starts = Dictionary(
            uniqueKeysWithValues: zip(requests.map(\.tensor), arena.offsets.map { memory.start + $0 }))
        var builder = Int8StepBuilder(
            plan: plan, weights: weights, config: model.config, batch: batch, starts: starts, floats: floats.floats)
        let steps = try builder.steps()
        guard let network = lk_int8_create(steps, Int32(steps.count), Int32(threads)) else {
            throw NeuralError.memory(byteCount: steps.count * MemoryLayout<lk_int8_step>.stride, purpose: purpose)
        }
        self.network = network
        self.model = model
        self.weights = weights
        self.plan = plan
        self.batch = batch
        self.arena = memory
        self.floats = floats
        tables = builder.tables
        self.head = head
        outputShape = head.shape
        inputLayout = .bytes(width: width, height: height)
        scratchBytes = memory.byteCount + floats.byteCount + tables.reduce(0) { $0 + $1.byteCount }
        images = Array(repeating: nil, count: batch)
    }

    deinit { lk_int8_destroy(network) }

    public func run(_ images: [UnsafeRawPointer]) {
        precondition(images.count == batch, "a batch is computed whole")
        for (index, image) in images.enumerated() {
            self.images[index] = (image + plan.tensors[0].border).assumingMemoryBound(to: UInt8.self)
        }
        lk_int8_run(network, &self.images, nil)
        head.run(floats.floats)
    }

    /// A pooling that its convolution does takes no time of its own.
    public func profile(_ images: [UnsafeRawPointer], runs: Int) throws -> [LayerTime] {
        guard runs >= 1 else { throw NeuralError.parameter("runs", value: runs, allowed: 1...Int.max) }
        run(images)
        var times = plan.operations.map { _ in [Double]() }
        var seconds = [Double](repeating: 0, count: times.count)
        for _ in 0..<runs {
            lk_int8_run(network, &self.images, &seconds)
            for (index, time) in seconds.enumerated() { times[index].append(time * 1e3) }
        }
        let layout = inputLayout
        let flops = try model.config.flops(width: layout.width, height: layout.height)
        var operations = flops.map { _ in [LayerTime.Operation]() }
        for (operation, times) in zip(plan.operations, times) {
            operations[operation.layer].append(
                LayerTime.Operation(
                    name: operation.work.name, kernel: "lookout \(weights.kernel.name)",
                    milliseconds: times.sorted()[times.count / 2]))
        }
        return flops.indices.map { layer in
            LayerTime(layer: layer, operations: operations[layer], flops: flops[layer] * batch)
        }
    }

    public var output: UnsafeBufferPointer<Float> { head.output ?? UnsafeBufferPointer(floats.floats) }
}

/// Turns a plan into the kernels' steps.
private struct Int8StepBuilder {
    let plan: Int8Plan
    let weights: Int8Weights
    let config: NetworkConfig
    let batch: Int
    /// Of the tensors that have memory of their own.
    let starts: [Int: UnsafeMutableRawPointer]
    let floats: UnsafeMutableBufferPointer<Float>
    /// What the steps point to.
    private(set) var tables: [Memory] = []

    mutating func steps() throws -> [lk_int8_step] {
        try plan.operations.map { operation in
            var step = lk_int8_step()
            step.reads_input = operation.input == 0 ? 1 : 0
            let shape = operation.shape
            let source = tensor(operation.input)
            let destination = operation.output.map(tensor) ?? lk_int8_tensor()
            let border: Int32 = operation.output.map { plan.tensors[$0].needsBorder ? 1 : 0 } ?? 0
            let zeroPoint = weights.quantizations[operation.layer].zeroPoint
            switch operation.work {
            case .convolution(let pools):
                guard case .convolutional(let convolution) = config.layers[operation.layer].kind,
                    let numbers = weights.convolutions[operation.layer]
                else { preconditionFailure("layer \(operation.layer) is no convolution") }
                step.kind = lk_int8_convolve
                step.convolution = lk_int8_convolution(
                    kernel: weights.kernel.handle, images: Int32(batch), width: Int32(shape.output.width),
                    height: Int32(shape.output.height), quads: Int32((numbers.channels + 3) / 4),
                    channels: Int32(shape.output.channels), size: Int32(convolution.size), source: source,
                    weights: UnsafePointer(numbers.weights.start.assumingMemoryBound(to: Int8.self)),
                    factors: UnsafePointer(numbers.factors.floats.baseAddress),
                    offsets: UnsafePointer(numbers.offsets.floats.baseAddress), slope: numbers.slope,
                    zero_point: numbers.zeroPoint, pools: pools ? 1 : 0, destination: destination, border: border,
                    floats: operation.output == nil ? floats.baseAddress : nil)
            case .pooling(let pool):
                step.kind = lk_int8_pool
                step.pooling = lk_int8_pooling(
                    images: Int32(batch), planes: Int32(plan.tensors[operation.input].planes),
                    width: Int32(shape.input.width), height: Int32(shape.input.height),
                    result_width: Int32(shape.output.width), result_height: Int32(shape.output.height),
                    size: Int32(pool.size), stride: Int32(pool.stride), before: Int32(pool.padding / 2),
                    source: source, destination: destination, border: border, zero_point: zeroPoint)
            case .gathering(let sources):
                step.kind = lk_int8_gather
                step.gathering = lk_int8_gathering(
                    images: Int32(batch), planes: Int32((shape.output.channels + 3) / 4),
                    width: Int32(shape.output.width), height: Int32(shape.output.height),
                    offsets: try offsets(sources, operation), source: source, destination: destination,
                    border: border, zero_point: zeroPoint)
            }
            return step
        }
    }

    /// Where a tensor lies; only its strides for the image, which the caller brings.
    private func tensor(_ index: Int) -> lk_int8_tensor {
        let tensor = plan.tensors[index]
        let (root, plane) = plan.root(of: index)
        let start = starts[root].map { $0 + plane * tensor.planeStride + tensor.border }
        return lk_int8_tensor(
            pixels: start?.assumingMemoryBound(to: UInt8.self), row: tensor.rowStride, plane: tensor.planeStride,
            image: plan.byteCount(of: root))
    }

    /// For each byte of the output, plane by plane, where it comes from. Channels that pad the last plane take the first
    /// byte: their weights are 0.
    private mutating func offsets(_ sources: [Int], _ operation: Int8Plan.Operation) throws -> UnsafePointer<Int32> {
        let (from, to) = (operation.shape.input, operation.shape.output)
        let source = plan.tensors[operation.input]
        let planes = (to.channels + 3) / 4
        let plane = to.height * to.width
        let table = try Memory(
            byteCount: planes * plane * 4 * MemoryLayout<Int32>.stride,
            purpose: config.place(ofLayer: operation.layer))
        tables.append(table)
        let offsets = table.start.bindMemory(to: Int32.self, capacity: planes * plane * 4)
        for channel in 0..<planes * 4 {
            for position in 0..<plane {
                let element = channel < to.channels ? sources[channel * plane + position] : 0
                let (c, rest) = element.quotientAndRemainder(dividingBy: from.height * from.width)
                let (y, x) = rest.quotientAndRemainder(dividingBy: from.width)
                offsets[(channel / 4 * plane + position) * 4 + channel % 4] = Int32(
                    c / 4 * source.planeStride + y * source.rowStride + x * 4 + c % 4)
            }
        }
        return UnsafePointer(offsets)
    }
}
