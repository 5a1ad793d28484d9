import ArgumentParser
import Charts
import DataSets
import Detection
import Foundation
import Streams

/// `lookout anchors`: what anchors suit a data set.
struct AnchorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anchors", abstract: "Find anchors for a data set: k-means over the sizes of its boxes.",
        discussion: """
            Prints the mean IoU of boxes and anchors for each number of anchors, and the lines for the cfg's [region]. \
            Where the curve flattens, more anchors only cost time.

              lookout anchors voc.data
              lookout anchors instances_train2017.json --count 6 --size 608 --plot anchors.svg
            """)

    @Argument(
        help: ArgumentHelp("A .data file, a list of pictures, a COCO .json, or a VOC folder.", valueName: "data"))
    var data: String

    @Option(help: ArgumentHelp("Anchors for the cfg.", valueName: "n"))
    var count = 5

    @Option(
        help: ArgumentHelp("Network input: multiples of 32 such as 416x256.", valueName: "WxH"),
        transform: InputSizeArgument.init(argument:))
    var size: InputSizeArgument?

    @Option(
        help: ArgumentHelp(
            "Pixels of the network's input to a cell of its grid, as many as it divides by.", valueName: "n"))
    var cell = 32

    @Option(help: ArgumentHelp("The table's and the plot's last number of anchors.", valueName: "n"))
    var maxCount = 15

    @Flag(help: "Also clusters by Euclidean distance, for comparison.")
    var euclidean = false

    @Option(help: ArgumentHelp("Of the random numbers that choose where clustering begins.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Writes the curve as SVG.", valueName: "file"))
    var plot: String?

    @Flag(help: "Prints one JSON object on stdout.")
    var json = false

    func validate() throws {
        for (name, value) in [("--count", count), ("--max-count", maxCount)] {
            guard (1...100).contains(value) else { throw ValidationError("\(name) is \(value); it must be 1 to 100") }
        }
        guard [1, 2, 4, 8, 16, 32].contains(cell) else {
            throw ValidationError("--cell is \(cell); networks have cells of 1, 2, 4, 8, 16 or 32 pixels")
        }
        switch size?.size {
        case .fixed, nil: break
        default: throw ValidationError("--size: anchors are for one input size, such as 416x416")
        }
        if plot == "-" { throw ValidationError("--plot - would be stdout; name a file") }
    }

    func run() throws {
        let file = try plot.map { try OutputFile($0) }
        try checkOutputs([file].compactMap(\.self), inputs: [data])
        var (width, height) = (416, 416)
        if case .fixed(let fixedWidth, let fixedHeight) = size?.size { (width, height) = (fixedWidth, fixedHeight) }
        // Pictures are not looked at, only what is written of them.
        let set = try DataSet(data, part: .train, task: .detection, checksImages: false)
        for warning in set.warnings { Diagnostics.warning("\(warning)") }
        let boxes = Anchors.boxes(of: set.samples, width: width, height: height, cell: cell)
        let table = AnchorTable(
            boxes, count: count, maxCount: maxCount, comparesEuclidean: euclidean, seed: seed)
        guard table.chosen.sizes.count == count else {
            throw UsageError("\(data): has only \(table.chosen.sizes.count) different boxes for --count \(count)")
        }
        try file?.write(Data(table.chart.svg().utf8))
        let source = AnchorTable.Source(
            pictures: set.samples.count, boxes: boxes.count, width: width, height: height)
        try printResult(json ? table.json(source) : table.text(source))
    }
}

/// Mean IoU by the number of anchors.
struct AnchorTable {
    struct Source {
        var pictures: Int
        var boxes: Int
        /// Of the network's input, in pixels.
        var width: Int
        var height: Int
    }

    private struct Row {
        var count: Int
        var anchors: Anchors
        var euclidean: Anchors?
    }

    let chosen: Anchors
    private let rows: [Row]

    /// Ends early where there are fewer different boxes.
    init(_ boxes: [Anchors.Size], count: Int, maxCount: Int, comparesEuclidean: Bool, seed: UInt64) {
        var rows: [Row] = []
        for count in 1...max(maxCount, count) {
            let anchors = Anchors(of: boxes, count: count, seed: seed)
            guard anchors.sizes.count == count else { break }
            rows.append(
                Row(
                    count: count, anchors: anchors,
                    euclidean: comparesEuclidean
                        ? Anchors(of: boxes, count: count, distance: .euclidean, seed: seed) : nil))
        }
        chosen = rows.last { $0.count <= count }?.anchors ?? Anchors(of: [], count: 0)
        self.rows = rows.filter { $0.count <= maxCount }
    }

    var chart: LineChart {
        func points(_ value: (Row) -> Double?) -> [LineChart.Point] {
            rows.compactMap { row in value(row).map { LineChart.Point(Double(row.count), $0) } }
        }
        var series = [LineChart.Series("1 - IoU", points { $0.anchors.meanIoU }, isMarked: true)]
        if rows.first?.euclidean != nil {
            series.append(LineChart.Series("Euclidean", points { $0.euclidean?.meanIoU }, isMarked: true))
        }
        var chart = LineChart(
            title: "Boxes and their nearest anchors", xLabel: "Anchors", yLabel: "Mean IoU", series: series)
        chart.yRange = 0...1
        return chart
    }

    func text(_ source: Source) -> String {
        let compares = rows.first?.euclidean != nil
        var text = "\(source.boxes) boxes in \(source.pictures) pictures, for \(source.width)x\(source.height)\n"
        text += "anchors  mean IoU\(compares ? "  Euclidean" : "")\n"
        for row in rows {
            text += String(format: "%7d  %8.4f", row.count, row.anchors.meanIoU)
            if let euclidean = row.euclidean { text += String(format: "  %9.4f", euclidean.meanIoU) }
            text += row.count == chosen.sizes.count ? "  *\n" : "\n"
        }
        return text + "anchors = \(chosen.cfgValue)\nnum = \(chosen.sizes.count)\n"
    }

    func json(_ source: Source) throws -> String {
        let table = rows.map { row in
            var object: [String: Any] = ["count": row.count, "mean_iou": row.anchors.meanIoU]
            object["mean_iou_euclidean"] = row.euclidean?.meanIoU
            return object
        }
        let object: [String: Any] = [
            "pictures": source.pictures, "boxes": source.boxes, "width": source.width, "height": source.height,
            "count": chosen.sizes.count, "anchors": chosen.sizes.map { [$0.width, $0.height] },
            "mean_iou": chosen.meanIoU, "cfg": "anchors = \(chosen.cfgValue)", "table": table,
        ]
        let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
