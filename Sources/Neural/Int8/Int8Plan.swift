import Darknet

/// What an int8 session executes: operations in order over tensors of bytes, each with a border of one pixel, laid out
/// as `lk_int8_tensor` says.
struct Int8Plan {
    struct Tensor {
        let shape: TensorShape
        /// Whose planes these are, and from which on: a route's sources are written straight into the whole.
        var whole: (tensor: Int, plane: Int)?
        /// A 3 x 3 convolution reads it, so that the border must hold the zero point.
        var needsBorder = false

        /// Of four channels each.
        var planes: Int { (shape.channels + 3) / 4 }
        /// Bytes from row to row.
        var rowStride: Int { InputLayout.bytes(width: shape.width, height: shape.height).rowStride }
        /// Bytes from plane to plane: never a multiple of a page, as rows of all planes would share few cache lines.
        var planeStride: Int {
            let bytes = rowStride * (shape.height + 2)
            return bytes.isMultiple(of: 4096) ? bytes + 64 : bytes
        }
        /// Bytes before the first pixel inside the border.
        var border: Int { rowStride + 4 }
    }

    enum Work {
        /// With the pooling behind it, where that halves both sides.
        case convolution(pools: Bool)
        case pooling(MaxPool)
        /// The source's element for each of the output's, in C, H, W order.
        case gathering([Int])

        /// For people.
        var name: String {
            switch self {
            case .convolution(let pools): pools ? "convolution and pooling" : "convolution"
            case .pooling: "pooling"
            case .gathering: "copy"
            }
        }
    }

    struct Operation {
        let work: Work
        let layer: Int
        /// What the layer reads.
        let shape: LayerShape
        let input: Int
        /// `nil`: the network's answers, in floats.
        let output: Int?
    }

    /// The first is the image.
    private(set) var tensors: [Tensor] = []
    private(set) var operations: [Operation] = []
    /// Of the last convolution.
    private(set) var outputShape = TensorShape(channels: 0, height: 0, width: 0)

    /// Results a row from which on a pooling is done by the convolution before it. Below, tiles of two rows waste more
    /// than the pooling takes.
    static let leastPooledWidth = 52

    /// - Parameter config: one that `checkInt8` accepts.
    init(_ config: NetworkConfig, width: Int, height: Int) throws {
        let shapes = try config.shapes(width: width, height: height)
        let readers = config.readers
        let end = config.lastConvolution ?? 0
        var last = add(TensorShape(channels: config.net.channels, height: height, width: width))
        var layerTensors: [Int] = []
        var pooledByConvolution: Set<Int> = []
        for (index, layer) in config.layers.prefix(end + 1).enumerated() {
            let shape = shapes[index]
            switch layer.kind {
            case .convolutional(let convolution):
                if convolution.size > 1 { tensors[last].needsBorder = true }
                if index == end {
                    outputShape = shape.output
                    perform(.convolution(pools: false), index, shape, last, nil)
                } else if config.canPool(within: index, shape: shape, readers: readers) {
                    pooledByConvolution.insert(index + 1)
                    last = perform(.convolution(pools: true), index, shape, last, add(shapes[index + 1].output))
                } else {
                    last = perform(.convolution(pools: false), index, shape, last, add(shape.output))
                }
            case .maxpool(let pool):
                if !pooledByConvolution.contains(index) {
                    last = perform(.pooling(pool), index, shape, last, add(shape.output))
                }
            case .reorg(let reorg):
                let sources = ReorgPermutation(reorg, input: shape.input).sources
                last = perform(.gathering(sources), index, shape, last, add(shape.output))
            case .route(let route):
                let sources = route.layers.map { layerTensors[$0] }
                last = sources.count == 1 ? sources[0] : join(sources, index, shape)
            default: break
            }
            layerTensors.append(last)
        }
        // Who writes a part of a whole fills the border of that part.
        for index in tensors.indices {
            var part = tensors[index]
            while let (whole, _) = part.whole {
                part = tensors[whole]
                if part.needsBorder { tensors[index].needsBorder = true }
            }
        }
    }

    private mutating func add(_ shape: TensorShape) -> Int {
        tensors.append(Tensor(shape: shape))
        return tensors.count - 1
    }

    @discardableResult
    private mutating func perform(_ work: Work, _ layer: Int, _ shape: LayerShape, _ input: Int, _ output: Int?) -> Int
    {
        operations.append(Operation(work: work, layer: layer, shape: shape, input: input, output: output))
        return output ?? input
    }

    /// Along the channels. A source becomes a part of the whole where it is made; one that is the image, or a part
    /// already, is copied.
    private mutating func join(_ sources: [Int], _ layer: Int, _ shape: LayerShape) -> Int {
        let whole = add(shape.output)
        var plane = 0
        for source in sources {
            let part = tensors[source].shape
            if source == 0 || tensors[source].whole != nil || operations.last(where: { $0.output == source }) == nil {
                let copy = add(part)
                tensors[copy].whole = (whole, plane)
                perform(.gathering(Array(0..<part.count)), layer, LayerShape(input: part, output: part), source, copy)
            } else {
                tensors[source].whole = (whole, plane)
            }
            plane += tensors[source].planes
        }
        return whole
    }

    /// The tensor whose memory `tensor` lies in, and the plane of it that it begins with.
    func root(of tensor: Int) -> (tensor: Int, plane: Int) {
        var (root, plane) = (tensor, 0)
        while let whole = tensors[root].whole { (root, plane) = (whole.tensor, plane + whole.plane) }
        return (root, plane)
    }

    /// Bytes of each tensor with memory of its own, and the operations that need it. The image is the caller's.
    func requests(batch: Int) -> [(tensor: Int, request: Arena.Request)] {
        var lives: [Int: ClosedRange<Int>] = [:]
        for (index, operation) in operations.enumerated() {
            for tensor in [operation.input, operation.output].compactMap(\.self) {
                let root = root(of: tensor).tensor
                lives[root] = (lives[root]?.lowerBound ?? index)...index
            }
        }
        return lives.filter { $0.key != 0 }.sorted { $0.key < $1.key }.map { tensor, life in
            (tensor, Arena.Request(byteCount: byteCount(of: tensor) * batch, life: life))
        }
    }

    /// Of one image.
    func byteCount(of tensor: Int) -> Int { tensors[tensor].planeStride * tensors[tensor].planes }
}

extension NetworkConfig {
    /// By layer: how many layers read what it gives.
    fileprivate var readers: [Int] {
        var counts = Array(repeating: 0, count: layers.count)
        for (index, layer) in layers.enumerated() {
            if case .route(let route) = layer.kind {
                for source in route.layers { counts[source] += 1 }
            } else if index > 0 {
                counts[index - 1] += 1
            }
        }
        return counts
    }

    /// Whether only a pooling that halves both sides reads the layer.
    fileprivate func canPool(within layer: Int, shape: LayerShape, readers: [Int]) -> Bool {
        guard case .convolutional(let convolution) = layers[layer].kind, convolution.size == 3, readers[layer] == 1,
            layers.indices.contains(layer + 1), case .maxpool(let pool) = layers[layer + 1].kind
        else { return false }
        let (width, height) = (shape.output.width, shape.output.height)
        return pool.size == 2 && pool.stride == 2 && pool.padding < 2 && width.isMultiple(of: 2)
            && height.isMultiple(of: 2) && width >= Int8Plan.leastPooledWidth
    }
}
