public import Charts

extension Summary {
    /// Precision over recall at three overlaps: the mean of the classes that have truths.
    public func precisionRecall() -> LineChart {
        let judged = classes.filter { !$0.curves.isEmpty }
        let curves = COCOMetrics.overlaps.indices.map { overlap in
            PrecisionRecall.recalls.indices.map { point in mean(judged.lazy.map { $0.curves[overlap][point] }) }
        }
        return LineChart(precisionRecallOf: "all classes", curves: curves)
    }
}

extension ClassSummary {
    /// Precision over recall at three overlaps.
    public func precisionRecall() -> LineChart { LineChart(precisionRecallOf: name, curves: curves) }
}

extension LineChart {
    /// - Parameter curves: by COCO's overlaps, or none.
    fileprivate init(precisionRecallOf name: String, curves: [[Double]]) {
        let shown = [(0, "IoU .50"), (5, "IoU .75"), (8, "IoU .90")]
        self.init(
            title: "Precision and recall: \(name)", xLabel: "recall", yLabel: "precision",
            series: shown.filter { curves.indices.contains($0.0) }.map { overlap, label in
                Series(label, zip(PrecisionRecall.recalls, curves[overlap]).map { Point($0, $1) })
            })
        xRange = 0...1
        yRange = 0...1
    }
}
