import Charts
import Foundation
import Testing

@Suite struct LineChartSVGTests {
    private func chart(_ series: [LineChart.Series]) -> LineChart {
        LineChart(title: "Loss", xLabel: "iteration", yLabel: "loss", series: series)
    }

    private func count(_ element: String, in svg: String) -> Int {
        svg.components(separatedBy: "<\(element) ").count - 1
    }

    /// Well formed, and the numbers that a parser finds.
    private func parsed(_ svg: String) throws -> String {
        // Foundation's XML parser would be a further library: elements and entities are counted by hand.
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
        #expect(count("text", in: svg) == svg.components(separatedBy: "</text>").count - 1)
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        return svg
    }

    @Test func aLineWithItsAxes() throws {
        let svg = try parsed(chart([.init("loss", [.init(0, 10), .init(50, 5), .init(100, 0)])]).svg())
        // The plot is 76...776 by 44...440.
        #expect(svg.contains("points=\"76,44 426,242 776,440\""))
        for tick in [">0<", ">20<", ">100<", ">8<", ">Loss<", ">iteration<", ">loss<"] {
            #expect(svg.contains(tick), "\(tick)")
        }
        // One curve needs no legend: its name would be there a second time.
        #expect(svg.components(separatedBy: ">loss<").count == 2)
    }

    @Test func severalLinesHaveALegend() throws {
        let svg = try parsed(
            chart([.init("a", [.init(0, 0), .init(1, 1)]), .init("b", [.init(0, 1), .init(1, 0)])]).svg())
        #expect(svg.contains(">a<") && svg.contains(">b<"))
        #expect(count("polyline", in: svg) == 4)
        // The legend lies outside what is clipped.
        #expect(svg.components(separatedBy: "clip-path=").count == 3)
    }

    @Test func manyNamesAreCutOff() throws {
        let svg = try parsed(chart((0..<80).map { .init("class \($0)", [.init(0, Double($0)), .init(1, 0)]) }).svg())
        #expect(svg.contains(">and 60 more<") && !svg.contains(">class 20<"))
    }

    @Test func onePointIsADot() throws {
        let svg = try parsed(chart([.init("a", [.init(7, 3)])]).svg())
        #expect(count("circle", in: svg) == 1 && svg.contains("cx=\"426\" cy=\""))
    }

    @Test func nothingIsStillAChart() throws {
        #expect(count("polyline", in: try parsed(chart([]).svg())) == 0)
        #expect(count("polyline", in: try parsed(chart([.init("a", [.init(.nan, .infinity)])]).svg())) == 0)
    }

    @Test func whatIsNoNumberInterruptsTheLine() throws {
        let points = [(0.0, 1.0), (1, 2), (2, .nan), (3, 2), (4, .infinity), (5, 1), (6, -1e308), (7, 2), (8, 3)]
        let svg = try parsed(chart([.init("a", points.map { .init($0, $1) })]).svg())
        #expect(count("polyline", in: svg) == 2)
        #expect(count("circle", in: svg) == 2)
    }

    @Test func manyPointsAreThinnedAndPeaksKept() throws {
        let points = (0..<10_000).map { LineChart.Point(Double($0), $0 == 4321 ? 100 : Double($0 % 7)) }
        let svg = try parsed(chart([.init("a", points)]).svg())
        #expect(svg.utf8.count < 60_000)
        // The peak's place: 4321 of 9999 at the top.
        let hasPeak = svg.contains(" 378.50,44 ")
        #expect(hasPeak)
    }

    @Test func namesCannotBreakOut() throws {
        let svg = try parsed(
            LineChart(
                title: "<script>&\"\u{1}", xLabel: "", yLabel: "", series: [.init("a", [.init(0, 0, label: "</svg>")])]
            ).svg())
        #expect(svg.contains("&lt;script&gt;&amp;&quot; "))
        #expect(svg.components(separatedBy: "</svg>").count == 2)
    }

    @Test func pointsAreMarkedAndNamed() throws {
        let svg = try parsed(
            chart([
                .init("a", [.init(0, 1, label: "first"), .init(1, 2), .init(2, 3, label: "last")], isMarked: true)
            ]).svg())
        #expect(count("circle", in: svg) == 3)
        #expect(svg.contains("text-anchor=\"start\" fill=\"#222222\">first<"))
        // Beside the right edge the name stands to the left.
        #expect(svg.contains("text-anchor=\"end\" fill=\"#222222\">last<"))
    }

    @Test(arguments: [
        (0.0...1.0, 0.2, "0.2"), (0.0...0.01, 0.002, "0.002"), (0.0...80_200, 20_000, "20000"), (-3.0...3, 1, "-3"),
    ])
    func ticksAreRound(range: ClosedRange<Double>, step: Double, text: String) throws {
        var chart = chart([.init("a", [.init(range.lowerBound, 0), .init(range.upperBound, 1)])])
        chart.xRange = range
        #expect(try parsed(chart.svg()).contains(">\(text)</text>"))
    }
}

@Suite struct HeatMapTests {
    @Test func shadesAreSharesOfTheRow() {
        let svg = HeatMap(
            title: "t", rowLabel: "truth", columnLabel: "box", rows: ["cat", "<dog>"], columns: ["cat", "<dog>"],
            values: [[4, 0], [0, 0]]
        ).svg()
        #expect(svg.contains("rgb(8,64,129)") && svg.contains(">4</text>"))
        #expect(svg.components(separatedBy: "rgb(255,255,255)").count == 4)
        #expect(svg.components(separatedBy: "&lt;dog&gt;").count == 3)
        #expect(!svg.contains("nan"))
    }
}
