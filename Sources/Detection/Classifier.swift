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
    private let session: any NetworkSession

    public init(_ network: LoadedNetwork, width: Int, height: Int, threads: Int) throws {
        guard network.decoder == nil else {
            throw DetectionError("\(network.config.name) is a detector, not a classifier: --top does not apply")
        }
        self.network = network
        self.width = width
        self.height = height
        session = try network.model.session(width: width, height: height, threads: threads)
    }

    /// An image for this classifier, to be prepared and used again.
    public func makeInput() -> InputImage { InputImage(session.inputLayout) }

    /// The `top` likeliest classes, the likeliest first. In a tree, the likeliest leaves (spec 6).
    public func classify(_ image: InputImage, top: Int) throws -> [Answer] {
        precondition(image.layout == session.inputLayout, "the image was prepared for another size")
        try withExtendedLifetime(image) { try session.run([UnsafeRawPointer(image.memory)]) }
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
