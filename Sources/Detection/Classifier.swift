import Darknet
import Neural

/// A classification network at one input size. One thread at a time.
public final class Classifier {
    public struct Answer: Hashable, Sendable {
        public let classID: Int
        /// 0...1
        public let probability: Float
    }

    public let network: LoadedNetwork
    public let width: Int
    public let height: Int
    private let session: Session

    public init(_ network: LoadedNetwork, width: Int, height: Int, threads: Int) throws {
        guard network.decoder == nil else {
            throw DetectionError("\(network.config.name) is a detector, not a classifier: --top does not apply")
        }
        self.network = network
        self.width = width
        self.height = height
        session = try Session(model: network.model, width: width, height: height, batch: 1, threads: threads)
    }

    /// The `top` likeliest classes, the likeliest first. In a tree, the likeliest leaves (spec 6).
    public func classify(_ image: InputImage, top: Int) throws -> [Answer] {
        precondition(image.width == width && image.height == height, "the image was prepared for another size")
        precondition(session.input.count == image.values.count, "the network takes other channels")
        _ = session.input.update(from: image.values)
        try session.run()
        var probabilities = Array(session.output)
        if let tree = network.tree {
            probabilities = tree.absolute(probabilities)
            for node in probabilities.indices where !tree.isLeaf(node) { probabilities[node] = 0 }
        }
        let order = probabilities.indices.sorted {
            (probabilities[$1], $0) < (probabilities[$0], $1)
        }
        return order.prefix(top).map { Answer(classID: $0, probability: probabilities[$0]) }
    }
}
