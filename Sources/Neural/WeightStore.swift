import CDNNL
import Darknet
import Pipeline

/// One convolution's numbers as they lie in the file, with the batch normalisation folded in.
struct FoldedConvolution: Sendable {
    /// (Groups x) filters x channels x rows x columns.
    let layout: Descriptor
    fileprivate(set) var weights: [Float]
    let biases: Memory

    init(_ numbers: consuming ConvolutionWeights, _ convolution: Convolution, channels: Int, layer: String) throws {
        let (groups, size) = (convolution.groups, convolution.size)
        let kernel = [convolution.filters / groups, channels / groups, size, size]
        layout = try Descriptor(groups > 1 ? [groups] + kernel : kernel)
        weights = numbers.weights
        biases = try Memory(copying: numbers.biases, purpose: layer)
    }
}

/// The weights of one convolution in the layout that some session's kernel wants. Never written after `init`.
final class PackedWeights: Sendable {
    let layout: Descriptor
    private let memory: Memory

    var start: UnsafeMutableRawPointer { memory.start }

    /// Copies `source`, which lies as `sourceLayout` says, into `layout`.
    fileprivate init(
        copying source: UnsafeMutableRawPointer, _ sourceLayout: Descriptor, to layout: Descriptor, stream: Stream,
        purpose: String
    ) throws {
        self.layout = layout
        memory = try Memory(byteCount: layout.byteCount, purpose: purpose)
        try Primitive.copy(source, sourceLayout, to: memory.start, layout, on: stream, purpose: purpose)
    }
}

/// Every convolution's weights, kept once.
///
/// They start as they lie in the file. The first layout that can be copied out of replaces that copy, since further
/// sessions mostly want the same. For any other layout, and for Winograd's, which cannot be copied out of, a copy of its
/// own is made from what is there, shared by all who want the same, and freed with the last of them.
final class WeightStore: Sendable {
    private struct Entry {
        var folded: FoldedConvolution
        /// Once it is there, `folded` holds no weights.
        var primary: PackedWeights?
        var others: [WeakReference] = []

        mutating func packed(as layout: Descriptor, stream: Stream, purpose: String) throws -> PackedWeights {
            if let primary, primary.layout == layout { return primary }
            others.removeAll { $0.weights == nil }
            if let other = others.lazy.compactMap(\.weights).first(where: { $0.layout == layout }) { return other }
            let packed = try copy(to: layout, stream: stream, purpose: purpose)
            if primary == nil, !layout.isOpaque {
                primary = packed
                folded.weights = []
            } else {
                others.append(WeakReference(weights: packed))
            }
            return packed
        }

        private mutating func copy(to layout: Descriptor, stream: Stream, purpose: String) throws -> PackedWeights {
            let plain = folded.layout
            if let primary {
                // Winograd's layouts can be made from the file's alone.
                let source =
                    layout.isOpaque
                    ? try PackedWeights(
                        copying: primary.start, primary.layout, to: plain, stream: stream, purpose: purpose) : primary
                return try PackedWeights(
                    copying: source.start, source.layout, to: layout, stream: stream, purpose: purpose)
            }
            return try folded.weights.withUnsafeMutableBytes { weights in
                guard let start = weights.baseAddress else {
                    throw NeuralError.weights(layer: purpose, expected: "weights", actual: "none")
                }
                return try PackedWeights(copying: start, plain, to: layout, stream: stream, purpose: purpose)
            }
        }

        var byteCount: Int {
            let packed = [primary].compactMap(\.self) + others.compactMap(\.weights)
            return packed.reduce(folded.weights.count * MemoryLayout<Float>.stride) { $0 + $1.layout.byteCount }
        }
    }

    private struct WeakReference {
        weak var weights: PackedWeights?
    }

    private let entries: Locked<[Int: Entry]>

    /// By the index of the layer.
    init(_ convolutions: [Int: FoldedConvolution]) {
        entries = Locked(convolutions.mapValues { Entry(folded: $0) })
    }

    /// The weights of `layer` in `layout` and its biases, for as long as the caller keeps them.
    func convolution(
        layer: Int, layout: Descriptor, stream: Stream, purpose: String
    ) throws -> (weights: PackedWeights, biases: Memory) {
        try entries.withLock { entries in
            // Through the optional, in place: a copy of the entry would copy its weights as well.
            let packed = try entries[layer]?.packed(as: layout, stream: stream, purpose: purpose)
            guard let packed, let biases = entries[layer]?.folded.biases else {
                throw NeuralError.weights(layer: purpose, expected: "a convolution", actual: "none")
            }
            return (packed, biases)
        }
    }

    /// Bytes of weights held now, in all layouts.
    var byteCount: Int { entries.withLock { $0.values.reduce(0) { $0 + $1.byteCount } } }
}
