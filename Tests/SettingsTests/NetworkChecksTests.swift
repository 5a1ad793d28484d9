import Darknet
import Detection
import Foundation
import Streams
import TestSupport
import Testing

@testable import Settings

@Suite struct NetworkChecksTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    private func problems(_ lines: String) -> [String] {
        desk.problems("[stream.a]\nurl = \"clip.mp4\"\n\(lines)")
    }

    @Test func builtInByName() throws {
        func resolved(_ name: String) -> String { NetworkChecks.resolveCfg(name, Paths(folder: desk.folder.path)) }
        #expect(resolved("yolov2") == "builtin:yolov2.cfg" && resolved("lookout-demo") == "builtin:lookout-demo.cfg")
        #expect(resolved("builtin:yolov2.cfg") == "builtin:yolov2.cfg")
        #expect(resolved("tiny.cfg") == desk.folder.file("tiny.cfg"))
        try desk.write("x", to: "yolov2")
        #expect(resolved("yolov2") == desk.folder.file("yolov2"))
        // A folder is no cfg.
        try FileManager.default.createDirectory(
            atPath: desk.folder.file("yolov2-voc"), withIntermediateDirectories: false)
        #expect(resolved("yolov2-voc") == "builtin:yolov2-voc.cfg")
        // One that fits no weights: the network was found.
        let found = problems("weights = \"tiny.weights\"\ncfg = \"yolov2-voc\"")
        #expect(found.count == 1 && found[0].contains("weights: FOLDER/tiny.weights: holds 244"), "\(found)")
    }

    @Test func missingFiles() {
        #expect(
            problems("weights = \"w\"\ncfg = \"c.cfg\"\nnames = \"n\"\ntree = \"t\"\nmap = \".\"") == [
                "streams.conf:3:1: weights: FOLDER/w: No such file or directory",
                "streams.conf:4:1: cfg: FOLDER/c.cfg: No such file or directory",
                "streams.conf:5:1: names: FOLDER/n: No such file or directory",
                "streams.conf:6:1: tree: FOLDER/t: No such file or directory",
                "streams.conf:7:1: map: FOLDER/.: is a folder; name a file",
            ])
        #expect(
            problems("weights = \"tiny.weights\"\ncfg = \"yolov2-tny\"") == [
                "streams.conf:4:1: cfg: FOLDER/yolov2-tny: No such file or directory, and no built-in network of that name; "
                    + "did you mean \"yolov2-tiny\"?"
            ])
    }

    @Test func int8NeedsItsFile() throws {
        let int8 = "weights = \"tiny.weights\"\ncfg = \"tiny.cfg\"\nprecision = \"int8\""
        #expect(
            problems(int8) == [
                "streams.conf:5:1: precision: FOLDER/tiny.int8: no such file; make it with: "
                    + "lookout model quantize --weights FOLDER/tiny.weights PICTURES..."
            ])
        let other = desk.folder.file("other.int8")
        #expect(
            problems(int8 + "\ncalibration = \"other.int8\"") == [
                "streams.conf:6:1: calibration: FOLDER/other.int8: No such file or directory"
            ])
        let weights = CalibrationTable.Weights(count: 1, fingerprint: 1)
        try CalibrationTable(weights: weights, imageCount: 1, ranges: [:]).write(to: other)
        #expect(problems(int8 + "\ncalibration = \"other.int8\"") == [])
        try CalibrationTable(weights: weights, imageCount: 1, ranges: [7: 0...1]).write(
            to: desk.folder.file("tiny.int8"))
        #expect(problems(int8).count == 1)
        #expect(
            problems(int8)[0].hasPrefix("streams.conf:5:1: precision: FOLDER/tiny.int8: was made for another network"))
        #expect(problems("weights = \"tiny.weights\"\nprecision = \"int4\"").count == 1)
    }

    /// What is wrong inside a file is told at the key that names it.
    @Test func filesThatDoNotFit() throws {
        try desk.write("cat\n", to: "one.names")
        try desk.write("a\u{1}b\n", to: "bad.names")
        try desk.write("cat 5\n", to: "bad.tree")
        try desk.write("x\n", to: "bad.map")
        for (line, words) in [
            ("names = \"one.names\"", "has 1 names; tiny has 2 classes"),
            ("names = \"bad.names\"", "control character"),
            ("tree = \"bad.tree\"", "node 0 has parent 5"), ("map = \"bad.map\"", "is not an index"),
            ("cfg = \"tiny.names\"", "a cfg starts with [net]"),
        ] {
            let found = problems("weights = \"tiny.weights\"\n\(line)")
            #expect(
                found.count == 1 && found[0].hasPrefix("streams.conf:4:1: ") && found[0].contains(words), "\(found)")
        }
        let mismatch = problems("weights = \"tiny.weights\"\ncfg = \"yolov2-tiny\"")
        #expect(
            mismatch.count == 1 && mismatch[0].hasPrefix("streams.conf:3:1: weights: FOLDER/tiny.weights: holds 244"))
    }

    @Test func noCfgBeside() {
        #expect(
            problems("weights = \"clip.mp4\"") == [
                "streams.conf:3:1: weights: FOLDER/clip.mp4: no clip.cfg beside it, and no built-in network of that name; "
                    + "give cfg = \"FILE\""
            ])
    }

    @Test func classifier() throws {
        try desk.write(TinyNetwork.classifierCfg, to: "class.cfg")
        try desk.folder.write(TinyNetwork.classifierWeights, to: "class.weights")
        #expect(
            problems("weights = \"class.weights\"") == [
                "streams.conf:3:1: weights: class is a classifier; streams take a detector"
            ])
    }

    /// The same list of defaults, judged by each stream's own network.
    @Test func classesOfTheNetwork() throws {
        let text = """
            [defaults]
            weights = "tiny.weights"
            classes = ["person", "preson"]
            [stream.a]
            url = "clip.mp4"
            names = "tiny.names"
            [stream.b]
            url = "clip.mp4"
            names = "other.names"
            """
        try desk.write("preson\nperson\n", to: "other.names")
        #expect(
            desk.problems(text) == [
                #"streams.conf:3:22: classes: tiny has no class "preson"; did you mean "person"?"#
            ])
    }
}
