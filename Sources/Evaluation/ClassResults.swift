import DataSets

/// What is to be judged of one class: the pictures that show it or in which it was found, in their order.
struct ClassResults {
    struct Picture {
        var width: Double
        var height: Double
        var truths: [Truth]
        /// The surest first, equally sure ones in their order.
        var boxes: [ScoredBox]
    }

    var pictures: [Picture] = []

    /// One for each class from 0; what is of a class beyond is left out.
    static func grouped(_ results: [PictureResult], classCount: Int) -> [ClassResults] {
        var classes = [ClassResults](repeating: ClassResults(), count: classCount)
        for result in results {
            let truths = Dictionary(grouping: result.sample.truths, by: \.classID)
            let boxes = Dictionary(grouping: result.boxes, by: \.classID)
            for classID in Set(truths.keys).union(boxes.keys) where classes.indices.contains(classID) {
                classes[classID].pictures.append(
                    Picture(
                        width: Double(result.width), height: Double(result.height), truths: truths[classID] ?? [],
                        boxes: (boxes[classID] ?? []).bestFirst(by: \.score)))
            }
        }
        return classes
    }

    /// Those that must be found.
    var truthCount: Int { pictures.reduce(0) { $0 + $1.truths.count { !$0.isPassedOver } } }
}

extension Truth {
    /// Finding it or not counts neither way.
    var isPassedOver: Bool { isDifficult || isCrowd }
}

extension Array {
    /// By falling score; equal ones stay in their order, as with the stable sorts that other evaluations use.
    func bestFirst(by score: (Element) -> Double) -> [Element] {
        enumerated().sorted { a, b in
            let (first, second) = (score(a.element), score(b.element))
            return first == second ? a.offset < b.offset : first > second
        }.map(\.element)
    }
}

extension [PictureResult] {
    /// By rising number where all pictures have one: the order in which pycocotools meets boxes of one score.
    var inOrder: [PictureResult] {
        guard allSatisfy({ $0.sample.imageID != nil }) else { return self }
        return sorted { ($0.sample.imageID ?? 0) < ($1.sample.imageID ?? 0) }
    }
}
