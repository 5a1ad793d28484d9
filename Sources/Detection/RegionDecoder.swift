import Darknet
import Foundation

/// Turns a region network's raw output into detections (spec 5.1 to 5.4), before NMS.
public struct RegionDecoder: Sendable {
    /// How classes are told apart.
    public enum Classes: Sendable {
        /// One softmax over all (`softmax=1`).
        case softmax
        /// A logistic each.
        case logistic
        /// A WordTree; with a map, only its nodes are scored, without it the tree is walked.
        case tree(WordTree, map: [Int]?, walk: TreeWalk)
    }

    public let region: Region
    public let classes: Classes

    /// - Throws: where the tree or map does not fit the region.
    public init(region: Region, tree: WordTree? = nil, map: [Int]? = nil, walk: TreeWalk = TreeWalk())
        throws(DetectionError)
    {
        self.region = region
        guard let tree else {
            if map != nil { throw DetectionError("a class map was given for a network without a tree") }
            classes = region.softmax || region.background ? .softmax : .logistic
            return
        }
        guard tree.names.count == region.classes else {
            throw DetectionError("the tree has \(tree.names.count) nodes, the network \(region.classes) classes")
        }
        if let wrong = map?.first(where: { !tree.names.indices.contains($0) }) {
            throw DetectionError("the class map names node \(wrong); the tree's nodes are 0...\(tree.names.count - 1)")
        }
        classes = .tree(tree, map: map, walk: walk)
    }

    /// Every class of every candidate with a score above the threshold, in the order of candidates (anchor, row, column).
    ///
    /// - Parameters:
    ///   - output: the region layer's input for one image, count·(coords+1+classes) x rows x columns.
    ///   - threshold: scores must exceed it, and so must the objectness.
    /// - Returns: boxes relative to the network's input.
    public func decode(
        _ output: UnsafeBufferPointer<Float>, rows: Int, columns: Int, threshold: Float
    ) -> [Candidate] {
        precondition(output.count == region.channels * rows * columns)
        var found: [Candidate] = []
        var logits = [Float](repeating: 0, count: region.classes)
        let cells = rows * columns
        for anchor in 0..<region.count {
            for cell in 0..<cells {
                let start = anchor * region.entries * cells + cell
                let entry = { (index: Int) in output[start + index * cells] }
                // Softmax with a background class: its share takes the place of the objectness' complement.
                let objectness = region.background ? 1 : logistic(entry(4))
                guard objectness > threshold else { continue }
                for index in 0..<region.classes { logits[index] = entry(5 + index) }
                let scored = scores(&logits, background: entry(4), objectness: objectness, threshold: threshold)
                guard !scored.isEmpty else { continue }
                let box = Box(
                    x: (Float(cell % columns) + logistic(entry(0))) / Float(columns),
                    y: (Float(cell / columns) + logistic(entry(1))) / Float(rows),
                    width: exp(entry(2)) * region.anchors[2 * anchor] / Float(columns),
                    height: exp(entry(3)) * region.anchors[2 * anchor + 1] / Float(rows)
                )
                // Weights that do not fit their cfg give such boxes; they are nothing anyone could draw or log.
                guard box.x.isFinite, box.y.isFinite, box.width.isFinite, box.height.isFinite else { continue }
                let index = anchor * cells + cell
                for (classID, score) in scored {
                    found.append(
                        Candidate(
                            index: index,
                            detection: Detection(classID: classID, confidence: score, objectness: objectness, box: box))
                    )
                }
            }
        }
        return found
    }

    private func scores(
        _ values: inout [Float], background: Float, objectness: Float, threshold: Float
    ) -> [(classID: Int, score: Float)] {
        switch classes {
        case .softmax:
            if region.background {
                values.append(background)
                softmax(&values, 0..<values.count)
                values.removeLast()
            } else {
                softmax(&values, 0..<values.count)
            }
        case .logistic:
            for index in values.indices { values[index] = logistic(values[index]) }
        case .tree(let tree, let map, let walk):
            for group in tree.groups { softmax(&values, group.offset..<group.offset + group.size) }
            guard let map else {
                return [(walk.node(in: tree, conditional: values), objectness)]
            }
            let absolute = tree.absolute(values)
            return above(threshold, map.lazy.map { absolute[$0] * objectness })
        }
        return above(threshold, values.lazy.map { $0 * objectness })
    }

    private func above(_ threshold: Float, _ scores: some Sequence<Float>) -> [(classID: Int, score: Float)] {
        var kept: [(classID: Int, score: Float)] = []
        for (classID, score) in scores.enumerated() where score > threshold { kept.append((classID, score)) }
        return kept
    }
}

/// One class of one predictor's box.
public struct Candidate: Hashable, Sendable {
    /// Of the predictor: anchor · rows · columns + row · columns + column.
    public var index: Int
    public var detection: Detection

    public init(index: Int, detection: Detection) {
        self.index = index
        self.detection = detection
    }
}

/// What does not fit together in a detector, in words.
public struct DetectionError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

func logistic(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

/// Numerically safe softmax of one range of the values, in place.
func softmax(_ values: inout [Float], _ range: Range<Int>) {
    var largest = -Float.infinity
    for index in range { largest = max(largest, values[index]) }
    var sum: Float = 0
    for index in range {
        values[index] = exp(values[index] - largest)
        sum += values[index]
    }
    for index in range { values[index] /= sum }
}
