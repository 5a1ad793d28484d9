import Darknet
import Foundation
import TestSupport
import Testing

@Suite("lookout train") struct TrainCommandTests {
    private let folder: TemporaryFolder

    /// Pictures of squares, a small network, and a .data file that names all of it.
    init() throws {
        folder = try TemporaryFolder()
        for name in ["images", "labels"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
        }
        for index in 0..<6 {
            let left = index * 7 % 32
            try folder.write(Self.picture(left: left, isRed: index.isMultiple(of: 2)), to: "images/\(index).ppm")
            try folder.write("\(index % 2) \(Double(left + 16) / 64) .5 .5 .5\n".utf8, to: "labels/\(index).txt")
        }
        let images = (0..<6).map { folder.file("images/\($0).ppm") + "\n" }
        try folder.write(images.joined().utf8, to: "train.txt")
        try folder.write(images[..<2].joined().utf8, to: "valid.txt")
        try folder.write("red\nblue\n".utf8, to: "two.names")
        try folder.write(
            "classes=2\ntrain=train.txt\nvalid=valid.txt\nnames=two.names\nbackup=made\n".utf8, to: "two.data")
        try folder.write(Self.cfg.utf8, to: "small.cfg")
    }

    private static func picture(left: Int, isRed: Bool) -> [UInt8] {
        var bytes = Array("P6\n64 64\n255\n".utf8)
        for row in 0..<64 {
            for column in 0..<64 {
                let isInside = (left..<left + 32).contains(column) && (16..<48).contains(row)
                bytes += isInside ? (isRed ? [230, 20, 20] : [20, 20, 230]) : [128, 128, 128]
            }
        }
        return bytes
    }

    private static let cfg = """
        [net]
        width=64
        height=64
        channels=3
        batch=4
        subdivisions=2
        learning_rate=0.001
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
        [convolutional]
        filters=14
        size=1
        stride=1
        activation=linear
        [region]
        anchors=1,1, .5,.5
        num=2
        classes=2
        softmax=1
        jitter=.2
        """

    private func tool(_ arguments: [String], stderr: FileHandle? = nil) throws -> Tool {
        try Tool(
            ["train", "two.data", "small.cfg"] + arguments + ["--threads", "1"], folder: folder.path, stderr: stderr)
    }

    private func train(_ arguments: String...) throws -> Tool.Outcome { try tool(arguments).wait() }

    private func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder.file(name))) }

    private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.file(name)) }

    private func waitFor(_ name: String) throws { try Tool.wait(for: name) { exists(name) } }

    @Test func trainsJudgesAndSaysWhatNext() throws {
        let outcome = try train("--validate-every", "4", "--checkpoint-every", "5", "--json")
        #expect(outcome.code == 0, "\(outcome)")
        let json = try outcome.json()
        #expect(json["done"] as? Bool == true && json["iterations"] as? Int == 12 && json["seen"] as? Int == 48)
        #expect(json["weights"] as? String == "made/small_final.weights")
        for name in [
            "small_final.weights", "small.backup", "small.state", "small.loss.svg", "small.accuracy.svg",
            "small.train.jsonl",
        ] {
            #expect(exists("made/\(name)"), "\(name)")
        }
        #expect(outcome.stderr.contains("iteration 4: AP50 "))
        let records = try String(decoding: bytes("made/small.train.jsonl"), as: UTF8.self).split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        let types = records.compactMap { $0?["type"] as? String }
        #expect(types.count { $0 == "iteration" } == 12 && types.count { $0 == "validation" } == 3)
        // The weights are good for what is said to be next.
        let text = try train("--restart", "--max-batches", "2").text
        #expect(text.contains("next: lookout detect PICTURE --cfg small.cfg --weights made/small_"))
        let detect = try Tool.run(
            "detect", "images/0.ppm", "--cfg", "small.cfg", "--weights", "made/small_final.weights", "--threads", "1",
            folder: folder.path)
        #expect(detect.code == 0, "\(detect)")
    }

    /// At whatever moment: the weights are those of a run that nobody killed.
    @Test func killedAndResumedGivesTheSameWeights() throws {
        #expect(try train("--output", "whole", "--max-batches", "40").code == 0)
        var arguments = ["--output", "killed", "--max-batches", "40", "--checkpoint-every", "1"]
        var kills = 0
        var random = SplitMix64(seed: 11)
        while kills < 4 {
            let tool = try tool(arguments)
            // Once it has a checkpoint there is something to resume.
            try waitFor("killed/small.state")
            usleep(UInt32(random.next() % 200_000))
            tool.send(SIGKILL)
            let outcome = try tool.wait()
            kills += 1
            if outcome.code == 0 { break }
            arguments = ["--output", "killed", "--max-batches", "40", "--checkpoint-every", "1", "--resume"]
        }
        let outcome = try tool(["--output", "killed", "--max-batches", "40", "--resume"]).wait()
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try bytes("killed/small_final.weights") == bytes("whole/small_final.weights"))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.file("killed"))
        #expect(!left.contains { $0.hasSuffix(".tmp") }, "\(left)")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalCheckpointsAndResumes(_ signal: Int32) throws {
        #expect(try train("--output", "whole", "--max-batches", "300").code == 0)
        // The first checkpoint comes early, so that much is left when the signal comes.
        let tool = try tool(["--output", "parts", "--max-batches", "300", "--checkpoint-every", "2"])
        try waitFor("parts/small.state")
        tool.send(signal)
        let outcome = try tool.wait()
        #expect(outcome.code == 128 + signal, "\(outcome)")
        #expect(outcome.text.contains("--resume"))
        // A new run must be asked for.
        let refused = try train("--output", "parts", "--max-batches", "300")
        #expect(refused.code == 64 && refused.stderr.contains("--restart"), "\(refused)")
        let end = try train("--output", "parts", "--max-batches", "300", "--checkpoint-every", "20", "--resume")
        #expect(end.code == 0, "\(end)")
        #expect(try bytes("parts/small_final.weights") == bytes("whole/small_final.weights"))
    }

    @Test func aBadPictureStopsOrIsSkipped() throws {
        try folder.write("none".utf8, to: "images/2.ppm")
        let stopped = try train("--bad-images", "stop")
        #expect(stopped.code == 65 && stopped.stderr.contains("images/2.ppm"), "\(stopped)")
        let skipped = try train("--restart", "--bad-images", "skip")
        #expect(skipped.code == 0 && skipped.stderr.contains("skipped: "), "\(skipped)")
    }

    @Test func badLabelsAreToldAtOnceBeforeAnythingStarts() throws {
        try folder.write("7 .5 .5 .5 .5\n".utf8, to: "labels/0.txt")
        try folder.write("0 .5 nan .5 .5\n".utf8, to: "labels/3.txt")
        let outcome = try train()
        #expect(outcome.code == 65)
        #expect(outcome.stderr.contains("labels/0.txt:1") && outcome.stderr.contains("labels/3.txt:1"), "\(outcome)")
        #expect(!exists("made"))
    }

    @Test func showsABatch() throws {
        let outcome = try train("--show-batch", "batch.png", "--mosaic", "0.5")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try bytes("batch.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(!exists("made"))
    }

    @Test func outlinesArePastedAndLookedFor() throws {
        let without = try train("--show-batch", "batch.png", "--copy-paste", "1")
        #expect(without.code == 65 && without.stderr.contains("outlines/0.txt"), "\(without)")
        try FileManager.default.createDirectory(atPath: folder.file("outlines"), withIntermediateDirectories: true)
        try folder.write("1 0 .25 .5 .25 .5 .75 0 .75\n".utf8, to: "outlines/0.txt")
        #expect(try train("--show-batch", "batch.png", "--copy-paste", "1", "--zoom", "1.5").code == 0)
        #expect(try train("--copy-paste", "0.5", "--mosaic", "0.5", "--max-batches", "3").code == 0)
        try folder.write("1 0 .25 .5\n".utf8, to: "outlines/0.txt")
        let broken = try train("--copy-paste", "1", "--output", "other")
        #expect(broken.code == 65 && broken.stderr.contains("outlines/0.txt:1: holds 4 numbers"), "\(broken)")
        #expect(try train("--output", "other", "--max-batches", "3").code == 0)
    }

    @Test func startsFromThePartOfAnother() throws {
        #expect(try train("--max-batches", "2").code == 0)
        let partial = try Tool.run(
            "model", "partial", "small.cfg", "made/small_final.weights", "2", "small.conv.2", folder: folder.path)
        #expect(partial.code == 0, "\(partial)")
        let config = try NetworkConfig(contentsOf: folder.file("small.cfg"))
        #expect(try WeightsFile(startingFrom: folder.file("small.conv.2"), for: config).layers.keys.sorted() == [0])
        let named = try Tool.run("model", "partial", "--model", "lookout-demo", "3", "demo.conv.3", folder: folder.path)
        #expect(named.code == 0 && named.text.hasPrefix("demo.conv.3: 2 of "), "\(named)")
        for arguments in [
            ["2", "out"], ["small.cfg", "x.weights", "two", "out"], ["--model", "lookout-demo", "out"],
        ] {
            let outcome = try Tool(["model", "partial"] + arguments, folder: folder.path).wait()
            #expect(outcome.code == 64 && outcome.stderr.contains("COUNT"), "\(outcome)")
        }
        let outcome = try train("small.conv.2", "--output", "other", "--max-batches", "1")
        #expect(outcome.code == 0 && outcome.stderr.contains("starting anew: layer 2 "), "\(outcome)")
        // What has seen more than there is to do has to be told so.
        let done = try train("made/small_final.weights", "--output", "third", "--max-batches", "1")
        #expect(done.code == 65 && done.stderr.contains("--clear"), "\(done)")
        #expect(try train("made/small_final.weights", "--output", "third", "--max-batches", "1", "--clear").code == 0)
    }

    static let mistakes: [([String], Int32)] = [
        (["--resume", "--clear"], 64), (["--batch", "0"], 64), (["--mosaic", "2"], 64), (["--resume"], 65),
        (["nothing.weights"], 66), (["--no-augment", "--mosaic", "1"], 64), (["--learning-rate", "nan"], 64),
        (["--size", "auto"], 64), (["--output", "train.txt"], 73), (["--copy-paste", "1.5"], 64),
        (["--no-augment", "--copy-paste", "1"], 64), (["--zoom", "0.5"], 64), (["--zoom", "inf"], 64),
        (["--zoom", "2", "--placement", "2016"], 64), (["--zoom", "2", "--profile", "2016"], 64),
    ]

    @Test(arguments: mistakes) func mistakesHaveTheirCodes(_ arguments: [String], _ code: Int32) throws {
        let outcome = try tool(arguments).wait()
        #expect(outcome.code == code, "\(outcome)")
        #expect(!outcome.stderr.isEmpty)
    }
}
