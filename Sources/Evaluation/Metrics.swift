import DataSets

/// Judges what a network answered to a data set.
public enum Metrics {
    /// VOC's figures take boxes of whole pixels with both ends counted, whatever the data set; COCO's those of its result
    /// file. Both clip answers to the picture. A crowd counts neither way in any of them, as does a difficult truth.
    ///
    /// - Parameter names: of all classes; what is of a class beyond them is left out.
    public static func summary(of results: [PictureResult], names: [String]) -> Summary {
        let results = results.inOrder
        let classes = ClassResults.grouped(results, classCount: names.count)
        let judged = zip(classes, names).map { JudgedClass($0, name: $1) }
        let coco = judged.compactMap(\.coco)
        let sure = judged.reduce(into: Sure()) { $0.add($1) }
        let precision = { (size: Int, overlaps: Range<Int>) in
            percent(mean(coco.map { mean($0.precision[size].dropEmpty(overlaps).joined()) }))
        }
        let recall = { (size: Int, limit: Int) in
            percent(mean(coco.compactMap { $0.recall[size].isEmpty ? nil : mean($0.recall[size][limit]) }))
        }
        return Summary(
            ap: precision(0, 0..<10), ap50: precision(0, 0..<1), ap75: precision(0, 5..<6),
            apSmall: precision(1, 0..<10), apMedium: precision(2, 0..<10), apLarge: precision(3, 0..<10),
            ar1: recall(0, 0), ar10: recall(0, 1), ar100: recall(0, 2),
            arSmall: recall(1, 2), arMedium: recall(2, 2), arLarge: recall(3, 2),
            voc07: mean(judged.map(\.summary.voc07)), vocArea: mean(judged.map(\.summary.vocArea)),
            darknetMAP: mean(judged.map(\.summary.darknetAP)),
            precision: percent(sure.precision), recall: percent(sure.recall), f1: percent(sure.f1),
            proposals: proposals(of: results), pictures: results.count,
            truths: judged.reduce(0) { $0 + $1.summary.truths }, classes: judged.map(\.summary))
    }

    /// Confidence above which a box counts for precision, recall and F1, and in pictures of mistakes.
    static let sureThreshold = 0.25

    private static func proposals(of results: [PictureResult]) -> Summary.Proposals {
        var (boxes, overlaps) = (0, [Double]())
        for result in results {
            // A box has a row for each of its classes.
            let places = Set(result.boxes.map(\.box))
            boxes += places.count
            for truth in result.sample.truths where !truth.isPassedOver {
                overlaps.append(places.lazy.map { $0.overlap(with: truth.box) }.max() ?? 0)
            }
        }
        let found = overlaps.count { $0 > OverlapMatching.threshold }
        return Summary.Proposals(
            perPicture: Double(boxes) / Double(results.count), meanOverlap: percent(mean(overlaps)),
            recall: percent(Double(found) / Double(overlaps.count)))
    }
}

/// A class with its figures.
private struct JudgedClass {
    var summary: ClassSummary
    /// `nil` without truths.
    var coco: COCOMetrics?
    /// Of the boxes surer than the threshold.
    var sureHits = 0
    var sureBoxes = 0

    init(_ results: ClassResults, name: String) {
        let truths = results.truthCount
        summary = ClassSummary(
            name: name, truths: truths, ap: .nan, ap50: .nan, ap75: .nan, voc07: .nan, vocArea: .nan, darknetAP: .nan,
            curves: [])
        let darknet = OverlapMatching.hits(results, overlap: OverlapMatching.relative)
        let sure = darknet.prefix { $0.score > Metrics.sureThreshold }
        (sureHits, sureBoxes) = (sure.count(where: \.isHit), sure.count)
        guard truths > 0 else { return }
        let coco = COCOMetrics(results)
        self.coco = coco
        let curves = coco.precision[0]
        let voc = PrecisionRecall(
            hits: OverlapMatching.hits(results, overlap: OverlapMatching.inclusive).map(\.isHit), truths: truths)
        summary.ap = percent(mean(curves.joined()))
        summary.ap50 = percent(mean(curves[0]))
        summary.ap75 = percent(mean(curves[5]))
        summary.voc07 = percent(voc.elevenPoint)
        summary.vocArea = percent(voc.area)
        summary.darknetAP = percent(PrecisionRecall(hits: darknet.map(\.isHit), truths: truths).area)
        summary.curves = curves
    }
}

/// Boxes surer than the threshold, of all classes.
private struct Sure {
    var hits = 0
    var boxes = 0
    var truths = 0

    mutating func add(_ judged: JudgedClass) {
        hits += judged.sureHits
        boxes += judged.sureBoxes
        truths += judged.summary.truths
    }

    var precision: Double { Double(hits) / Double(boxes) }
    var recall: Double { Double(hits) / Double(truths) }
    var f1: Double { 2 * Double(hits) / Double(boxes + truths) }
}

private func percent(_ share: Double) -> Double { 100 * share }

/// Of the numbers among them; NaN of none.
func mean(_ values: some Sequence<Double>) -> Double {
    var (sum, count) = (0.0, 0)
    for value in values where !value.isNaN { (sum, count) = (sum + value, count + 1) }
    return sum / Double(count)
}

extension [[Double]] {
    /// Those of the range; none where there are none at all.
    fileprivate func dropEmpty(_ range: Range<Int>) -> ArraySlice<[Double]> { isEmpty ? [] : self[range] }
}
