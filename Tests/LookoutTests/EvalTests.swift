import Foundation
import TestSupport
import Testing

@Suite("lookout eval", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct EvalTests {
    private let bench: Bench
    private let data: String

    /// Two white pictures, in the first of which the tiny network is right, and a black one with an object that it misses.
    init() throws {
        bench = try Bench()
        for folder in ["images", "labels"] {
            try FileManager.default.createDirectory(
                atPath: bench.file(folder), withIntermediateDirectories: true)
        }
        let labels = ["0 0.5 0.5 0.5 0.25\n", "1 0.2 0.2 0.1 0.1\n", "0 0.5 0.5 0.5 0.25\n"]
        var list = ""
        for (index, label) in labels.enumerated() {
            let color = index == 2 ? "black" : "white"
            let picture = try Clips.picture("\(color)-64.png", color: color, size: "64x64")
            let image = "images/\(index + 1).png"
            try bench.folder.write(Data(contentsOf: URL(fileURLWithPath: picture)), to: image)
            try bench.folder.write(label.utf8, to: "labels/\(index + 1).txt")
            list += bench.file(image) + "\n"
        }
        let valid = try bench.folder.write(list.utf8, to: "valid.list")
        let names = try bench.folder.write("cat\ndog\n".utf8, to: "two.names")
        data = try bench.folder.write("classes=2\nvalid=\(valid)\nnames=\(names)\n".utf8, to: "two.data")
    }

    private func eval(_ arguments: String...) throws -> Tool.Outcome {
        try Tool(["eval", data] + bench.model + arguments).wait()
    }

    /// Of cats: one found with the surest box, one missed, and a box that is none in between.
    @Test func oneObjectForPrograms() throws {
        let outcome = try eval("--json")
        #expect(outcome.code == 0 && outcome.stderr == "", "\(outcome)")
        let report = try outcome.json()
        let classes = try #require(report["classes"] as? [String: [String: Any]])
        #expect(classes.keys.sorted() == ["cat", "dog"])
        #expect(classes["cat"]?["truths"] as? Int == 2)
        // Boxes of both white pictures are equally sure; the black one's comes last, and is right: 1, 1/2, 2/3.
        let area = 100 * (0.5 + 0.5 * 2 / 3)
        #expect(abs((classes["cat"]?["voc_area"] as? Double ?? 0) - area) < 1e-6)
        #expect(classes["dog"]?["voc07"] as? Double == 0)
        #expect(abs((report["voc_area"] as? Double ?? 0) - area / 2) < 1e-6)
        for key in ["ap", "ap50", "ap75", "voc07", "darknet_map", "ms_per_picture"] {
            #expect(report[key] is Double || report[key] is Int, "\(key)")
        }
        // No large objects.
        #expect(report["ap_large"] is NSNull)
        #expect(report["width"] as? Int == 32 && report["pictures"] as? Int == 3)
    }

    @Test func aTableForPeople() throws {
        // Files named by position do the same.
        let named = try Tool([
            "eval", data, bench.file("tiny.cfg"), bench.file("tiny.weights"), "--threads", "1", "--size", "32",
        ]).wait()
        #expect(named.code == 0, "\(named)")
        #expect(named.lines[0] == "class       truths      AP    AP50    AP75   VOC07    area Darknet")
        #expect(named.lines[1].hasPrefix("cat              2 "))
        #expect(named.lines[3].hasPrefix("all              3 "))
        #expect(named.lines.last?.hasPrefix("3 pictures at 32x32, ") == true)
    }

    @Test func filesForOthers() throws {
        #expect(try eval("--output", bench.file("out"), "--worst", "2").code == 0)
        for file in [
            "summary.json", "summary.txt", "precision-recall.svg", "confusion.csv", "confusion.svg",
            "precision-recall/cat.svg", "voc/comp4_det_test_dog.txt",
        ] { #expect(bench.exists("out/\(file)"), "\(file)") }
        let lines = try bench.text("out/voc/comp4_det_test_cat.txt").split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("1 0.97") && lines[0].hasSuffix(" 17.0 25.0 49.0 41.0"))
        let results = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: bench.file("out/coco_results.json"))))
        #expect((results as? [[String: Any]])?.first?["bbox"] as? [Double] == [16, 24, 32, 16])
        #expect(
            try bench.text("out/confusion.csv") == "truth,cat,dog,nothing\ncat,1,0,1\ndog,0,0,1\nnothing,1,0,0\n")
        let worst = try FileManager.default.contentsOfDirectory(atPath: bench.file("out/worst")).sorted()
        #expect(worst == ["001-2.png", "002-3.png"])
        // What was written can be judged again.
        let again = try Tool([
            "eval", data, "--detections", bench.file("out/coco_results.json"), "--json",
        ]).wait()
        let figures = [try again.json(), try eval("--json").json()].map { $0["ap"] as? Double }
        #expect(again.code == 0 && figures[0] != nil && figures[0] == figures[1], "\(again)")
    }

    @Test func severalSizesAreOneCommand() throws {
        let outcome = try eval("--sizes", "32..96", "--output", bench.file("sizes"))
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.lines.map { $0.prefix(7) } == ["size   ", "32x32  ", "64x64  ", "96x96  "])
        #expect(bench.exists("sizes/speed-accuracy.svg") && bench.exists("sizes/64x64/summary.json"))
        let list = try eval("--sizes", "64,32x64", "--json").json()
        #expect((list["sizes"] as? [[String: Any]])?.map { $0["height"] as? Int } == [64, 64])
    }

    @Test func aBadPictureStopsOrIsLeftOut() throws {
        try bench.folder.write("no picture".utf8, to: "images/2.png")
        let stopped = try eval("--json")
        #expect(stopped.code == 65 && stopped.stderr.contains("images/2.png") && stopped.text.isEmpty, "\(stopped)")
        let rest = try eval("--json", "--skip-bad")
        #expect(rest.code == 0 && rest.stderr.contains("left out"), "\(rest)")
        #expect(try rest.json()["pictures"] as? Int == 2)
    }

    @Test func aClassifiersAnswers() throws {
        let cfg = try bench.folder.write(TinyNetwork.classifierCfg.utf8, to: "c.cfg")
        let weights = try bench.folder.write(TinyNetwork.classifierWeights, to: "c.weights")
        let labels = try bench.folder.write("night\nday\n".utf8, to: "c.labels")
        let images = try ["night-1.png", "day-1.png", "day-2.png"].map { name in
            let picture = try Clips.picture("\(name)", color: name == "day-1.png" ? "white" : "black", size: "64x48")
            return try bench.folder.write(Data(contentsOf: URL(fileURLWithPath: picture)), to: name)
        }
        let list = try bench.folder.write(images.map { $0 + "\n" }.joined().utf8, to: "c.list")
        let data = try bench.folder.write(
            "classes=2\nvalid=\(list)\nlabels=\(labels)\nnames=\(labels)\n".utf8, to: "c.data")
        let outcome = try Tool(["eval", data, cfg, weights, "--names", labels, "--json", "--threads", "1"]).wait()
        #expect(outcome.code == 0, "\(outcome)")
        #expect(abs((try outcome.json()["top1"] as? Double ?? 0) - 66.666667) < 1e-6)
        #expect(try Tool(["eval", data, cfg, weights, "--output", bench.file("c")]).wait().code == 64)
    }

    @Test(arguments: [
        ["--size", "auto"], ["--sizes", "288..608", "--size", "32"], ["--sizes", "100"], ["--sizes", "608..288"],
        ["--sizes", "32..64..96"], ["--worst", "-1"], ["again.cfg"], ["--detections", "x.json"],
    ])
    func wrongUsage(arguments: [String]) throws {
        let outcome = try Tool(["eval", data] + bench.model + arguments).wait()
        #expect(outcome.code == 64 && outcome.text.isEmpty, "\(outcome)")
    }

    @Test func whatIsMissing() throws {
        #expect(try Tool(["eval", bench.file("no.data")] + bench.model).wait().code == 66)
        #expect(try Tool(["eval", data, "yolov2-tiny-voc"]).wait().code == 64)
        let none = try Tool(["eval", data, "--detections", bench.file("none.json")]).wait()
        #expect(none.code == 66, "\(none)")
    }

    /// An output folder among the pictures must not cost any of them.
    @Test func picturesAreNotOverwritten() throws {
        let labels = try bench.text("labels/1.txt")
        let folder = bench.file("images/worst")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: bench.file("images/2.png"), toPath: folder + "/001-2.png")
        try bench.folder.write(
            (bench.file("images/1.png") + "\n" + folder + "/001-2.png\n").utf8, to: "valid.list")
        try FileManager.default.createDirectory(atPath: bench.file("labels/worst"), withIntermediateDirectories: true)
        try bench.folder.write("1 0.2 0.2 0.1 0.1\n".utf8, to: "labels/worst/001-2.txt")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder + "/001-2.png"))
        // Its own copy would be 001-001-2.png; one named so is in the way.
        try FileManager.default.moveItem(atPath: folder + "/001-2.png", toPath: folder + "/001-001-2.png")
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/001-2.png", withDestinationPath: folder + "/001-001-2.png")
        let outcome = try eval("--output", bench.file("images"))
        #expect(outcome.code == 64 && outcome.stderr.contains("is an input"), "\(outcome)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/001-001-2.png")) == before)
        #expect(try bench.text("labels/1.txt") == labels)
    }
}
