import Foundation
import Neural
import Streams
import Street

/// What one `lookout demo` showed, for people and for programs.
struct DemoReport {
    /// One way of computing.
    struct Look {
        var score: DemoScore
        /// Of all that `lookout process` does, log and video included.
        var framesPerSecond: Double
        /// Of the network alone.
        var milliseconds: Double
    }

    var scene: StreetSceneOptions
    var network: String
    /// The built-in network at its threshold, which is the one that there are floors for.
    var isUsualModel: Bool
    var threads: Int
    var events: String
    var video: String
    /// No int8 where the CPU is no faster in it.
    var looks: [Precision: Look] = [:]
    /// A line of the log.
    var example: String?
    /// What is not as it must be.
    var problems: [String] = []

    /// Whether precision and recall must be what they are known to be.
    var isJudged: Bool { whyNotJudged == nil }

    private var whyNotJudged: String? {
        guard isUsualModel else { return Self.otherModel }
        guard !scene.isUsual else { return nil }
        let (width, height) = (scene.size.width, scene.size.height)
        guard height >= DemoModel.leastRows, width <= DemoModel.mostAspect * height else { return Self.smallPictures }
        return (looks[.fp32]?.score.total.objects ?? 0) < DemoModel.leastObjects ? Self.fewObjects : nil
    }

    private static let noInt8 = "int8: not on this CPU, which has neither AVX-512 VNNI nor AVX-VNNI"
    private static let fewObjects =
        "fewer than \(DemoModel.leastObjects) objects prove nothing; more --seconds show more"
    private static let smallPictures =
        "in pictures of less than \(DemoModel.leastRows) rows, or over \(DemoModel.mostAspect) times as wide as high, "
        + "things are too small for the network"
    private static let otherModel =
        "what is good enough is known of the built-in network at its own threshold alone"
    /// Characters of the log's line that are shown.
    private static let exampleLength = 320

    // MARK: For programs

    /// The contract's object (`precision`, `recall`, `fps`, `events`, `video`) with more beside it.
    func json() -> String {
        let score = looks[.fp32]?.score ?? DemoScore()
        var json = JSONLine()
        json.object { json in
            Self.put(score.total, into: &json)
            put("fps", \.framesPerSecond, decimals: 2, into: &json)
            json.put("events", events)
            json.put("video", video)
            put("ms_per_frame", \.milliseconds, decimals: 4, into: &json)
            json.object("classes") { json in
                for kind in StreetKind.allCases { json.object(kind.name) { Self.put(score[kind], into: &$0) } }
            }
            if let fast = looks[.int8] { json.object("int8") { Self.put(fast.score.total, into: &$0) } }
            json.put("network", network)
            json.put("threads", threads)
            json.put("seed", scene.seed)
            json.put("frames", scene.frames)
            json.put("width", scene.size.width)
            json.put("height", scene.size.height)
            json.put("rate", scene.rate)
            json.put("judged", isJudged)
            json.put("passed", problems.isEmpty)
            json.array("problems", problems) { $0.put($1) }
        }
        return String(decoding: json.terminated, as: UTF8.self)
    }

    /// `null` where nothing was detected, or nothing was there, or it was not looked at so.
    private static func put(_ counts: DemoScore.Counts, into json: inout JSONLine) {
        json.put("precision", counts.precision ?? .nan, decimals: 4)
        json.put("recall", counts.recall ?? .nan, decimals: 4)
        json.put("objects", counts.objects)
        json.put("found", counts.found)
        json.put("wrong", counts.wrong)
    }

    private func put(_ key: String, _ value: KeyPath<Look, Double>, decimals: Int, into json: inout JSONLine) {
        json.object(key) { json in
            for precision in Precision.allCases {
                json.put(precision.rawValue, looks[precision]?[keyPath: value] ?? .nan, decimals: decimals)
            }
        }
    }

    // MARK: For people

    func text() -> String {
        let score = looks[.fp32]?.score ?? DemoScore()
        var text =
            "\(scene.frames) pictures of a made street (\(scene.size), seed \(scene.seed)), seen by \(network):\n\n"
        text += "                 objects    found    wrong  precision   recall\n"
        for kind in StreetKind.allCases { text += Self.row(kind.name, score[kind]) }
        text += Self.row("all", score.total)
        text += looks[.int8].map { Self.row("all, in int8", $0.score.total) } ?? "\n  \(Self.noInt8)\n"
        if let whyNotJudged { text += "\n  Not judged: \(whyNotJudged).\n" }
        text += "\nOn this machine, with \(threads) \(threads == 1 ? "thread" : "threads"):\n\n"
        let blank = String(repeating: " ", count: 34)
        text += blank + columns { precision, _ in precision.rawValue } + "\n"
        text += "  lookout process, frames a second" + columns { String(format: "%.1f", $1.framesPerSecond) } + "\n"
        text += "  the network alone, ms a picture " + columns { String(format: "%.2f", $1.milliseconds) } + "\n\n"
        if let example {
            let shown = example.prefix(Self.exampleLength)
            text +=
                "\(events) has a line for each picture, such as\n  \(shown)\(shown.count < example.count ? " ..." : "")\n"
        }
        return text + "\(video) shows the street with what was found.\n\n" + next
    }

    private static func row(_ name: String, _ counts: DemoScore.Counts) -> String {
        let percent = { (share: Double?) in share.map { String(format: "%.1f %%", $0 * 100) } ?? "-" }
        return "  " + name.padding(toLength: 14, withPad: " ", startingAt: 0)
            + [(counts.objects, 8), (counts.found, 9), (counts.wrong, 9)].map { Self.right("\($0)", $1) }.joined()
            + Self.right(percent(counts.precision), 11) + Self.right(percent(counts.recall), 9) + "\n"
    }

    /// One for each way of computing that there was.
    private func columns(_ value: (Precision, Look) -> String) -> String {
        Precision.allCases.compactMap { precision in
            looks[precision].map { Self.right(value(precision, $0), 10) }
        }.joined()
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private var next: String {
        """
        What to do next:
          look at \(video)
          a recording of yours, with a network that knows the real world:
            lookout model pull yolov2-tiny
            lookout process VIDEO --model yolov2-tiny --video seen.mp4 --events seen.jsonl
          the service without a camera: put these lines into a new file, street.conf
            [stream.street]
            url = "demo:street?seed=7"
            model = "\(DemoModel.name)"
          then this shows it at http://127.0.0.1:8420/:
            lookout run street.conf

        """
    }
}
