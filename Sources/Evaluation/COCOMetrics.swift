import DataSets

/// COCO's figures for one class, as pycocotools computes them from the result file: ten overlaps, three sizes, at most
/// a hundred boxes of a class in a picture. Truths that are difficult, or a crowd, or of another size than asked for
/// count neither way; neither do boxes of another size that find nothing.
struct COCOMetrics {
    /// By `sizes`, then `overlaps`: precision at 101 recalls. Empty for a size without truths.
    let precision: [[[Double]]]
    /// By `sizes`, then `limits`, then `overlaps`: the share found. Empty for a size without truths.
    let recall: [[[Double]]]

    /// All, small, medium, large: areas in square pixels.
    static let sizes: [ClosedRange<Double>] = [0...1e10, 0...1024, 1024...9216, 9216...1e10]
    /// Boxes in a picture.
    static let limits = [1, 10, 100]
    /// .5, .55, ... .95, as numpy spaces them.
    static let overlaps: [Double] = {
        let step = (0.95 - 0.5) / 9
        return (0..<9).map { 0.5 + Double($0) * step } + [0.95]
    }()

    init(_ results: ClassResults) {
        let pictures = results.pictures.map(Picture.init)
        var (precision, recall): ([[[Double]]], [[[Double]]]) = ([], [])
        for size in Self.sizes {
            let truths = pictures.reduce(0) { $0 + $1.truths.count { !$0.isIgnored(size) } }
            guard truths > 0 else {
                precision.append([])
                recall.append([])
                continue
            }
            let matched = pictures.map { $0.matched(size) }
            let curves = Self.limits.map { Self.curves(matched, limit: $0, truths: truths) }
            precision.append(curves[Self.limits.count - 1].map(\.hundredAndOnePoints))
            recall.append(curves.map { $0.map(\.recall) })
        }
        self.precision = precision
        self.recall = recall
    }

    private static func curves(_ pictures: [[Match]], limit: Int, truths: Int) -> [PrecisionRecall] {
        let matches = pictures.flatMap { $0.prefix(limit) }.bestFirst(by: \.score)
        return overlaps.indices.map { overlap in
            let bit: UInt16 = 1 << overlap
            let counted = matches.lazy.filter { $0.ignored & bit == 0 }
            return PrecisionRecall(hits: counted.map { $0.hits & bit != 0 }, truths: truths)
        }
    }
}

/// What became of one box: a bit for each overlap.
private struct Match {
    var score: Double
    var hits: UInt16 = 0
    var ignored: UInt16 = 0
}

/// One class in one picture.
private struct Picture {
    struct JudgedTruth {
        var area: Double
        var isCrowd: Bool
        var isPassedOver: Bool

        func isIgnored(_ size: ClosedRange<Double>) -> Bool { isPassedOver || !size.contains(area) }
    }

    let truths: [JudgedTruth]
    private let boxes: [(score: Double, area: Double)]
    /// By box, then truth.
    private let overlaps: [[Double]]

    init(_ picture: ClassResults.Picture) {
        let places = picture.truths.map {
            COCOBox($0.box, width: picture.width, height: picture.height, isClipped: false)
        }
        truths = zip(picture.truths, places).map { truth, place in
            JudgedTruth(area: truth.area ?? place.area, isCrowd: truth.isCrowd, isPassedOver: truth.isPassedOver)
        }
        let kept = picture.boxes.prefix(COCOMetrics.limits[COCOMetrics.limits.count - 1])
        let found = kept.map { COCOBox($0.box, width: picture.width, height: picture.height, isClipped: true) }
        boxes = zip(kept, found).map { ($0.score, $1.area) }
        let isCrowd = picture.truths.map(\.isCrowd)
        overlaps = found.map { box in zip(places, isCrowd).map { box.overlap(with: $0, isCrowd: $1) } }
    }

    /// The boxes, the surest first, each with the truth that it overlaps most of those that are free. What counts goes
    /// before what does not; of equal overlaps the later truth is taken.
    func matched(_ size: ClosedRange<Double>) -> [Match] {
        let isIgnored = truths.map { $0.isIgnored(size) }
        let order = truths.indices.filter { !isIgnored[$0] } + truths.indices.filter { isIgnored[$0] }
        var taken = [UInt16](repeating: 0, count: truths.count)
        return boxes.enumerated().map { index, box in
            var match = Match(score: box.score)
            for (place, threshold) in COCOMetrics.overlaps.enumerated() {
                let bit: UInt16 = 1 << place
                var (best, truth) = (min(threshold, 1 - 1e-10), -1)
                for candidate in order where taken[candidate] & bit == 0 || truths[candidate].isCrowd {
                    if truth >= 0 && !isIgnored[truth] && isIgnored[candidate] { break }
                    guard overlaps[index][candidate] >= best else { continue }
                    (best, truth) = (overlaps[index][candidate], candidate)
                }
                if truth >= 0 {
                    taken[truth] |= bit
                    match.hits |= bit
                    if isIgnored[truth] { match.ignored |= bit }
                } else if !size.contains(box.area) {
                    match.ignored |= bit
                }
            }
            return match
        }
    }
}
