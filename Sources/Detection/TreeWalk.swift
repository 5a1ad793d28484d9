import Darknet

/// The walk down a WordTree to the deepest class that is sure enough (spec 5.4).
public struct TreeWalk: Hashable, Sendable {
    /// A child is entered while the probability of the path exceeds this.
    public var threshold: Float
    /// Darknet multiplies absolute probabilities along the path, so that ancestors count twice. Off: the paper's rule.
    public var referenceHierarchy: Bool

    public init(threshold: Float = 0.5, referenceHierarchy: Bool = false) {
        self.threshold = threshold
        self.referenceHierarchy = referenceHierarchy
    }

    /// - Parameter conditional: P(node | parent) for every node.
    public func node(in tree: WordTree, conditional: [Float]) -> Int {
        let values = referenceHierarchy ? tree.absolute(conditional) : conditional
        var probability: Float = 1
        var group = 0
        while true {
            let nodes = tree.groups[group].offset..<tree.groups[group].offset + tree.groups[group].size
            var best = nodes.lowerBound
            for node in nodes where values[node] > values[best] { best = node }
            if probability * values[best] > threshold {
                probability *= values[best]
                guard tree.childGroup[best] >= 0 else { return best }
                group = tree.childGroup[best]
            } else {
                let parent = tree.parents[best]
                return parent < 0 ? best : parent
            }
        }
    }
}

extension WordTree {
    /// P(node) = P(node | parent) · P(parent), from the conditional probabilities.
    func absolute(_ conditional: [Float]) -> [Float] {
        var absolute = conditional
        for (node, parent) in parents.enumerated() where parent >= 0 { absolute[node] *= absolute[parent] }
        return absolute
    }
}
