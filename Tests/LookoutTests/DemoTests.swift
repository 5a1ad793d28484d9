import Foundation
import Neural
import Street
import TestSupport
import Testing

@Suite("lookout demo") struct DemoTests {
    private let bench: Bench
    /// A second of a small street.
    private let scene = ["--seconds", "1", "--size", "320x180", "--quiet"]

    init() throws { bench = try Bench() }

    /// With a network that knows nothing of streets: it finds one box in the middle of every picture, or none.
    private func demo(_ arguments: String..., output: String = "out") throws -> Tool.Outcome {
        let model = ["--weights", bench.file("tiny.weights"), "--threads", "1"]
        return try Tool(["demo"] + scene + model + ["--output", bench.file(output)] + arguments).wait()
    }

    private func calibrate() throws {
        let pictures = bench.file("stills")
        let stills = try Tool.run("demo", "stills", pictures, "--count", "20", "--size", "64x64", "--quiet")
        #expect(stills.code == 0, "\(stills)")
        let quantized = try Tool.run(
            "model", "quantize", pictures + "/images/*.jpg", "--weights", bench.file("tiny.weights"))
        #expect(quantized.code == 0, "\(quantized)")
    }

    @Test func `another network is reported, not judged`() throws {
        try calibrate()
        let outcome = try demo("--json", "--threshold", "0.01")
        #expect(outcome.code == 0, "\(outcome)")
        let json = try outcome.json()
        #expect(json["recall"] as? Double == 0)
        #expect((json["fps"] as? [String: Any])?["fp32"] is Double)
        #expect(json["events"] as? String == bench.file("out/lookout-demo.jsonl"))
        #expect(json["video"] as? String == bench.file("out/lookout-demo.mp4"))
        #expect(json["frames"] as? Int == 25)
        #expect(json["judged"] as? Bool == false)
        #expect(json["passed"] as? Bool == true)
        #expect(json["problems"] as? [String] == [])
        let classes = try #require(json["classes"] as? [String: [String: Any]])
        #expect(Set(classes.keys) == Set(StreetKind.allCases.map(\.name)))
        #expect(classes.values.reduce(0) { $0 + ($1["objects"] as? Int ?? 0) } == json["objects"] as? Int)
        let log = try bench.text("out/lookout-demo.jsonl").split(separator: "\n")
        #expect(log[0].contains(#""source":"demo:street?seed="#))
        #expect(log.count { $0.contains(#""type":"frame""#) } == 25)
        #expect(json["wrong"] as? Int == log.count { $0.contains(#""class":"class 0""#) })
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: bench.file("out")).sorted() == [
                "lookout-demo.jsonl", "lookout-demo.mp4",
            ])
    }

    @Test func `people are told what it found, how fast, and what to do next`() throws {
        try calibrate()
        let outcome = try demo()
        #expect(outcome.code == 0, "\(outcome)")
        for text in [
            "Not judged", "25 pictures of a made street", "cyclist", "frames a second", "model pull", "demo:street",
        ] {
            #expect(outcome.text.contains(text), "\(text)")
        }
        #expect(!outcome.stderr.contains("libx264"))
    }

    @Test func `the built-in network knows the street`() throws {
        let outcome = try Tool([
            "demo", "--seconds", "2", "--output", bench.file("out"), "--json", "--quiet",
        ]).wait()
        #expect(outcome.code == 0, "\(outcome)")
        let json = try outcome.json()
        #expect(json["network"] as? String == "lookout-demo")
        #expect(json["judged"] as? Bool == true && json["passed"] as? Bool == true)
        #expect(try #require(json["objects"] as? Int) > 400)
        var looks = [json]
        if Int8Kernel.best != nil { looks.append(try #require(json["int8"] as? [String: Any])) }
        for look in looks {
            #expect(try #require(look["precision"] as? Double) >= 0.85)
            #expect(try #require(look["recall"] as? Double) >= 0.85)
        }
        for key in ["fps", "ms_per_frame"] {
            let figures = try #require(json[key] as? [String: Any])
            #expect(try #require(figures["fp32"] as? Double) > 0)
            #expect(figures["int8"] is Double == (Int8Kernel.best != nil))
        }
    }

    @Test func `what is not as it must be is told, with an exit code of its own`() throws {
        try FileManager.default.createDirectory(atPath: bench.file("out"), withIntermediateDirectories: false)
        let video = bench.file("out/lookout-demo.mp4")
        try FileManager.default.createSymbolicLink(atPath: video, withDestinationPath: "/dev/null")
        let outcome = try Tool(["demo"] + scene + ["--output", bench.file("out"), "--json"]).wait()
        #expect(outcome.code == 70, "\(outcome)")
        let json = try outcome.json()
        let problems = try #require(json["problems"] as? [String])
        #expect(json["passed"] as? Bool == false && problems.count == 1 && problems[0].hasPrefix(video), "\(problems)")
        #expect(outcome.stderr.contains("error: \(video)"), "\(outcome)")
    }

    @Test func `the card and README are filled in`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let card = try String(contentsOf: root.appending(path: "models/demo/README.md"), encoding: .utf8)
        #expect(card.contains("AP50") && !card.contains(/@[A-Za-z0-9_]+@/))
        for page in ["README.md", "models/demo/README.md"] {
            let url = root.appending(path: page)
            let text = try String(contentsOf: url, encoding: .utf8)
            let links = text.matches(of: /\]\(([^)#]+)[^)]*\)/).map { String($0.output.1) }
                .filter { !$0.contains("://") }
            #expect(!links.isEmpty)
            for link in links {
                let file = url.deletingLastPathComponent().appending(path: link).path
                #expect(FileManager.default.fileExists(atPath: file), "\(page): \(link)")
            }
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func `a folder that cannot be written to is found before anything is made`() throws {
        try FileManager.default.createDirectory(atPath: bench.file("out"), withIntermediateDirectories: false)
        #expect(chmod(bench.file("out"), 0o555) == 0)
        for command in [["demo", "--output", bench.file("out")], ["demo", "video", bench.file("out/v.mp4")]] {
            let outcome = try Tool(command).wait()
            #expect(outcome.code == 73 && outcome.stderr.contains("cannot be created in"), "\(outcome)")
        }
    }

    @Test(arguments: [["--seconds", "3600"], ["--seconds", "1200", "--rate", "120", "--size", "64x64"]])
    func `too much for a demo`(_ arguments: [String]) throws {
        let outcome = try Tool(["demo", "--output", bench.file("out")] + arguments).wait()
        #expect(outcome.code == 64 && outcome.stderr.contains("too much for a demo"), "\(outcome)")
        #expect(!bench.exists("out"))
    }

    @Test func `a network that is not there is found before anything is made`() throws {
        let outcome = try Tool(["demo", "--weights", bench.file("none.weights"), "--output", bench.file("out")]).wait()
        #expect(outcome.code == 66, "\(outcome)")
        #expect(!bench.exists("out"))
    }

    @Test(arguments: [
        ["--size", "63x64"], ["--size", "x"], ["--seconds", "0"], ["--seconds", "-1"], ["--seconds", "nan"],
        ["--rate", "0"], ["--rate", "\(Int.max)"], ["--threshold", "2"], ["--threads", "0"], ["--cfg", "x.cfg"],
    ]) func `wrong arguments`(_ arguments: [String]) throws {
        let isModel = ["--threshold", "--threads", "--cfg"].contains(arguments[0])
        let command = isModel ? ["demo"] : ["demo", "video", bench.file("v.mp4")]
        let outcome = try Tool(command + arguments).wait()
        #expect(outcome.code == 64, "\(outcome)")
        #expect(!bench.exists("v.mp4"))
    }

    @Test(arguments: [SIGINT, SIGTERM]) func `a signal leaves nothing behind`(_ signal: Int32) throws {
        try calibrate()
        try FileManager.default.createDirectory(atPath: bench.file("tmp"), withIntermediateDirectories: false)
        let terminal = try Terminal()
        let tool = try Tool(
            [
                "demo", "--seconds", "600", "--size", "320x180", "--weights", bench.file("tiny.weights"), "--output",
                bench.file("out"),
            ], stderr: terminal.slave, environment: ["TMPDIR": bench.file("tmp")])
        terminal.closeSlave()
        #expect(terminal.readSome().contains("rendering"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.file("tmp")).count == 1)
        tool.send(signal)
        #expect(try tool.wait().code == 128 + signal)
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.file("tmp")).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.file("out")).isEmpty)
    }

    // MARK: The street alone

    @Test func `a video with its truth`() throws {
        let outcome = try Tool(
            ["demo", "video", bench.file("v.mp4"), "--labels", bench.file("v.jsonl"), "--seed", "3"] + scene
        ).wait()
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stderr == "" && outcome.text == "")
        if FFmpegTool.available { #expect(try Clips.frameCount(bench.file("v.mp4")) == 25) }
        let lines = try bench.text("v.jsonl").split(separator: "\n")
        #expect(lines.count == 25)
        let street = try Street(StreetOptions(seed: 3, width: 320, height: 180))
        for index in [0, 24] {
            let line = try #require(
                try JSONSerialization.jsonObject(with: Data(lines[index].utf8)) as? [String: Any])
            #expect(line["frame"] as? Int == index)
            let objects = try #require(line["objects"] as? [[String: Any]])
            let truth = try street.picture(at: index).objects
            #expect(objects.map { $0["class"] as? String } == truth.map(\.kind.name))
            #expect(objects.map { $0["class_id"] as? Int } == truth.map(\.kind.rawValue))
            #expect(objects.map { $0["truth"] as? Bool } == truth.map(\.isTruth))
            for (object, seen) in zip(objects, truth) {
                let box = try #require(object["box"] as? [String: Double])
                let expected = ["x": seen.x, "y": seen.y, "w": seen.width, "h": seen.height]
                #expect(Set(box.keys) == Set(expected.keys))
                // As far as the file's decimals go.
                for (side, value) in expected { #expect(abs((box[side] ?? .nan) - value) < 0.051, "\(side)") }
                let visible = try #require(object["visible"] as? Double)
                #expect(abs(visible - seen.visible) < 0.00051)
            }
        }
    }

    @Test func `a video that cannot be made is named as it was given`() throws {
        let outcome = try Tool(["demo", "video", bench.file("v.gif"), "--labels", bench.file("v.jsonl")] + scene).wait()
        #expect(outcome.code == 69 && outcome.stderr.contains("error: \(bench.file("v.gif")): "), "\(outcome)")
    }

    /// Darknet's rule for label files concerns the name that a set is given by.
    @Test func `stills are made and read below a folder called drawings`() throws {
        let folder = bench.file("drawings")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let made = try Tool.run("demo", "stills", "st", "--count", "20", "--size", "64x64", "--quiet", folder: folder)
        #expect(made.code == 0, "\(made)")
        let read = try Tool.run("anchors", "st/street.data", folder: folder)
        #expect(read.code == 0, "\(read)")
        let refused = try Tool.run("demo", "stills", folder + "/other", "--count", "20", "--quiet")
        #expect(refused.code == 73 && refused.stderr.contains(#"has "raw" in its path"#), "\(refused)")
    }

    @Test func `stills tell programs what they are`() throws {
        let outcome = try Tool(
            ["demo", "stills", bench.file("s"), "--count", "3", "--valid-count", "2", "--size", "64x64", "--json"]
        ).wait()
        #expect(outcome.code == 0, "\(outcome)")
        let json = try outcome.json()
        #expect(json["data"] as? String == bench.file("s/street.data"))
        #expect(json["train"] as? Int == 3 && json["valid"] as? Int == 2)
        #expect((json["objects"] as? [String: Int])?.count == 5)
        let again = try Tool(["demo", "stills", bench.file("s"), "--count", "3"]).wait()
        #expect(again.code == 73, "\(again)")
        #expect(again.stderr.contains("has files in it"))
    }

    @Test(arguments: [["--count", "0"], ["--count", "100001"], ["--valid-count", "98000"], ["--seed", "0"]])
    func `stills that cannot be`(_ arguments: [String]) throws {
        #expect(try Tool(["demo", "stills", bench.file("s")] + arguments).wait().code == 64)
    }
}
