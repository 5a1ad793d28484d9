import ArgumentParser
import Darknet
import Detection
import Neural
import TestSupport
import Testing

@testable import Streams
@testable import Street
@testable import lookout

@Suite("The demo's self-test") struct DemoCheckTests {
    private func report(
        _ looks: [Precision: (found: Int, wrong: Int)], of objects: Int = 3000, seed: String = "2026",
        size: String = "1280x720"
    ) throws -> DemoReport {
        var report = DemoReport(
            scene: try StreetSceneOptions.parse(["--seed", seed, "--size", size]), network: "n",
            isUsualModel: true, threads: 1, events: "e", video: "v")
        for (precision, look) in looks {
            var score = DemoScore()
            let object = StreetObject(kind: .car, x: 0, y: 0, width: 10, height: 10, visible: 1, isTruth: true)
            let right = LoggedFrame.Detection(
                class: "car", confidence: 1, box: LoggedFrame.Box(x: 0, y: 0, w: 10, h: 10))
            for index in 0..<objects { score.add(index < look.found ? [right] : [], truth: [object]) }
            for _ in 0..<look.wrong { score.add([right], truth: []) }
            report.looks[precision] = DemoReport.Look(score: score, framesPerSecond: 50, milliseconds: 5)
        }
        return report
    }

    @Test func `good figures pass`() throws {
        #expect(DemoCheck.problems(of: try report([.fp32: (2850, 75), .int8: (2820, 90)])).isEmpty)
        #expect(DemoCheck.problems(of: try report([.fp32: (2850, 75)])).isEmpty)
    }

    @Test func `bad figures are told apart`() throws {
        #expect(DemoCheck.problems(of: try report([.fp32: (2250, 0)])).map { $0.prefix(6) } == ["recall"])
        #expect(DemoCheck.problems(of: try report([.fp32: (2850, 1500)])).map { $0.prefix(9) } == ["precision"])
        #expect(DemoCheck.problems(of: try report([.fp32: (0, 0)])).count == 2)
        #expect(DemoCheck.problems(of: try report([:])).count == 1)
    }

    @Test func `int8 may not fall behind`() throws {
        let problems = DemoCheck.problems(of: try report([.fp32: (2925, 75), .int8: (2700, 75)]))
        #expect(problems == ["recall in int8 is 0.900, more than 0.03 below the 0.975 in fp32"])
        #expect(DemoCheck.problems(of: try report([.fp32: (2850, 75), .int8: (2970, 15)])).isEmpty)
    }

    @Test func `other streets may be harder, and few objects prove nothing`() throws {
        #expect(DemoCheck.problems(of: try report([.fp32: (150, 0)], of: 200, seed: "7")).isEmpty)
        #expect(DemoCheck.problems(of: try report([.fp32: (90, 0)], of: 200, seed: "7")).count == 1)
        let few = try report([.fp32: (0, 0)], of: 99, seed: "7")
        #expect(DemoCheck.problems(of: few).isEmpty)
        #expect(!few.isJudged && few.json().contains(#""judged":false"#) && few.text().contains("prove nothing"))
    }

    @Test func `small pictures prove nothing`() throws {
        for size in ["426x238", "962x240", "4096x1022"] {
            let report = try report([.fp32: (0, 0)], seed: "7", size: size)
            #expect(DemoCheck.problems(of: report).isEmpty && !report.isJudged, "\(size)")
            #expect(report.text().contains("Not judged: in pictures of less than 240 rows"))
        }
        for size in ["960x240", "64x240", "4096x1024"] {
            #expect(DemoCheck.problems(of: try report([.fp32: (0, 0)], seed: "7", size: size)).count == 2, "\(size)")
        }
    }

    /// Counted as the demo does, but not painted.
    @Test func `the usual street has what is asked of it`() throws {
        let scene = try StreetSceneOptions.parse([])
        #expect(scene.isUsual)
        let street = try Street(scene.street)
        var objects = 0
        for index in 0..<scene.frames { objects += try street.survey(index).objects.count { $0.isTruth } }
        #expect(objects >= DemoModel.usualObjects)
    }

    @Test func `a usual street with fewer objects is a problem`() throws {
        for objects in [0, 99, 2499] {
            let report = try report([.fp32: (objects, 0)], of: objects)
            #expect(report.isJudged)
            let problems = DemoCheck.problems(of: report)
            #expect(problems.count == 1 && problems[0].hasPrefix("only \(objects) objects"), "\(problems)")
        }
        #expect(DemoCheck.problems(of: try report([.fp32: (2500, 0)], of: 2500)).isEmpty)
    }

    @Test func `another network or threshold is not judged`() throws {
        var report = try report([.fp32: (0, 0)])
        report.isUsualModel = false
        #expect(DemoCheck.problems(of: report).isEmpty)
        #expect(report.json().contains(#""judged":false"#) && report.text().contains("Not judged"))
        #expect(try DemoModel.parse([]).isUsual && DemoModel.parse(["--threshold", "0.25"]).isUsual)
        #expect(try !DemoModel.parse(["--threshold", "0.3"]).isUsual)
    }

    @Test func `the built-in files belong together, int8 too`() throws {
        let model = try DemoModel.parse([])
        for precision in [Precision.fp32, .int8] {
            let network = try model.options(precision).files.describe()
            #expect(network.names.names == StreetKind.allCases.map(\.name) && network.decoder != nil)
        }
        #expect(try DemoModel.load(model.options(.fp32)).decoder != nil)
        if Int8Kernel.best != nil { #expect(try DemoModel.load(model.options(.int8)).decoder != nil) }
    }

    @Test func `what is said of the network is passed on`() throws {
        let model = try DemoModel.parse([
            "--weights=-w.weights", "--cfg=-c.cfg", "--names", "n.names", "--calibration", "c.int8",
            "--threshold", "0.5", "--threads", "3",
        ])
        for precision in [Precision.fp32, .int8] {
            let options = try model.options(precision)
            #expect(options.weights == "-w.weights" && options.cfg == "-c.cfg" && options.names == "n.names")
            #expect(options.threshold == 0.5 && options.threadCount == 3)
            #expect(options.precision == precision && options.calibration == (precision == .int8 ? "c.int8" : nil))
        }
    }

    @Test func `programs get the seed as it was given`() throws {
        let seed = UInt64.max
        #expect(try report([.fp32: (0, 0)], of: 1, seed: "\(seed)").json().contains(#""seed":\#(seed),"#))
    }

    // MARK: The log

    private let street = StreetOptions(seed: 1, width: 64, height: 64)
    private let sound = RecordingSummary(
        frames: 2, analysed: 2, decodeErrors: 0, reason: .end, elapsed: .seconds(1), stages: [:], detections: [:])

    private func problems(_ lines: [String], frames: Int = 2, decodeErrors: Int = 0) throws -> [String] {
        let folder = try TemporaryFolder()
        let path = try folder.write((lines.joined(separator: "\n") + "\n").utf8, to: "e.jsonl")
        var summary = sound
        summary.decodeErrors = decodeErrors
        return DemoCheck.problems(ofLog: path, summary, frames: frames, street: street).problems
    }

    private func frame(_ number: Int, width: Int = 64) -> String {
        #"{"v":1,"type":"frame","stream":"s","frame":\#(number),"pts":0,"width":\#(width),"height":64,"dropped":0,"#
            + #""latency_ms":1,"input":{"w":32,"h":32},"detections":[]}"#
    }

    private let end = #"{"v":1,"type":"stream_end","stream":"s","reason":"end","decoded":2,"analysed":2,"dropped":0}"#

    @Test func `a whole log passes, another does not`() throws {
        #expect(try problems([frame(0), frame(1), end]).isEmpty)
        #expect(try problems([frame(0), end]).count == 1)
        #expect(try problems([frame(1), frame(0), end]).count == 1)
        #expect(try problems([frame(0), frame(1, width: 66), end]).count == 1)
        #expect(try problems([frame(0), frame(1)]) == ["the log has no stream_end record"])
        #expect(try problems([frame(0), frame(1), end], frames: 3).count == 2)
        let damaged = try problems([frame(0), frame(1), end], decodeErrors: 1)
        #expect(damaged == ["1 damaged packets or pictures in a video that was just made"])
    }

    @Test func `a log that cannot be read is a problem that names the line`() throws {
        let torn = try problems([frame(0), #"{"v":1,"type":"fra"#])
        #expect(torn.count == 1 && torn[0].contains("e.jsonl:2:"))
        let none = DemoCheck.problems(ofLog: "none.jsonl", sound, frames: 2, street: street)
        #expect(none.problems.count == 1 && none.problems[0].hasPrefix("none.jsonl: cannot be read back"))
    }

    @Test func `a whole video passes, another does not`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("v.mp4")
        try StreetRecording.write(street, frames: 2, to: path)
        #expect(DemoCheck.problems(ofVideo: path, frames: 2).isEmpty)
        #expect(DemoCheck.problems(ofVideo: path, frames: 3) == ["\(path) has 2 of 3 pictures, 0 of them damaged"])
        let empty = try folder.write([], to: "empty.mp4")
        let problems = DemoCheck.problems(ofVideo: empty, frames: 2)
        #expect(problems.count == 1 && problems[0].hasPrefix(empty), "\(problems)")
    }
}
