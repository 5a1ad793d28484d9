import Foundation
import TestSupport
import Testing

@Suite("lookout anchors") struct AnchorsTests {
    private let folder: TemporaryFolder
    private let list: String

    /// Four pictures with two kinds of boxes.
    init() throws {
        folder = try TemporaryFolder()
        for index in 0..<4 {
            try folder.write("x".utf8, to: "\(index).jpg")
            try folder.write("0 .5 .5 .\(index + 1) .2\n0 .5 .5 .9 .8\(index)\n".utf8, to: "\(index).txt")
        }
        list = try folder.write((0..<4).map { "\($0).jpg\n" }.joined().utf8, to: "train.txt")
    }

    @Test func `table, cfg line and plot`() throws {
        let plot = folder.file("curve.svg")
        let outcome = try Tool.run("anchors", list, "--count", "2", "--max-count", "15", "--euclidean", "--plot", plot)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.lines[0] == "8 boxes in 4 pictures, for 416x416")
        // Eight different boxes: the table ends there.
        #expect(outcome.lines.count == 2 + 8 + 2 && outcome.lines[3].hasSuffix("*"))
        #expect(outcome.lines[10].hasPrefix("anchors = ") && outcome.lines[11] == "num = 2")
        #expect(try String(contentsOfFile: plot, encoding: .utf8).hasPrefix("<svg"))
        #expect(try Tool.run("anchors", list, "--count", "2", "--euclidean").stdout == outcome.stdout)
    }

    /// Lists of another set lie in the folder that it is called from.
    @Test func `the lists beside the data file are meant`() throws {
        let elsewhere = try TemporaryFolder()
        try elsewhere.write("none.jpg\n".utf8, to: "train.txt")
        try folder.write("train = train.txt\n".utf8, to: "set.data")
        let arguments = ["anchors", folder.file("set.data"), "--count", "2"]
        let outcome = try Tool(arguments, folder: elsewhere.path).wait()
        #expect(outcome.lines.first == "8 boxes in 4 pictures, for 416x416", "\(outcome)")
        // As Darknet reads it: from where it is called.
        try elsewhere.write("train = train.txt\n".utf8, to: "other.data")
        let darknets = try Tool(["anchors", elsewhere.file("other.data"), "--count", "2"], folder: folder.path).wait()
        #expect(darknets.code != 0 && darknets.stderr.contains("none.txt"), "\(darknets)")
        unlink(elsewhere.file("train.txt"))
        let called = try Tool(["anchors", elsewhere.file("other.data"), "--count", "2"], folder: folder.path).wait()
        #expect(called.lines.first == "8 boxes in 4 pictures, for 416x416", "\(called)")
    }

    @Test func `for programs`() throws {
        let outcome = try Tool.run("anchors", list, "--count", "2", "--max-count", "3", "--size", "608x320", "--json")
        #expect(outcome.code == 0, "\(outcome)")
        let object = try outcome.json()
        let anchors = try #require(object["anchors"] as? [[Double]])
        #expect(anchors.count == 2 && abs(anchors[1][0] - 0.9 * 19) < 1e-9 && abs(anchors[1][1] - 0.815 * 10) < 1e-9)
        #expect((object["table"] as? [[String: Any]])?.count == 3 && object["boxes"] as? Int == 8)
        #expect((object["cfg"] as? String)?.hasSuffix("17.1,8.15") == true)
    }

    @Test func `what cannot be done is told`() throws {
        #expect(try Tool.run("anchors", list, "--count", "0").code == 64)
        #expect(try Tool.run("anchors", list, "--size", "auto").code == 64)
        #expect(try Tool.run("anchors", list, "--plot", list).code == 64)
        #expect(try Tool.run("anchors", list, "--count", "9").stderr.contains("only 8 different boxes"))
        #expect(try Tool.run("anchors", folder.file("none.txt")).code == 66)
        try folder.write("0 .5 .5 .1\n".utf8, to: "2.txt")
        try folder.write("0 .5 .5 0 1\n".utf8, to: "3.txt")
        let wrong = try Tool.run("anchors", list)
        #expect(wrong.code == 65 && wrong.stderr.contains("2.txt:1: ") && wrong.stderr.contains("3.txt:1: "))
    }

    @Test func `a word tree from paths`() throws {
        let paths = try folder.write("object animal dog\nobject animal cat\n".utf8, to: "paths.txt")
        let outcome = try Tool.run("model", "tree", paths)
        #expect(outcome.code == 0 && outcome.text == "object -1\nanimal 0\ndog 1\ncat 1\n", "\(outcome)")
        #expect(try Tool.run("model", "tree", folder.file("none")).code == 66)
    }
}
