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

    /// Of a COCO file: what is written has its numbers, and what others made is read by them.
    @Test func categoriesOfACOCOFile() throws {
        let truth = { (image: Int, category: Int) in
            "{\"image_id\": \(image), \"category_id\": \(category), \"bbox\": [16, 24, 32, 16], \"id\": \(image)}"
        }
        let truths = try bench.folder.write(
            """
            {"images": [{"id": 5, "file_name": "1.png", "width": 64, "height": 64},
            {"id": 9, "file_name": "3.png", "width": 64, "height": 64}],
            "annotations": [\(truth(5, 0)), \(truth(9, 2))],
            "categories": [{"id": 0, "name": "cat"}, {"id": 2, "name": "dog"}]}
            """.utf8, to: "images/truths.json")
        let outcome = try Tool(["eval", truths] + bench.model + ["--output", bench.file("out")]).wait()
        #expect(outcome.code == 0, "\(outcome)")
        let results = try bench.text("out/coco_results.json")
        #expect(results.contains("\"image_id\":5,\"category_id\":0,") && !results.contains("\"category_id\":1,"))
        let detections = try bench.folder.write(
            """
            [{"image_id": 5, "category_id": 0, "bbox": [16, 24, 32, 16], "score": 0.9},
            {"image_id": 9, "category_id": 2, "bbox": [16, 24, 32, 16], "score": 0.8}]
            """.utf8, to: "found.json")
        let judged = try Tool(["eval", truths, "--detections", detections, "--json"]).wait()
        #expect(judged.code == 0, "\(judged)")
        #expect(abs((try judged.json()["ap"] as? Double ?? 0) - 100) < 1e-6)
    }

    @Test func picturesOfOneNumberAreCounted() throws {
        for (index, name) in ["01_1", "02_1"].enumerated() {
            let picture = try Data(contentsOf: URL(fileURLWithPath: bench.file("images/\(index + 1).png")))
            try bench.folder.write(picture, to: "images/\(name).png")
            try bench.folder.write("0 0.5 0.5 0.5 0.25\n".utf8, to: "labels/\(name).txt")
        }
        try bench.folder.write(
            ["01_1", "02_1"].map { bench.file("images/\($0).png") + "\n" }.joined().utf8, to: "valid.list")
        let outcome = try eval("--output", bench.file("out"))
        #expect(outcome.code == 0 && outcome.stderr.contains("image_id counts them"), "\(outcome)")
        #expect(
            try bench.text("out/coco_images.json").contains(
                "{\"file_name\":\"\(bench.file("images/02_1.png"))\",\"id\":2}"))
        let results = try bench.text("out/coco_results.json")
        #expect(results.contains("\"image_id\":1,") && results.contains("\"image_id\":2,"))
    }

    @Test func whatWasJudgedIsToldWhereItsFilesCannotBe() throws {
        // Found before anything is judged.
        let file = try bench.folder.write([], to: "file")
        let stopped = try eval("--output", file)
        #expect(stopped.code == 73 && stopped.text.isEmpty, "\(stopped)")
        // Found when it is written.
        let folder = bench.file("out/summary.json")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try bench.folder.write([], to: "out/summary.json/x")
        let outcome = try eval("--output", bench.file("out"))
        #expect(outcome.code != 0 && outcome.stderr.contains("summary.json"), "\(outcome)")
        #expect(outcome.lines.last?.hasPrefix("3 pictures at 32x32, ") == true)
    }

    @Test func classesOfOneFileName() throws {
        try bench.folder.write("a/b\na_b\n".utf8, to: "two.names")
        #expect(try eval("--output", bench.file("out")).code == 0)
        #expect(try bench.text("out/voc/comp4_det_test_a_b-2.txt").split(separator: "\n").count == 3)
        #expect(bench.exists("out/precision-recall/a_b.svg") && bench.exists("out/precision-recall/a_b-2.svg"))
    }

    /// The whole-number network finds the same boxes, and nearly as sure.
    @Test func int8() throws {
        let pictures = [1, 3].map { bench.file("images/\($0).png") }
        #expect(try Tool(["model", "quantize"] + bench.model + pictures).wait().code == 0)
        let outcome = try eval("--precision", "int8", "--json")
        #expect(outcome.code == 0 && outcome.stderr.contains("computing in"), "\(outcome)")
        let figures = [try outcome.json(), try eval("--json").json()]
        for key in ["ap", "ap50", "voc07", "darknet_map"] {
            #expect(figures[0][key] as? Double == figures[1][key] as? Double, "\(key)")
        }
    }

    /// A tree of two nodes, of which the network is sure of the first; the data set has classes of its own.
    private func treeData(map: String, in place: String) throws -> (data: String, cfg: String) {
        try bench.folder.write("thing -1\nother -1\n".utf8, to: "two.tree")
        try bench.folder.write(map.utf8, to: "own.map")
        let inCfg = place == "cfg" ? "map = own.map\n" : ""
        let cfg = try bench.folder.write((TinyNetwork.cfg + "\ntree = two.tree\n" + inCfg).utf8, to: "tree.cfg")
        let text = try String(contentsOfFile: data, encoding: .utf8)
        return (try bench.folder.write((text + (place == "data" ? "map=own.map\n" : "")).utf8, to: "own.data"), cfg)
    }

    /// Evaluation of a network such as YOLO9000 through a map, which lies beside the file that names it.
    @Test(arguments: ["data", "cfg", "option"]) func aTreeNetworkThroughAMap(place: String) throws {
        let judge = { (map: String) in
            let files = try treeData(map: map, in: place)
            let option = place == "option" ? ["--map", bench.file("own.map")] : []
            return try Tool(
                ["eval", files.data, files.cfg, bench.file("tiny.weights"), "--threads", "1", "--json"] + option
            ).wait()
        }
        let classFigures = { (outcome: Tool.Outcome, name: String) throws in
            ((try outcome.json()["classes"] as? [String: [String: Any]])?[name]?["ap50"] as? Double) ?? -1
        }
        let flat = try eval("--json")
        let straight = try judge("0\n1\n")
        #expect(straight.code == 0, "\(straight)")
        #expect(try classFigures(straight, "cat") == classFigures(flat, "cat"))
        // Swapped, what is found is a dog where a cat is.
        let swapped = try judge("1\n0\n")
        #expect(swapped.code == 0, "\(swapped)")
        #expect(try classFigures(swapped, "cat") < classFigures(straight, "cat"))
        #expect(try judge("0\n2\n").code == 65)
    }

    @Test func aTreeNetworkNeedsAMap() throws {
        let files = try treeData(map: "", in: "nowhere")
        let outcome = try Tool(["eval", files.data, files.cfg, bench.file("tiny.weights")]).wait()
        #expect(outcome.code == 64 && outcome.stderr.contains("--map FILE"), "\(outcome)")
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
        for network in [[], ["yolov2-tiny-voc"]] { #expect(try Tool(["eval", data] + network).wait().code == 64) }
        #expect(try Tool(["eval", data, "yolov2-tiny-voc", bench.file("no.weights")]).wait().code == 66)
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
