import Foundation
import TestSupport
import Testing

/// Whole runs of `lookout train` that need data of their own.
@Suite("lookout train, whole runs") struct TrainRunTests {
    private let folder: TemporaryFolder

    /// Pictures of one colour each, named by it; a detector's box is the whole picture.
    init() throws {
        folder = try TemporaryFolder()
        for name in ["images", "labels"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
        }
        var list = ""
        for index in 0..<6 {
            let isRed = index.isMultiple(of: 2)
            let name = (isRed ? "red" : "blue") + "\(index)"
            let pixels = [[UInt8]](repeating: isRed ? [230, 20, 20] : [20, 20, 230], count: 64 * 64).joined()
            try folder.write(Array("P6\n64 64\n255\n".utf8) + pixels, to: "images/\(name).ppm")
            try folder.write("\(index % 2) .5 .5 .9 .9\n".utf8, to: "labels/\(name).txt")
            list += folder.file("images/\(name).ppm") + "\n"
        }
        try folder.write(list.utf8, to: "train.txt")
        try folder.write("red\nblue\n".utf8, to: "two.names")
        try folder.write(Self.data.utf8, to: "two.data")
        try folder.write((Self.body + Self.detector).utf8, to: "small.cfg")
    }

    private static let data = "classes=2\ntrain=train.txt\nvalid=train.txt\nnames=two.names\nbackup=made\n"
    private static let body = """
        [net]
        width=64
        height=64
        channels=3
        batch=4
        subdivisions=2
        learning_rate=0.01
        burn_in=4
        max_batches=12
        [convolutional]
        batch_normalize=1
        filters=8
        size=3
        stride=2
        pad=1
        activation=leaky
        [maxpool]
        size=16
        stride=16

        """
    private static let detector = """
        [convolutional]
        filters=7
        size=1
        stride=1
        activation=linear
        [region]
        anchors=1,1
        num=1
        classes=2
        softmax=1
        """
    private static let classifier = """
        [convolutional]
        filters=2
        size=1
        stride=1
        activation=linear
        [avgpool]
        [softmax]
        """

    private func tool(_ arguments: [String], stderr: FileHandle? = nil) throws -> Tool {
        try Tool(
            ["train", "two.data", "small.cfg"] + arguments + ["--threads", "1"], folder: folder.path, stderr: stderr)
    }

    private func train(_ arguments: String...) throws -> Tool.Outcome { try tool(arguments).wait() }

    private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.file(name)) }

    private func records(_ type: String) throws -> [[String: Any]] {
        let log = try String(contentsOfFile: folder.file("made/small.train.jsonl"), encoding: .utf8)
        return try log.split(separator: "\n").compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }.filter { $0["type"] as? String == type }
    }

    @Test func aClassifierLearnsItsColours() throws {
        try folder.write((Self.data + "labels=two.names\ntop=1\nleaves=x\n").utf8, to: "two.data")
        try folder.write((Self.body + Self.classifier).utf8, to: "small.cfg")
        let outcome = try train("--max-batches", "120", "--validate-every", "40", "--json")
        #expect(outcome.code == 0, "\(outcome)")
        let best = try #require(try outcome.json()["best"] as? [String: Any])
        #expect(best["top1"] as? Double == 100, "\(best)")
        let validations = try records("validation")
        #expect(validations.count == 3 && validations.allSatisfy { $0["accuracy"] is Double && $0["ap50"] == nil })
        #expect(exists("made/small_best.weights") && exists("made/small_100.weights"))
        #expect(outcome.stderr.contains("top 1 100.00") && outcome.stderr.contains("two.data: not used here: leaves"))
    }

    @Test func aBadPictureOfTheValidationStopsOrIsLeftOut() throws {
        let list = try String(contentsOfFile: folder.file("train.txt"), encoding: .utf8)
        try folder.write("none".utf8, to: "images/bad.ppm")
        try folder.write("0 .5 .5 .9 .9\n".utf8, to: "labels/bad.txt")
        try folder.write((list + folder.file("images/bad.ppm") + "\n").utf8, to: "valid.txt")
        try folder.write(Self.data.replacing("valid=train.txt", with: "valid=valid.txt").utf8, to: "two.data")
        let stopped = try train("--validate-every", "4")
        #expect(stopped.code == 65 && stopped.stderr.contains("images/bad.ppm"), "\(stopped)")
        #expect(exists("made/small.state"))
        #expect(try records("end").last?["message"] as? String == "failed")
        let skipped = try train("--resume", "--validate-every", "4", "--bad-images", "skip")
        #expect(skipped.code == 0, "\(skipped)")
        #expect(skipped.stderr.split(separator: "\n").count { $0.contains("left out of validation: ") } == 1)
        // That of iteration 4, which the picture had ended, too.
        #expect(try records("validation").compactMap { $0["iteration"] as? Int } == [4, 8, 12])
    }

    @Test func aChangedCfgDoesNotResume() throws {
        #expect(try train("--max-batches", "2").code == 0)
        let cfg = Self.body.replacing("filters=8", with: "filters=24") + Self.detector
        try folder.write(cfg.utf8, to: "small.cfg")
        let outcome = try train("--resume")
        #expect(outcome.code == 65 && outcome.stderr.contains("layer 0 [convolutional]"), "\(outcome)")
    }

    @Test func restartRemovesWhatTheEarlierTrainingMade() throws {
        #expect(try train("--max-batches", "100", "--validate-every", "50").code == 0)
        for name in ["small_best.weights", "small_100.weights", "small.accuracy.svg"] {
            #expect(exists("made/\(name)"))
        }
        let outcome = try train(
            "made/small_final.weights", "--clear", "--restart", "--max-batches", "2", "--validate-every", "0")
        #expect(outcome.code == 0 && outcome.stderr.contains("removed of the earlier training in made: "), "\(outcome)")
        for name in ["small_best.weights", "small_100.weights", "small.accuracy.svg"] {
            #expect(!exists("made/\(name)"))
        }
    }

    @Test(arguments: [("paper", 0.01 / 256), ("2016", 0.01)])
    func theProfileDecidesWhereBurnInHolds(_ profile: String, _ rate: Double) throws {
        let outcome = try train("--profile", profile, "--max-batches", "1")
        #expect(outcome.code == 0, "\(outcome)")
        let first = try #require(try records("iteration").first?["learning_rate"] as? Double)
        #expect(abs(first - rate) < 1e-6)
        #expect(try train("--profile", "2016", "--articles-loss").code == 64)
    }

    /// An iteration of so many pictures does not come to its end.
    @Test func aSecondSignalEndsAtOnce() throws {
        let messages = Pipe()
        let tool = try tool(
            ["--batch", "2000000", "--subdivisions", "1000000", "--validate-every", "0"],
            stderr: messages.fileHandleForWriting)
        messages.fileHandleForWriting.closeFile()
        let lines = LineReader(messages.fileHandleForReading)
        while let line = lines.next(), !line.contains("from the beginning") {}
        tool.send(SIGINT)
        while let line = lines.next(), !line.contains("once more to stop at once") {}
        tool.send(SIGTERM)
        #expect(try tool.wait().code == 143)
        #expect(!exists("made/small.state"))
    }

    /// So many that some take longer than the line's pause.
    @Test func validationShowsItsProgressOnATerminal() throws {
        let list = try String(contentsOfFile: folder.file("train.txt"), encoding: .utf8)
        try folder.write(String(repeating: list, count: 100).utf8, to: "valid.txt")
        try folder.write(Self.data.replacing("valid=train.txt", with: "valid=valid.txt").utf8, to: "two.data")
        let terminal = try Terminal()
        let tool = try tool(["--max-batches", "1", "--validate-every", "1"], stderr: terminal.slave)
        terminal.closeSlave()
        let shown = terminal.readToEnd()
        #expect(try tool.wait().code == 0)
        #expect(shown.contains("\u{1B}[Kvalidation: ") && shown.contains("/600 pictures"), "\(shown)")
    }
}
