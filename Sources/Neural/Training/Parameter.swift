import CDNNL

/// Numbers of one layer that training changes, with their gradient. They lie as the layer's kernels like best; `plain`
/// gives them as a weights file has them.
///
/// Not thread safe, but different ranges of the buffers may be worked on at once.
public final class Parameter {
    public enum Kind: String, Sendable {
        case weights, biases, scales
    }

    public let layer: Int
    public let kind: Kind
    /// Of the file; `values` may hold more, to fill up blocks, which are and stay 0.
    public let plainCount: Int
    /// Of the layer, by which the network's learning rate is multiplied.
    public let learningRate: Float
    /// Whether weight decay pulls at it.
    public var isDecayed: Bool { kind == .weights }

    private let valueMemory: Memory
    private let gradientMemory: Memory
    private let layout: Layout
    /// Nothing has been added since the optimiser took it, and set it to 0.
    var isGradientZero = true

    private enum Layout {
        /// The file's, and zeros behind.
        case plain
        case blocked(Descriptor, WeightExtent)
    }

    /// Starts with `plain`, filled up to `paddedCount`.
    init(layer: Int, kind: Kind, learningRate: Float, plain: [Float], paddedCount: Int) throws {
        self.layer = layer
        self.kind = kind
        self.learningRate = learningRate
        plainCount = plain.count
        layout = .plain
        let byteCount = paddedCount * MemoryLayout<Float>.stride
        valueMemory = try Memory(byteCount: byteCount, purpose: "the \(kind.rawValue) of layer \(layer)")
        gradientMemory = try Memory(byteCount: byteCount, purpose: "gradients of layer \(layer)")
        _ = valueMemory.floats.update(fromContentsOf: plain)
    }

    /// Weights, laid out as `descriptor` says.
    init(layer: Int, learningRate: Float, plain: [Float], _ extent: WeightExtent, as descriptor: Descriptor) throws {
        self.layer = layer
        kind = .weights
        self.learningRate = learningRate
        plainCount = plain.count
        layout = .blocked(descriptor, extent)
        valueMemory = try Memory(byteCount: descriptor.byteCount, purpose: "the weights of layer \(layer)")
        gradientMemory = try Memory(byteCount: descriptor.byteCount, purpose: "gradients of layer \(layer)")
        try set(plain, in: values)
    }

    public var values: UnsafeMutableBufferPointer<Float> { valueMemory.floats }
    /// Of the loss, summed over all pictures since the optimiser set it to 0.
    public var gradient: UnsafeMutableBufferPointer<Float> { gradientMemory.floats }
    /// Numbers of the two, and of what an optimiser keeps beside them.
    public var count: Int { valueMemory.byteCount / MemoryLayout<Float>.stride }

    var valueStart: UnsafeMutableRawPointer { valueMemory.start }
    var gradientStart: UnsafeMutableRawPointer { gradientMemory.start }

    /// Of weights.
    var descriptor: Descriptor? {
        if case .blocked(let descriptor, _) = layout { descriptor } else { nil }
    }

    /// What lies in `buffer` as the parameter's values do, in the order of a weights file.
    public func plain(_ buffer: UnsafeMutableBufferPointer<Float>) throws -> [Float] {
        precondition(buffer.count == count)
        guard case .blocked(let blocked, let extent) = layout, let start = buffer.baseAddress else {
            return Array(buffer[..<plainCount])
        }
        var result = [Float](repeating: 0, count: extent.paddedCount)
        try result.withUnsafeMutableBytes { bytes in
            guard let destination = bytes.baseAddress else { return }
            try Primitive.copy(start, blocked, to: destination, extent.descriptor(), on: Stream(), purpose: purpose)
        }
        return extent.cropped(result)
    }

    /// The other way round.
    public func set(_ numbers: [Float], in buffer: UnsafeMutableBufferPointer<Float>) throws {
        precondition(buffer.count == count && numbers.count == plainCount)
        guard case .blocked(let blocked, let extent) = layout, let start = buffer.baseAddress else {
            _ = buffer.update(fromContentsOf: numbers)
            return
        }
        try extent.padded(numbers).withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            try Primitive.copy(
                UnsafeMutableRawPointer(mutating: source), extent.descriptor(), to: start, blocked, on: Stream(),
                purpose: purpose)
        }
    }

    private var purpose: String { "\(kind.rawValue) of layer \(layer)" }
}
