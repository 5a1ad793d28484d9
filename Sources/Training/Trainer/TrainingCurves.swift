import Charts
import Foundation

/// The curves of a training as pictures: the loss, and what validation says. Bounded, however long it takes.
struct TrainingCurves {
    private var losses: [LineChart.Point] = []
    /// Of the records, each so many-th is kept.
    private var step = 1
    private var skipped = 0
    private var validations: [(name: String, points: [LineChart.Point])] = []
    private let title: String

    static let limit = 8192

    init(title: String) { self.title = title }

    mutating func add(_ record: TrainingRecord) {
        let x = Double(record.iteration)
        if record.type == .validation {
            for (name, value) in [
                ("AP50", record.ap50), ("AP", record.ap), ("VOC 11 points", record.voc07),
                ("top 1", record.accuracy), ("top 5", record.accuracy5),
            ] {
                guard let value else { continue }
                let point = LineChart.Point(x, value)
                if let index = validations.firstIndex(where: { $0.name == name }) {
                    validations[index].points.append(point)
                } else {
                    validations.append((name, [point]))
                }
            }
        }
        guard let loss = record.averageLoss, loss.isFinite else { return }
        skipped += 1
        guard skipped >= step else { return }
        skipped = 0
        losses.append(LineChart.Point(x, loss))
        guard losses.count > Self.limit else { return }
        losses = stride(from: 0, to: losses.count, by: 2).map { losses[$0] }
        step *= 2
    }

    /// Each replaced as a whole, so that a browser never sees half of it.
    func write(to files: TrainingFiles) throws {
        if let chart = lossChart() { try write(chart, to: files.lossPlot) }
        if !validations.isEmpty { try write(accuracyChart(), to: files.accuracyPlot) }
    }

    private func write(_ chart: LineChart, to path: String) throws {
        try Data(chart.svg().utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    func lossChart() -> LineChart? {
        guard !losses.isEmpty else { return nil }
        // The first iterations are hundreds of times the rest, which would be a flat line beside them.
        let sorted = losses.map(\.y).sorted()
        let top = min(sorted[sorted.count - 1], 4 * sorted[sorted.count / 2])
        let points = losses.map { LineChart.Point($0.x, min($0.y, top)) }
        var chart = LineChart(
            title: "\(title): loss", xLabel: "iteration", yLabel: "running average of the loss",
            series: [LineChart.Series("loss", points)])
        if top > 0 { chart.yRange = 0...top }
        return chart
    }

    func accuracyChart() -> LineChart {
        var chart = LineChart(
            title: "\(title): validation", xLabel: "iteration", yLabel: "percent",
            series: validations.map { LineChart.Series($0.name, $0.points, isMarked: $0.points.count < 50) })
        chart.yRange = 0...100
        return chart
    }
}
