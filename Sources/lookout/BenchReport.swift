import Darknet
import Foundation
import Neural
import Streams

/// What one `lookout bench` measured, for people and for programs.
struct BenchReport {
    /// A layer with its time, as `lookout model info` lists it.
    struct Row {
        var layer: Layer
        var output: TensorShape
        var time: LayerTime
    }

    /// A recording put through all stages of `lookout process`.
    struct Pipeline {
        var input: String
        var frames = 0
        var seconds = 0.0
        var stages: [Stage: Double] = [:]

        var framesPerSecond: Double { seconds > 0 ? Double(frames) / seconds : 0 }

        mutating func add(_ summary: RecordingSummary) {
            frames += summary.analysed
            seconds += summary.elapsed.seconds
            stages.merge(summary.stages.mapValues(\.seconds), uniquingKeysWith: +)
        }

        /// Milliseconds a frame, in the order of the work.
        var stageTimes: [(stage: Stage, milliseconds: Double)] {
            Stage.allCases.compactMap { stage in
                stages[stage].map { (stage, $0 * 1e3 / Double(max(frames, 1))) }
            }
        }
    }

    var machine: Machine
    var network: String
    var width: Int
    var height: Int
    var batch: Int
    var threads: Int
    var precision: Precision
    var hasRandomWeights: Bool
    /// Milliseconds of each run of a batch; at least one.
    var runs: [Double]
    var rows: [Row]
    var pipeline: Pipeline?

    /// Milliseconds of a frame, the shortest first.
    private var times: [Double] { runs.sorted().map { $0 / Double(batch) } }
    private var median: Double { times[times.count / 2] }
    /// Threads that wait for each other at every layer wait for whoever else has a core.
    var isDisturbed: Bool { median > 1.5 * times[0] }
    /// Of a frame.
    private var flops: Double { Double(rows.reduce(0) { $0 + $1.time.flops }) / Double(batch) }
    private var gflopsPerSecond: Double { flops / median / 1e6 }
    private var peak: Double {
        switch precision {
        case .fp32: machine.fp32.gflopsPerSecond
        case .int8: machine.int8.gflopsPerSecond
        }
    }

    func json() -> String {
        var json = JSONLine()
        json.object { json in
            json.put("network", network)
            json.put("width", width)
            json.put("height", height)
            json.put("batch", batch)
            json.put("threads", threads)
            json.put("precision", precision.rawValue)
            json.put("random_weights", hasRandomWeights)
            json.put("runs", runs.count)
            json.object("ms_per_frame") { json in
                json.put("median", median, decimals: 4)
                json.put("min", times[0], decimals: 4)
                json.put("max", times[times.count - 1], decimals: 4)
            }
            json.put("gflop", flops / 1e9, decimals: 9)
            json.put("gflops_per_second", gflopsPerSecond, decimals: 2)
            json.put("peak_share", gflopsPerSecond / peak, decimals: 4)
            json.object("machine") { machine.put(into: &$0) }
            json.array("layers", rows) { json, row in json.object { put(row, into: &$0) } }
            if let pipeline { json.object("pipeline") { Self.put(pipeline, into: &$0) } }
        }
        return String(decoding: json.terminated, as: UTF8.self)
    }

    private func put(_ row: Row, into json: inout JSONLine) {
        json.put("index", row.time.layer)
        json.put("type", row.layer.name)
        json.object("output") { json in
            json.put("width", row.output.width)
            json.put("height", row.output.height)
            json.put("channels", row.output.channels)
        }
        json.put("ms", row.time.milliseconds / Double(batch), decimals: 4)
        json.put("gflop", Double(row.time.flops) / Double(batch) / 1e9, decimals: 9)
        json.put("gflops_per_second", row.time.gflopsPerSecond, decimals: 2)
        json.put("peak_share", row.time.gflopsPerSecond / peak, decimals: 4)
        json.array("operations", row.time.operations) { json, operation in
            json.object { json in
                json.put("operation", operation.name)
                json.put("kernel", operation.kernel)
                json.put("ms", operation.milliseconds / Double(batch), decimals: 4)
            }
        }
    }

    private static func put(_ pipeline: Pipeline, into json: inout JSONLine) {
        json.put("input", pipeline.input)
        json.put("frames", pipeline.frames)
        json.put("seconds", pipeline.seconds, decimals: 3)
        json.put("fps", pipeline.framesPerSecond, decimals: 2)
        json.object("stage_ms_per_frame") { json in
            for (stage, time) in pipeline.stageTimes { json.put(stage.rawValue, time, decimals: 4) }
        }
    }

    // MARK: Text

    private static let winogradNote = """
        Medians. Operations are those of direct convolution; Winograd's kernels (wino) do with fewer, and may so
        be above the peak.

        """

    func text() -> String {
        let weights = hasRandomWeights ? ", random weights" : ""
        let text =
            machine.text()
            + "\n\(network) at \(width) x \(height), batch \(batch), "
            + "\(threads) \(threads == 1 ? "thread" : "threads"), \(precision.rawValue)\(weights)\n"
            + "layer " + Self.left("type", 15) + Self.left("filters, size / stride", 28)
            + Self.left("output", 20) + Self.left("kernel", 31) + "      ms  GFLOP/s  of peak\n"
            + rows.map(lines).joined()
            + String(
                format: "%.2f ms a frame (%.2f to %.2f, %d runs), %.1f fps, %.1f GFLOP/s, %.0f %% of the peak\n",
                median, times[0], times[times.count - 1], runs.count, 1e3 / median, gflopsPerSecond,
                100 * gflopsPerSecond / peak)
            + (precision == .fp32 ? Self.winogradNote : "") + (pipeline.map(lines) ?? "")
        return visible(text, keepsLines: true)
    }

    /// The layer, and below it what is done for it if that is more than one operation.
    private func lines(_ row: Row) -> String {
        let operations = row.time.operations
        let output = row.output
        let shape = String(format: "%4d x%4d x%5d  ", output.width, output.height, output.channels)
        let rates =
            row.time.flops > 0
            ? String(format: "%9.1f %6.0f %%", row.time.gflopsPerSecond, 100 * row.time.gflopsPerSecond / peak) : ""
        let layer =
            String(format: "%5d ", row.time.layer) + Self.left(row.layer.name, 15)
            + Self.left(LayerTable.detail(row.layer), 28) + shape
            + Self.left(operations.count == 1 ? operations[0].kernel : "", 31) + milliseconds(row.time.milliseconds)
            + rates
        let parts = (operations.count > 1 ? operations : []).map { operation in
            Self.left("", 49) + Self.left(operation.name, 20) + Self.left(operation.kernel, 31)
                + milliseconds(operation.milliseconds)
        }
        return ([layer] + parts).joined(separator: "\n") + "\n"
    }

    private func lines(_ pipeline: Pipeline) -> String {
        let stages = pipeline.stageTimes.map { String(format: "\($0.stage.rawValue) %.2f", $0.milliseconds) }
        let rate = String(format: "%.1f s, %.1f fps", pipeline.seconds, pipeline.framesPerSecond)
        return "\n\(pipeline.input): \(pipeline.frames) frames in \(rate)\n"
            + "  ms a frame by stage, which overlap: " + stages.joined(separator: ", ") + "\n"
    }

    private func milliseconds(_ run: Double) -> String { String(format: "%8.3f", run / Double(batch)) }

    private static func left(_ text: String, _ width: Int) -> String {
        text.padding(toLength: max(width, text.count + 1), withPad: " ", startingAt: 0)
    }
}
