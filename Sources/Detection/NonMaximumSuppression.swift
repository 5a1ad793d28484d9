/// Removes detections of what a better one already has (spec 5.6).
public enum NonMaximumSuppression: String, Sendable, CaseIterable {
    /// Within each class, by that class's score.
    case perClass = "class"
    /// Across classes, by objectness: a suppressed box loses all its classes.
    case objectness

    /// - Parameters:
    ///   - candidates: in the order of their index.
    ///   - threshold: boxes that overlap a kept one by an IoU above this are removed.
    /// - Returns: what is left, by falling confidence; equal ones by index, then class.
    public func callAsFunction(_ candidates: [Candidate], threshold: Float) -> [Candidate] {
        let kept =
            switch self {
            case .perClass:
                Dictionary(grouping: candidates, by: \.detection.classID).values.flatMap {
                    Self.suppress($0, threshold: threshold, by: \.confidence)
                }
            case .objectness: suppressBoxes(candidates, threshold: threshold)
            }
        return kept.sorted { a, b in
            if a.detection.confidence != b.detection.confidence {
                return a.detection.confidence > b.detection.confidence
            }
            return (a.index, a.detection.classID) < (b.index, b.detection.classID)
        }
    }

    private func suppressBoxes(_ candidates: [Candidate], threshold: Float) -> [Candidate] {
        let byBox = Dictionary(grouping: candidates, by: \.index)
        let boxes = byBox.values.compactMap(\.first)
        return Self.suppress(boxes, threshold: threshold, by: \.objectness).flatMap { byBox[$0.index] ?? [] }
    }

    private static func suppress(
        _ candidates: [Candidate], threshold: Float, by score: KeyPath<Detection, Float>
    ) -> [Candidate] {
        let sorted = candidates.sorted { a, b in
            let (first, second) = (a.detection[keyPath: score], b.detection[keyPath: score])
            return first == second ? a.index < b.index : first > second
        }
        var kept: [Candidate] = []
        for candidate in sorted
        where !kept.contains(where: { $0.detection.box.intersectionOverUnion(candidate.detection.box) > threshold }) {
            kept.append(candidate)
        }
        return kept
    }
}

extension Box {
    /// Shared area over joint area, 0...1; 0 for boxes without area.
    public func intersectionOverUnion(_ other: Box) -> Float {
        let shared = { (a: Float, b: Float, sizeA: Float, sizeB: Float) in
            max(0, min(a + sizeA / 2, b + sizeB / 2) - max(a - sizeA / 2, b - sizeB / 2))
        }
        let intersection = shared(x, other.x, width, other.width) * shared(y, other.y, height, other.height)
        let union = width * height + other.width * other.height - intersection
        return union > 0 ? intersection / union : 0
    }
}
