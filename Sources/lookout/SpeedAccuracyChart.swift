import Charts
import Evaluation

extension SpeedAccuracy {
    /// Accuracy over speed, a point for each size, in the manner of the paper's figure 4.
    func chart() -> LineChart {
        let points = { (value: (EvalReport) -> Double, isNamed: Bool) in
            runs.map { run in
                LineChart.Point(1 / (run.seconds ?? .nan), value(run), label: isNamed ? run.size : nil)
            }
        }
        return LineChart(
            title: "Accuracy over speed", xLabel: "pictures a second, network alone",
            yLabel: "average precision, percent",
            series: [
                LineChart.Series("AP50", points(\.summary.ap50, true), isMarked: true),
                LineChart.Series("VOC07", points(\.summary.voc07, false), isMarked: true),
                LineChart.Series("AP", points(\.summary.ap, false), isMarked: true),
            ])
    }
}
