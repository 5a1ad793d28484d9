/// The course of precision and recall as ever less sure boxes are taken, and its averages (spec 10).
struct PrecisionRecall {
    /// Found so far, after each box.
    private let found: [Int]
    /// Wrong so far.
    private let wrong: [Int]
    private let truths: Int

    /// - Parameters:
    ///   - hits: of each box, the surest first: whether it is right.
    ///   - truths: that must be found, at least 1.
    init(hits: [Bool], truths: Int) {
        precondition(truths > 0, "without truths there is no recall")
        var (right, wrong) = (0, 0)
        (found, self.wrong) = hits.reduce(into: ([], [])) { sums, isHit in
            if isHit { right += 1 } else { wrong += 1 }
            sums.0.append(right)
            sums.1.append(wrong)
        }
        self.truths = truths
    }

    var recall: Double { Double(found.last ?? 0) / Double(truths) }

    /// Of each box, the best precision at its recall or beyond. `tiny` is added to each denominator.
    private func envelope(tiny: Double = 0) -> [Double] {
        var best = 0.0
        return zip(found, wrong).reversed().map { right, wrong in
            best = max(best, Double(right) / (Double(right + wrong) + tiny))
            return best
        }.reversed()
    }

    /// VOC 2007: the mean of the best precisions at recalls of exactly 0, .1, ..., 1 and beyond.
    var elevenPoint: Double {
        let envelope = envelope()
        return (0...10).reduce(0.0) { sum, tenth in
            sum + (found.firstIndex { $0 * 10 >= tenth * truths }.map { envelope[$0] } ?? 0) / 11
        }
    }

    /// VOC 2010 and later, Darknet: the area under the envelope.
    var area: Double {
        var (sum, last) = (0.0, 0)
        for (found, precision) in zip(found, envelope()) where found > last {
            sum += Double(found - last) / Double(truths) * precision
            last = found
        }
        return sum
    }

    /// COCO: the best precision at recalls of 0, .01, ..., 1 and beyond. To the last digit pycocotools'.
    var hundredAndOnePoints: [Double] {
        let envelope = envelope(tiny: .ulpOfOne)
        var box = 0
        return Self.recalls.map { recall in
            while box < found.count, Double(found[box]) / Double(truths) < recall { box += 1 }
            return box < found.count ? envelope[box] : 0
        }
    }

    /// As numpy spaces them.
    static let recalls = (0...100).map { $0 == 100 ? 1 : Double($0) * 0.01 }
}
