import Foundation
import Media
import Streams

/// What one `lookout process` did, over all its inputs, for people and for programs.
struct ProcessReport {
    private(set) var exitCode: Int32 = 0
    private var inputs: [(name: String, summary: RecordingSummary)] = []
    private var errors: [String] = []

    mutating func add(_ summary: RecordingSummary, input: String) { inputs.append((redacted(input), summary)) }

    mutating func fail(_ error: any Error, input: String?) {
        errors.append("\(error)")
        Diagnostics.error("\(error)")
        if exitCode == 0 { exitCode = sysexit(for: error) ?? EX_SOFTWARE }
    }

    private var frames: Int { inputs.reduce(0) { $0 + $1.summary.frames } }
    private var analysed: Int { inputs.reduce(0) { $0 + $1.summary.analysed } }
    private var decodeErrors: Int { inputs.reduce(0) { $0 + $1.summary.decodeErrors } }
    private var corrupt: Int { inputs.reduce(0) { $0 + $1.summary.corrupt } }
    private var seconds: Double { inputs.reduce(0) { $0 + $1.summary.elapsed.seconds } }
    private var framesPerSecond: Double { seconds > 0 ? Double(analysed) / seconds : 0 }

    /// Class names with their number, the most frequent first.
    private var detections: [(key: String, value: Int)] {
        inputs.reduce(into: [:]) { $0.merge($1.summary.detections, uniquingKeysWith: +) }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    }

    private var stages: [(stage: Stage, seconds: Double)] {
        let sums = inputs.reduce(into: [Stage: Duration]()) { $0.merge($1.summary.stages, uniquingKeysWith: +) }
        return Stage.allCases.compactMap { stage in sums[stage].map { (stage, $0.seconds) } }
    }

    /// The contract's object (`frames`, `analysed`, `dropped`, `seconds`, `fps`, `detections`) with more beside it.
    func json() -> String {
        var json = JSONLine()
        json.object { json in
            json.put("frames", frames)
            json.put("analysed", analysed)
            json.put("dropped", frames - analysed)
            json.put("decode_errors", decodeErrors)
            json.put("corrupt", corrupt)
            json.put("seconds", seconds, decimals: 3)
            json.put("fps", framesPerSecond, decimals: 2)
            json.object("detections") { json in for (name, count) in detections { json.put(name, count) } }
            json.object("stage_seconds") { json in
                for (stage, seconds) in stages { json.put(stage.rawValue, seconds, decimals: 3) }
            }
            json.array("inputs", inputs) { json, input in
                json.object { json in
                    json.put("input", input.name)
                    json.put("frames", input.summary.frames)
                    json.put("seconds", input.summary.elapsed.seconds, decimals: 3)
                    json.put("reason", input.summary.reason.rawValue)
                }
            }
            json.array("warnings", inputs.flatMap(\.summary.warnings)) { $0.put($1) }
            json.array("errors", errors) { $0.put($1) }
        }
        return String(decoding: json.terminated, as: UTF8.self)
    }

    func text() -> String {
        guard !inputs.isEmpty else { return "" }
        var text =
            "\(analysed) \(analysed == 1 ? "frame" : "frames") in "
            + String(format: "%.1f s, %.1f fps", seconds, framesPerSecond)
        if corrupt > 0 { text += ", \(corrupt) of them damaged" }
        if decodeErrors > 0 { text += ", \(decodeErrors) damaged packets or pictures passed over" }
        text +=
            "\n  busy, all threads together: "
            + stages.map { String(format: "\($0.stage.rawValue) %.1f s", $0.seconds) }.joined(separator: ", ")
        let counts = detections.map { "\($0.key) \($0.value)" }
        text += "\n  detections: " + (counts.isEmpty ? "none" : counts.joined(separator: ", "))
        return text + "\n"
    }
}
