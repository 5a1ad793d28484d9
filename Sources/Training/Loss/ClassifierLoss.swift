import Darknet
import Foundation

/// A classifier's loss against the label of a picture: the cross-entropy of its softmax, or of those on the way from the
/// label to the root of a tree (spec 7.8, 8.3); for a network without a softmax, half the squared error.
///
/// Gradients are of the loss, to be descended. Safe to use from several threads at once.
public struct ClassifierLoss: Sendable {
    public let classes: Int
    let tree: WordTree?
    private let kind: Kind

    private enum Kind {
        case crossEntropy(ClassTerm)
        case squaredError(scale: Float)
    }

    /// Softmax.
    ///
    /// - Throws: `LossError` where the tree has not as many nodes as the network classes.
    public init(classes: Int, tree: WordTree? = nil) throws(LossError) {
        if let tree, tree.count != classes {
            throw LossError("the tree has \(tree.count) nodes, the network \(classes) classes")
        }
        self.classes = classes
        self.tree = tree
        kind = .crossEntropy(tree.map { .tree($0) } ?? .softmax(background: false))
    }

    /// The squared error of the outputs as they are, to 1 for the label and 0 for the others: `[cost]` alone.
    public init(squaredErrorOf classes: Int, scale: Float = 1) {
        self.classes = classes
        tree = nil
        kind = .squaredError(scale: scale)
    }

    /// - Throws: where the target is none for this network. What passes here may be given to a call.
    public func check(_ target: Target) throws(LossError) {
        guard case .label(let label) = target else {
            throw LossError("a picture has boxes; a classifier learns from a label for each picture")
        }
        guard (0..<classes).contains(label) else {
            throw LossError("a picture has label \(label); the network's classes are 0...\(classes - 1)")
        }
    }

    /// One picture.
    ///
    /// - Parameters:
    ///   - raw: one value for each class, before the softmax. If they are not finite, nor are the statistics.
    ///   - target: one that `check` lets pass.
    ///   - gradient: as `raw`; all of it is written.
    public func callAsFunction(
        _ raw: UnsafeBufferPointer<Float>, target: Target, gradient: UnsafeMutableBufferPointer<Float>
    ) -> LossStatistics {
        precondition(raw.count == classes && gradient.count == classes && classes > 0)
        do { try check(target) } catch { preconditionFailure(error.description) }
        guard case .label(let label) = target else { preconditionFailure("checked") }
        var statistics = LossStatistics()
        statistics.pictures = 1
        statistics.labels = 1
        let scores: [Float]
        switch kind {
        case .crossEntropy(let term):
            gradient.update(repeating: 0)
            let values = raw.baseAddress!
            let result = term(
                values, count: classes, stride: 1, labels: [label], weight: 1, gradient: gradient.baseAddress!)
            statistics.classes = result.loss
            statistics.cost = result.loss
            statistics.classProbabilitySum = Double(
                term.probability(of: label, values, count: classes, stride: 1))
            if case .tree(let tree) = term { scores = tree.leafScores(raw) } else { scores = Array(raw) }
        case .squaredError(let scale):
            for index in 0..<classes {
                let difference = raw[index] - (index == label ? 1 : 0)
                gradient[index] = scale * difference
                statistics.classes += Double(scale * difference * difference / 2)
                statistics.cost += Double(difference * difference)
            }
            statistics.classProbabilitySum = Double(raw[label])
            scores = Array(raw)
        }
        // The first of equals ranks first. What is no number, or no answer of a tree, is never a hit.
        let score = scores[label]
        var rank = 0
        for (index, other) in scores.enumerated() where other > score || (other == score && index < label) { rank += 1 }
        statistics.top1 = rank < 1 && score > -.infinity ? 1 : 0
        statistics.top5 = rank < 5 && score > -.infinity ? 1 : 0
        return statistics
    }
}

extension WordTree {
    /// The logarithm of each leaf's probability; of the other nodes, which are no answers, -∞.
    fileprivate func leafScores(_ raw: UnsafeBufferPointer<Float>) -> [Float] {
        var scores = Array(raw)
        // Parents stand before their children, and so does the group of a parent.
        for group in groups {
            var largest = -Float.infinity
            for node in group.nodes { largest = max(largest, raw[node]) }
            var sum: Float = 0
            for node in group.nodes { sum += exp(raw[node] - largest) }
            let above = group.parent < 0 ? 0 : scores[group.parent]
            for node in group.nodes { scores[node] = above + raw[node] - largest - log(sum) }
        }
        for node in scores.indices where !isLeaf(node) { scores[node] = -.infinity }
        return scores
    }
}
