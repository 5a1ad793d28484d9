import Foundation

extension LineChart {
    /// A whole SVG file of 800 x 500 units on white. Points that are no numbers interrupt their line; of more points
    /// than there is room for, each column's first, last, lowest and highest are kept.
    public func svg() -> String {
        let points = series.lazy.flatMap(\.points)
        let x = Axis(points.map(\.x), fixed: xRange, isRounded: false)
        let y = Axis(points.map(\.y), fixed: yRange, isRounded: true)
        let legend = Legend(series.count > 1 ? series.map(\.name) : [])
        let plot = Plot(x: x, y: y, right: Self.width - (legend.isEmpty ? 24 : legend.width + 32))
        var svg = SVG(width: Self.width, height: Self.height)
        svg.text(title, x: Self.width / 2, y: 26, size: 17, anchor: .middle, isBold: true)
        plot.drawAxes(into: &svg, xLabel: xLabel, yLabel: yLabel)
        legend.draw(into: &svg, x: plot.right + 14, y: plot.top)
        svg.clip(x: plot.left, y: plot.top, width: plot.right - plot.left, height: plot.bottom - plot.top)
        for (index, series) in series.enumerated() {
            draw(series, color: Self.color(index), on: plot, into: &svg)
        }
        return svg.finished()
    }

    private static let width = 800.0
    private static let height = 500.0

    /// Told apart by most eyes, colour blind or not; from the eleventh on they come again.
    fileprivate static func color(_ index: Int) -> String {
        let colors = [
            "#1f77b4", "#d55e00", "#009e73", "#cc79a7", "#8c6d1f", "#56b4e9", "#6a3d9a", "#e69f00", "#444444",
            "#b2182b",
        ]
        return colors[index % colors.count]
    }

    private func draw(_ series: Series, color: String, on plot: Plot, into svg: inout SVG) {
        let runs = series.points.split { !Axis.isUsable($0.x) || !Axis.isUsable($0.y) }
        for run in runs {
            let places = Self.thinned(run.map { plot.place($0) })
            // A line of one point would not be seen.
            if places.count > 1 { svg.line(places, color: color) } else { svg.dot(places[0], color: color) }
        }
        for point in runs.joined() where series.isMarked || point.label != nil {
            let place = plot.place(point)
            if series.isMarked { svg.dot(place, color: color) }
            guard let label = point.label else { continue }
            let isNearEnd = place.x > plot.right - 7 * Double(label.count) - 10
            svg.text(
                label, x: place.x + (isNearEnd ? -8 : 8), y: max(place.y - 7, plot.top + 12), size: 11,
                anchor: isNearEnd ? .end : .start)
        }
    }

    /// At most four points for each unit of width, whatever their order.
    private static func thinned(_ places: [Place]) -> [Place] {
        guard places.count > 4 * Int(width) else { return places }
        var kept: [Place] = []
        var start = 0
        while start < places.count {
            var end = start
            while end < places.count, Int(places[end].x) == Int(places[start].x) { end += 1 }
            let column = start..<end
            let lowest = column.min { places[$0].y < places[$1].y } ?? start
            let highest = column.max { places[$0].y < places[$1].y } ?? start
            for index in Set([start, lowest, highest, end - 1]).sorted() { kept.append(places[index]) }
            start = end
        }
        return kept
    }
}

/// Where a point lies in the picture.
struct Place: Hashable {
    var x: Double
    var y: Double
}

/// The part of a chart that the curves lie in.
private struct Plot {
    let x: Axis
    let y: Axis
    let left = 76.0
    let right: Double
    let top = 44.0
    let bottom = 440.0

    func place(_ point: LineChart.Point) -> Place {
        // Far outside a fixed range is outside, and still a number that every viewer reads.
        let x = min(max(x.position(point.x), -10), 10)
        let y = min(max(y.position(point.y), -10), 10)
        return Place(x: left + x * (right - left), y: bottom - y * (bottom - top))
    }

    func drawAxes(into svg: inout SVG, xLabel: String, yLabel: String) {
        for tick in x.ticks {
            let x = left + x.position(tick) * (right - left)
            svg.rule(from: Place(x: x, y: top), to: Place(x: x, y: bottom), color: "#e4e4e4")
            svg.text(self.x.text(tick), x: x, y: bottom + 18, size: 12, anchor: .middle)
        }
        for tick in y.ticks {
            let y = bottom - y.position(tick) * (bottom - top)
            svg.rule(from: Place(x: left, y: y), to: Place(x: right, y: y), color: "#e4e4e4")
            svg.text(self.y.text(tick), x: left - 8, y: y + 4, size: 12, anchor: .end)
        }
        svg.rule(from: Place(x: left, y: bottom), to: Place(x: right, y: bottom), color: "#333333")
        svg.rule(from: Place(x: left, y: top), to: Place(x: left, y: bottom), color: "#333333")
        svg.text(xLabel, x: (left + right) / 2, y: bottom + 44, size: 14, anchor: .middle)
        svg.text(yLabel, x: 20, y: (top + bottom) / 2, size: 14, anchor: .middle, isUpright: true)
    }
}

/// What the colours mean, beside the plot.
private struct Legend {
    private let names: [String]
    private let more: Int
    private static let mostNames = 20
    private static let mostCharacters = 22

    init(_ names: [String]) {
        self.names = names.prefix(Self.mostNames).map {
            $0.count > Self.mostCharacters ? $0.prefix(Self.mostCharacters - 1) + "…" : $0
        }
        more = max(0, names.count - Self.mostNames)
    }

    var isEmpty: Bool { names.isEmpty }

    var width: Double { 28 + 7 * Double(max(names.map(\.count).max() ?? 0, more > 0 ? 12 : 0)) }

    func draw(into svg: inout SVG, x: Double, y: Double) {
        for (index, name) in names.enumerated() {
            let line = y + 8 + 18 * Double(index)
            svg.line([Place(x: x, y: line), Place(x: x + 20, y: line)], color: LineChart.color(index))
            svg.text(name, x: x + 26, y: line + 4, size: 12, anchor: .start)
        }
        if more > 0 {
            svg.text("and \(more) more", x: x + 26, y: y + 12 + 18 * Double(names.count), size: 12, anchor: .start)
        }
    }
}
