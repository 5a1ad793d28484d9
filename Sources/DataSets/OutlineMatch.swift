/// A line of an outline file.
struct OutlinePart {
    let number: Int
    let points: [SIMD2<Float>]
    let extents: Extents

    init(number: Int, points: [SIMD2<Float>]) {
        self.number = number
        self.points = points
        extents = points.reduce(Extents(low: points[0], high: points[0])) { $0.union(Extents(low: $1, high: $1)) }
    }

    /// A box by its corners.
    struct Extents {
        var low: SIMD2<Float>
        var high: SIMD2<Float>

        func union(_ other: Extents) -> Extents {
            Extents(low: pointwiseMin(low, other.low), high: pointwiseMax(high, other.high))
        }

        private var area: Float { max(0, high.x - low.x) * max(0, high.y - low.y) }

        func iou(_ other: Extents) -> Float {
            let common = Extents(low: pointwiseMax(low, other.low), high: pointwiseMin(high, other.high)).area
            return common / max(area + other.area - common, .leastNormalMagnitude)
        }

        func contains(_ other: Extents, slack: Float) -> Bool {
            all(other.low .>= low - slack) && all(other.high .<= high + slack)
        }
    }
}

/// Finds out which outlines are whose.
enum OutlineMatch {
    private static let leastIoU: Float = 0.8
    /// So much each further part must better the fit: a bystander within the box betters nothing.
    private static let leastGain: Float = 0.02
    /// Beyond its box; labels are rounded otherwise.
    private static let slack: Float = 0.02
    private static let mostParts = 16

    /// Each part is of one object at most, the one that it fits best.
    static func outlines(_ parts: [OutlinePart], of truths: [Truth]) -> [Outline] {
        let matches = truths.indices.compactMap { index -> (truth: Int, parts: Range<Int>, iou: Float)? in
            best(parts, for: truths[index].box).map { (index, $0.parts, $0.iou) }
        }
        var taken = [Bool](repeating: false, count: parts.count)
        var outlines: [Outline] = []
        for match in matches.sorted(by: { ($1.iou, $0.truth) < ($0.iou, $1.truth) })
        where !taken[match.parts].contains(true) {
            for index in match.parts { taken[index] = true }
            outlines.append(Outline(truth: match.truth, polygons: parts[match.parts].map(\.points)))
        }
        return outlines.sorted { $0.truth < $1.truth }
    }

    private static func best(_ parts: [OutlinePart], for box: TruthBox) -> (parts: Range<Int>, iou: Float)? {
        let (centre, half) = (
            SIMD2(Float(box.x), Float(box.y)), SIMD2(Float(box.width), Float(box.height)) / 2
        )
        let wanted = OutlinePart.Extents(low: centre - half, high: centre + half)
        var best: (parts: Range<Int>, iou: Float)?
        var bestScore: Float = -1
        for first in parts.indices where wanted.contains(parts[first].extents, slack: slack) {
            var extents = parts[first].extents
            for last in first..<min(first + mostParts, parts.count) {
                let part = parts[last]
                guard part.number == parts[first].number, wanted.contains(part.extents, slack: slack) else { break }
                extents = extents.union(part.extents)
                let iou = extents.iou(wanted)
                let score = iou - leastGain * Float(last - first)
                guard iou >= leastIoU, score > bestScore else { continue }
                (best, bestScore) = ((first..<last + 1, iou), score)
            }
        }
        return best
    }
}
