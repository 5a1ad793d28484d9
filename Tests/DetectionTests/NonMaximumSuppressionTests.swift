import Detection
import TestSupport
import Testing

@Suite struct NonMaximumSuppressionTests {
    /// The boxes of check C20 of the spec, each with the scores of two classes.
    private static let boxes = [(0.50, 0.50, 0.4), (0.52, 0.50, 0.4), (0.50, 0.58, 0.4), (0.8, 0.8, 0.2)].map {
        Box(x: Float($0.0), y: Float($0.1), width: Float($0.2), height: Float($0.2))
    }
    private static let scores: [[Float]] = [[0.9, 0.1], [0.8, 0.3], [0.6, 0], [0.7, 0]]

    private static func candidates(objectness: [Float] = [1, 1, 1, 1]) -> [Candidate] {
        boxes.indices.flatMap { index in
            (0..<2).filter { scores[index][$0] > 0 }.map {
                Candidate(
                    index: index,
                    detection: Detection(
                        classID: $0, confidence: scores[index][$0], objectness: objectness[index], box: boxes[index]))
            }
        }
    }

    @Test func intersectionOverUnion() {
        let iou = { Self.boxes[$0].intersectionOverUnion(Self.boxes[$1]) }
        #expect(abs(iou(0, 1) - 0.904762) < 1e-5)
        #expect(abs(iou(0, 2) - 0.666667) < 1e-5)
        #expect(abs(iou(1, 2) - 0.612903) < 1e-5)
        // Check C19.
        let large = Box(x: 0.5, y: 0.5, width: 0.4, height: 0.4)
        #expect(abs(large.intersectionOverUnion(Box(x: 0.6, y: 0.6, width: 0.4, height: 0.4)) - 0.3913043) < 1e-5)
        #expect(abs(large.intersectionOverUnion(Box(x: 0.5, y: 0.5, width: 0.2, height: 0.2)) - 0.25) < 1e-6)
        #expect(large.intersectionOverUnion(Box(x: 0.1, y: 0.1, width: 0.1, height: 0.1)) == 0)
        let empty = Box(x: 0.5, y: 0.5, width: 0, height: 0)
        #expect(empty.intersectionOverUnion(empty) == 0)
    }

    /// Check C23: a truth's anchor is the one most like it in shape.
    @Test func anchorChoice() {
        let truth = Box(x: 0, y: 0, width: 0.35 * 13, height: 0.6 * 13)
        let anchors: [(Float, Float)] = [
            (1.3221, 1.73145), (3.19275, 4.00944), (5.05587, 8.09892), (9.47112, 4.84053), (11.2364, 10.0071),
        ]
        let overlaps = anchors.map { truth.intersectionOverUnion(Box(x: 0, y: 0, width: $0.0, height: $0.1)) }
        for (actual, expected) in zip(overlaps, [0.064501, 0.360697, 0.866728, 0.371339, 0.315624] as [Float]) {
            #expect(abs(actual - expected) < 1e-5)
        }
    }

    @Test func perClass() {
        let kept = { (threshold: Float) in
            NonMaximumSuppression.perClass(Self.candidates(), threshold: threshold).map {
                [$0.index, $0.detection.classID]
            }
        }
        #expect(kept(0.45) == [[0, 0], [3, 0], [1, 1]])
        #expect(kept(0.7) == [[0, 0], [3, 0], [2, 0], [1, 1]])
    }

    /// A suppressed box loses all its classes, and a keeper keeps all.
    @Test func byObjectness() {
        let objectness: [Float] = [0.95, 0.97, 0.8, 0.9]
        let kept = NonMaximumSuppression.objectness(Self.candidates(objectness: objectness), threshold: 0.45)
        #expect(kept.map { [$0.index, $0.detection.classID] } == [[1, 0], [3, 0], [1, 1]])
    }

    /// Of equal ones the first stays; and the order of what is left does not depend on chance.
    @Test func ties() {
        let equal = (0..<6).map { index in
            let box = Box(x: index < 3 ? 0.3 : 0.8, y: 0.5, width: 0.2, height: 0.2)
            return Candidate(
                index: index, detection: Detection(classID: index % 3, confidence: 0.5, objectness: 0.5, box: box))
        }
        #expect(NonMaximumSuppression.perClass(equal, threshold: 0.45).map(\.index) == [0, 1, 2, 3, 4, 5])
        #expect(NonMaximumSuppression.objectness(equal, threshold: 0.45).map(\.index) == [0, 3])
    }

    /// Suppression takes an overlap above the threshold, not one at it.
    @Test func overlapAtTheThreshold() {
        let pair = [
            (0, Box(x: 0.5, y: 0.5, width: 0.5, height: 0.5)), (1, Box(x: 0.5, y: 0.5, width: 0.25, height: 0.5)),
        ]
        .map { Candidate(index: $0.0, detection: Detection(classID: 0, confidence: 0.5, objectness: 1, box: $0.1)) }
        #expect(NonMaximumSuppression.perClass(pair, threshold: 0.5).count == 2)
        #expect(NonMaximumSuppression.perClass(pair, threshold: 0.499).count == 1)
    }

    @Test func nothing() {
        for method in NonMaximumSuppression.allCases { #expect(method([], threshold: 0.45).isEmpty) }
    }

    @Test(arguments: NonMaximumSuppression.allCases, [1, 2, 3, 4, 5] as [UInt64])
    func agreesWithTheSpecsLoop(method: NonMaximumSuppression, seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let number = { (range: ClosedRange<Float>) in Float.random(in: range, using: &generator) }
        var boxes: [ScoredBox] = (0..<150).map { _ in
            let box = Box(x: number(0...1), y: number(0...1), width: number(0.05...0.6), height: number(0.05...0.6))
            // Coarse scores, so that some are equal and some are 0.
            let scores = (0..<3).map { _ in max(0, number(-0.5...1) * 20).rounded() / 20 }
            return ScoredBox(box: box, objectness: (number(0.05...1) * 20).rounded() / 20, scores: scores)
        }
        let candidates = boxes.enumerated().flatMap { index, scored in
            scored.scores.enumerated().filter { $0.element > 0 }.map {
                Candidate(
                    index: index,
                    detection: Detection(
                        classID: $0.offset, confidence: $0.element, objectness: scored.objectness, box: scored.box))
            }
        }
        // A box without any class is no candidate, and suppresses nothing.
        for index in boxes.indices where boxes[index].scores.allSatisfy({ $0 == 0 }) { boxes[index].objectness = 0 }
        ScoredBox.suppress(&boxes, threshold: 0.45, byObjectness: method == .objectness)

        let kept = method(candidates, threshold: 0.45)
        let left = boxes.indices.flatMap { index in
            (0..<3).filter { boxes[index].scores[$0] > 0 }.map { [index, $0] }
        }
        #expect(Set(kept.map { [$0.index, $0.detection.classID] }) == Set(left))
        #expect(kept.count == left.count && left.count < candidates.count)
        #expect(kept.map(\.detection.confidence) == kept.map(\.detection.confidence).sorted(by: >))
    }
}

/// Spec 5.6 as it is written: scores are zeroed.
private struct ScoredBox {
    var box: Box
    var objectness: Float
    var scores: [Float]

    static func suppress(_ boxes: inout [ScoredBox], threshold: Float, byObjectness: Bool) {
        for classID in boxes[0].scores.indices {
            let score = { (box: ScoredBox) in byObjectness ? box.objectness : box.scores[classID] }
            let order = boxes.indices.sorted { (score(boxes[$1]), $0) < (score(boxes[$0]), $1) }
            for (place, keeper) in order.enumerated() where score(boxes[keeper]) > 0 {
                for other in order[(place + 1)...] where overlap(boxes[keeper].box, boxes[other].box) > threshold {
                    if byObjectness {
                        boxes[other].objectness = 0
                        boxes[other].scores = boxes[other].scores.map { _ in 0 }
                    } else {
                        boxes[other].scores[classID] = 0
                    }
                }
            }
        }
    }

    private static func overlap(_ a: Box, _ b: Box) -> Float {
        let left = max(a.x - a.width / 2, b.x - b.width / 2)
        let right = min(a.x + a.width / 2, b.x + b.width / 2)
        let top = max(a.y - a.height / 2, b.y - b.height / 2)
        let bottom = min(a.y + a.height / 2, b.y + b.height / 2)
        guard right > left, bottom > top else { return 0 }
        let shared = (right - left) * (bottom - top)
        return shared / (a.width * a.height + b.width * b.height - shared)
    }
}
