import DataSets

/// The matching of VOC and of Darknet: every box stands for the truth of its class that it overlaps most, if by more
/// than half. The surest box of a truth is right, every further one wrong.
enum OverlapMatching {
    static let threshold = 0.5

    /// Where two boxes lie in a picture, and how much they overlap.
    typealias Overlap = (_ box: TruthBox, _ truth: TruthBox, ClassResults.Picture) -> Double

    /// In pixels that are counted whole (spec 10): for VOC's figures.
    static func inclusive(_ box: TruthBox, _ truth: TruthBox, _ picture: ClassResults.Picture) -> Double {
        let place = PixelBox(voc: box, width: picture.width, height: picture.height, isClipped: true)
        return place.inclusiveOverlap(
            with: PixelBox(voc: truth, width: picture.width, height: picture.height, isClipped: false))
    }

    /// Relative to the picture: for Darknet's.
    static func relative(_ box: TruthBox, _ truth: TruthBox, _: ClassResults.Picture) -> Double {
        box.overlap(with: truth)
    }

    /// The boxes of all pictures that count, the surest first, and whether they are right.
    static func hits(_ results: ClassResults, overlap: Overlap) -> [(score: Double, isHit: Bool)] {
        let boxes = results.pictures.enumerated().flatMap { index, picture in
            picture.boxes.map { (picture: index, box: $0) }
        }
        var taken = results.pictures.map { [Bool](repeating: false, count: $0.truths.count) }
        return boxes.bestFirst(by: \.box.score).compactMap { index, box in
            let picture = results.pictures[index]
            var (best, truth) = (threshold, -1)
            for (candidate, of) in picture.truths.enumerated() {
                let overlap = overlap(box.box, of.box, picture)
                if overlap > best { (best, truth) = (overlap, candidate) }
            }
            guard truth >= 0 else { return (box.score, false) }
            if picture.truths[truth].isPassedOver { return nil }
            defer { taken[index][truth] = true }
            return (box.score, !taken[index][truth])
        }
    }
}
