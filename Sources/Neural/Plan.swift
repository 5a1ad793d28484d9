import Darknet

/// What a session executes: operations in order, over tensors that do not have memory yet.
struct Plan {
    struct Tensor {
        let shape: TensorShape
        let descriptor: Descriptor
        var home: Home
    }

    /// Where a tensor's memory is.
    enum Home {
        /// The caller's input, which lives outside of the arena.
        case input
        /// A piece of the arena.
        case arena
        /// Part of another tensor: a concat's producers write straight into its result.
        case slice(of: Int, byteOffset: Int)
    }

    enum Work {
        case primitive(Primitive)
        case convolution(Primitive, weights: PackedWeights, biases: Memory)
        case reorg(ReorgCopy)
        case softmax(SoftmaxLayer)
    }

    struct Operation {
        let work: Work
        /// Indices into `tensors`.
        let inputs: [Int]
        let output: Int
        /// The layer that it is done for.
        let layer: Int
    }

    var tensors: [Tensor] = []
    var operations: [Operation] = []
    /// The tensor that each layer leaves, up to the end of what is computed. Layers may share one.
    var layerTensors: [Int] = []
    /// Plain NCHW.
    var output = 0

    /// The tensor whose memory `tensor` lies in, and where in it, in bytes.
    func root(of tensor: Int) -> (tensor: Int, byteOffset: Int) {
        guard case .slice(let whole, let offset) = tensors[tensor].home else { return (tensor, 0) }
        let outer = root(of: whole)
        return (outer.tensor, outer.byteOffset + offset)
    }

    /// Memory requests for every tensor that has a piece of the arena of its own: written first by the operation that
    /// makes it or a slice of it, needed until the last one that reads it. The network's output outlives all; with
    /// `keepsEveryLayer` every tensor does.
    func requests(keepsEveryLayer: Bool) -> [(tensor: Int, request: Arena.Request)] {
        var lives: [Int: ClosedRange<Int>] = [:]
        for (index, operation) in operations.enumerated() {
            for tensor in operation.inputs + [operation.output] {
                let root = root(of: tensor).tensor
                lives[root] = (lives[root]?.lowerBound ?? index)...index
            }
        }
        let outputRoot = root(of: output).tensor
        return lives.sorted { $0.key < $1.key }.compactMap { root, life in
            guard case .arena = tensors[root].home else { return nil }
            let last = keepsEveryLayer || root == outputRoot ? operations.count : life.upperBound
            let request = Arena.Request(
                byteCount: tensors[root].descriptor.byteCount, life: life.lowerBound...last)
            return (root, request)
        }
    }

    /// Working memory that serves every operation, one after the other.
    func scratchpadByteCount() throws -> Int {
        try operations.map { operation in
            switch operation.work {
            case .primitive(let primitive), .convolution(let primitive, _, _): try primitive.scratchpadByteCount()
            case .reorg, .softmax: 0
            }
        }.max() ?? 0
    }
}
