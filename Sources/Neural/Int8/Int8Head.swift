import Darknet

/// What a classifier computes behind its last convolution, in floats: the mean over all positions and the softmax.
/// Detectors have none of it.
struct Int8Head {
    let shape: TensorShape
    /// What `run` leaves; `nil`: the convolution's results are the answers.
    var output: UnsafeBufferPointer<Float>? { memory.map { UnsafeBufferPointer($0.floats) } }

    private let source: TensorShape
    private let batch: Int
    private let averages: Bool
    private let softmax: SoftmaxLayer?
    private let memory: Memory?

    init(_ model: Model, outputShape: TensorShape, width: Int, height: Int, batch: Int) throws {
        source = outputShape
        self.batch = batch
        let config = model.config
        let shapes = try config.shapes(width: width, height: height)
        var (shape, averages, softmax) = (outputShape, false, SoftmaxLayer?.none)
        for (index, layer) in config.layers.enumerated().dropFirst((config.lastConvolution ?? 0) + 1) {
            switch layer.kind {
            case .avgpool: (shape, averages) = (shapes[index].output, true)
            case .softmax(let kind):
                softmax = try SoftmaxLayer(
                    kind, tree: model.softmaxTree, shape: shape, batch: batch, place: config.place(ofLayer: index))
            default: break
            }
        }
        self.shape = shape
        self.averages = averages
        self.softmax = softmax
        memory =
            averages || softmax != nil
            ? try Memory(byteCount: batch * shape.count * MemoryLayout<Float>.stride, purpose: config.name) : nil
    }

    func run(_ values: UnsafeMutableBufferPointer<Float>) {
        guard let memory, let from = values.baseAddress, let to = memory.floats.baseAddress else { return }
        let plane = source.height * source.width
        if averages {
            for channel in 0..<batch * source.channels {
                let sum = values[channel * plane..<(channel + 1) * plane].reduce(0, +)
                to[channel] = sum / Float(plane)
            }
        } else {
            to.update(from: from, count: batch * source.count)
        }
        softmax?.run(from: to, to: to)
    }
}
