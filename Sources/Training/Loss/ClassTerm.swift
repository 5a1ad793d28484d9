import Darknet
import Foundation

/// The class part of a loss, at one predictor or of a whole picture. Class k's raw value stands at `k * stride`.
enum ClassTerm: Sendable {
    /// Cross-entropy of one softmax over all. With a background class, that is entry -1: it takes its share of the
    /// softmax, its gradient is not written.
    case softmax(background: Bool)
    /// Cross-entropy of a logistic for each class.
    case logistic
    /// Squared error of a logistic for each class.
    case squaredError
    /// Cross-entropy of the softmaxes on the way from the node to the root (spec 8.3).
    case tree(WordTree)

    /// Several classes may be true at once.
    var isMultiLabel: Bool {
        switch self {
        case .logistic, .squaredError: true
        case .softmax, .tree: false
        }
    }

    /// Writes the gradient of each of `count` classes, but for those nodes of a tree that are not on the way and not
    /// beside it: they have none, and are left as they are.
    ///
    /// - Parameter labels: the true classes; one, unless this is multi-label.
    /// - Returns: the loss, and the sum of the squared deltas.
    func callAsFunction(
        _ raw: UnsafePointer<Float>, count: Int, stride: Int, labels: [Int], weight: Float,
        gradient: UnsafeMutablePointer<Float>
    ) -> (loss: Double, cost: Double) {
        switch self {
        case .softmax(let background):
            let nodes = Softmax(raw, nodes: 0..<count, stride: stride, background: background)
            return nodes.crossEntropy(label: labels[0], weight: weight, gradient: gradient)
        case .tree(let tree):
            var (loss, cost) = (0.0, 0.0)
            for node in tree.path(from: labels[0]) {
                let nodes = Softmax(raw, nodes: tree.siblings(of: node), stride: stride)
                let term = nodes.crossEntropy(label: node, weight: weight, gradient: gradient)
                loss += term.loss
                cost += term.cost
            }
            return (loss, cost)
        case .logistic, .squaredError:
            var (loss, cost) = (0.0, 0.0)
            for index in 0..<count {
                let value = raw[index * stride]
                let probability = sigmoid(value)
                let target: Float = labels.contains(index) ? 1 : 0
                let delta = weight * (target - probability)
                cost += Double(delta * delta)
                if case .logistic = self {
                    gradient[index * stride] = -delta
                    // -log of the probability, or of its complement, that does not overflow.
                    loss += Double(weight * (max(value, 0) - value * target + log1p(exp(-abs(value)))))
                } else {
                    gradient[index * stride] = -2 * delta * probability * (1 - probability)
                    loss += Double(delta * (target - probability))
                }
            }
            return (loss, cost)
        }
    }

    /// Of one class; of a tree's node with all above it.
    func probability(of label: Int, _ raw: UnsafePointer<Float>, count: Int, stride: Int) -> Float {
        switch self {
        case .softmax(let background):
            Softmax(raw, nodes: 0..<count, stride: stride, background: background).probability(of: label)
        case .tree(let tree):
            tree.path(from: label).reduce(1) { product, node in
                product * Softmax(raw, nodes: tree.siblings(of: node), stride: stride).probability(of: node)
            }
        case .logistic, .squaredError: sigmoid(raw[label * stride])
        }
    }
}

/// Raw values that exclude each other.
private struct Softmax {
    let raw: UnsafePointer<Float>
    let nodes: Range<Int>
    let stride: Int
    /// The greatest value, and the sum of the exponentials of the differences to it.
    private var largest = -Float.infinity
    private var sum: Float = 0

    /// - Parameter background: entry -1 takes part as well.
    init(_ raw: UnsafePointer<Float>, nodes: Range<Int>, stride: Int, background: Bool = false) {
        (self.raw, self.nodes, self.stride) = (raw, nodes, stride)
        let all = (background ? -1 : nodes.lowerBound)..<nodes.upperBound
        for node in all { largest = max(largest, raw[node * stride]) }
        for node in all { sum += exp(raw[node * stride] - largest) }
    }

    func probability(of node: Int) -> Float { exp(raw[node * stride] - largest) / sum }

    func crossEntropy(
        label: Int, weight: Float, gradient: UnsafeMutablePointer<Float>
    ) -> (loss: Double, cost: Double) {
        var cost = 0.0
        for node in nodes {
            let delta = weight * ((node == label ? 1 : 0) - probability(of: node))
            gradient[node * stride] = -delta
            cost += Double(delta * delta)
        }
        return (Double(weight * (log(sum) - (raw[label * stride] - largest))), cost)
    }
}

extension WordTree {
    /// The node, its parent, and so on to the root.
    func path(from node: Int) -> some Sequence<Int> {
        sequence(first: node) { node in parents[node] < 0 ? nil : parents[node] }
    }

    /// The node and the others of its group.
    func siblings(of node: Int) -> Range<Int> { groups[groupOf[node]].nodes }
}

func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
