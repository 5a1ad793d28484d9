import Darknet
import Glibc

/// A `[softmax]` layer over plain NCHW, on the host: classifiers end in a few thousand values.
///
/// Darknet treats an image's values as one vector in `groups` equal parts, or with a tree as the children of each
/// node; with `spatial` as one vector over the channels at each position.
struct SoftmaxLayer {
    /// Runs of values that sum to 1, as offsets into one image's vector, and the step between neighbours.
    private let ranges: [Range<Int>]
    private let step: Int
    private let columns: Int
    private let temperature: Float
    private let imageCount: Int
    private let batch: Int

    /// `tree` is the softmax's own, where it has one; its nodes are the channels.
    init(_ softmax: Softmax, tree: WordTree?, shape: TensorShape, batch: Int, place: String) throws {
        let plane = shape.height * shape.width
        // Over a plane of one position `spatial` changes nothing.
        step = softmax.spatial ? plane : 1
        columns = step
        let length = softmax.spatial ? shape.channels : shape.count
        temperature = softmax.temperature
        imageCount = shape.count
        self.batch = batch
        if softmax.treeFile != nil {
            guard let tree else {
                throw NeuralError.unsupported(
                    layer: place, reason: "has a tree; give the tree's file along with the cfg and the weights")
            }
            guard tree.count == length else {
                throw NeuralError.unsupported(
                    layer: place, reason: "its tree has \(tree.count) nodes, but it gets \(length) values")
            }
            ranges = tree.groups.map(\.nodes)
        } else {
            let size = length / softmax.groups
            ranges = (0..<softmax.groups).map { $0 * size..<($0 + 1) * size }
        }
    }

    func run(from source: UnsafeMutableRawPointer, to destination: UnsafeMutableRawPointer) {
        let source = source.assumingMemoryBound(to: Float.self)
        let destination = destination.assumingMemoryBound(to: Float.self)
        for image in 0..<batch {
            for column in 0..<columns {
                let start = image * imageCount + column
                for range in ranges { normalise(range, from: source + start, to: destination + start) }
            }
        }
    }

    /// exp(x / t) over their sum, with the largest x subtracted first so that nothing overflows.
    private func normalise(
        _ range: Range<Int>, from source: UnsafeMutablePointer<Float>, to destination: UnsafeMutablePointer<Float>
    ) {
        var largest = -Float.infinity
        for index in range { largest = max(largest, source[index * step]) }
        var sum: Float = 0
        for index in range {
            let value = expf((source[index * step] - largest) / temperature)
            destination[index * step] = value
            sum += value
        }
        for index in range { destination[index * step] /= sum }
    }
}
