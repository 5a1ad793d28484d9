import Foundation
import Streams
import TestSupport
import Testing

@Suite("lookout process", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct ProcessTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    @Test func recordsGoToStdoutAndASummaryToStderr() throws {
        let outcome = try bench.process(Clips.short())
        #expect(outcome.code == 0)
        #expect(outcome.lines.count == Clips.shortFrames + 2)
        #expect(outcome.text.hasSuffix("}\n"))
        #expect(outcome.stderr.hasPrefix("20 frames in "))
        #expect(outcome.stderr.contains("\n  detections: class 0 20\n"))
        // No terminal, no progress.
        #expect(!outcome.stderr.contains("\r"))
    }

    @Test func quietIsQuiet() throws {
        let outcome = try bench.process("--quiet", Clips.short())
        #expect(outcome.code == 0)
        #expect(outcome.stderr == "")
    }

    @Test func filesHaveTheirNamesAtTheEndAndStdoutIsEmpty() throws {
        let outcome = try bench.process(
            Clips.short(), "--events", bench.file("e.jsonl"), "--video", bench.file("v.mp4"))
        #expect(outcome.code == 0)
        #expect(outcome.stdout.isEmpty)
        #expect(try bench.text("e.jsonl").split(separator: "\n").count == Clips.shortFrames + 2)
        #expect(try Clips.frameCount(bench.file("v.mp4")) == Clips.shortFrames)
        let kept = try FFmpegTool.probe(bench.file("v.mp4"), "stream=codec_name", streams: "a")
        #expect(kept == [["aac"]])
        let names = try FileManager.default.contentsOfDirectory(atPath: bench.folder.path)
        #expect(!names.contains { $0.contains("partial") })
    }

    @Test(arguments: ["e.jsonl", "v.mkv"]) func twoRunsDoNotWriteTheSameFile(_ name: String) throws {
        let first = try OutputFile(bench.file(name)).reserve()
        let option = name == "v.mkv" ? "--video" : "--events"
        let second = try bench.process(Clips.short(), option, bench.file(name))
        #expect(second.code == 75, "\(second)")
        #expect(second.stderr.contains("\(name): another run writes "), "\(second)")
        withExtendedLifetime(first) {}
    }

    @Test func whereNothingCanBeMadeNothingIsLogged() throws {
        let outcome = try bench.process(Clips.short(), "--video", bench.file("none/v.mkv"))
        #expect(outcome.code == 73, "\(outcome)")
        #expect(outcome.stdout.isEmpty)
        #expect(outcome.stderr.contains("none/v.mkv: cannot be created in "), "\(outcome)")
    }

    /// One-letter names once crashed Foundation's path functions.
    @Test func namesMayBeShortAndRelative() throws {
        let arguments = ["process"] + bench.model + [try Clips.short(), "--events", "e", "--video", "v.mkv"]
        #expect(try Tool(arguments, folder: bench.folder.path).wait().code == 0)
        #expect(bench.exists("e") && bench.exists("v.mkv"))
    }

    @Test func theSummaryForPrograms() throws {
        let outcome = try bench.process("--json", Clips.short())
        #expect(outcome.code == 0)
        #expect(outcome.stderr == "")
        let summary = try outcome.json()
        #expect(summary["frames"] as? Int == Clips.shortFrames)
        #expect(summary["analysed"] as? Int == Clips.shortFrames)
        #expect(summary["dropped"] as? Int == 0)
        #expect(try #require(summary["seconds"] as? Double) > 0)
        #expect(try #require(summary["fps"] as? Double) > 0)
        #expect(summary["detections"] as? [String: Int] == ["class 0": Clips.shortFrames])
        #expect(summary["errors"] as? [String] == [])
    }

    @Test func severalInputsAreDoneThoughOneFails() throws {
        let outcome = try bench.process(
            "--json", "--events", bench.file("e.jsonl"), "--video", bench.file("out/"), Clips.short("one.mkv"),
            bench.file("missing.mp4"), Clips.sound(), Clips.short("one.mkv"))
        #expect(outcome.code == 66)
        #expect(outcome.stderr.contains("missing.mp4: No such file or directory"))
        #expect(outcome.stderr.contains("has no video stream"))
        #expect(try outcome.json()["frames"] as? Int == 2 * Clips.shortFrames)
        #expect((try outcome.json()["errors"] as? [String])?.count == 2)
        // What was asked for is not all there.
        #expect(!bench.exists("e.jsonl"))
        let lines = try bench.text("e.partial.jsonl").split(separator: "\n")
        #expect(lines.count == 2 * (Clips.shortFrames + 2))
        #expect(lines.count { $0.contains(#""stream":"one-2""#) } == Clips.shortFrames + 2)
        #expect(try Clips.frameCount(bench.file("out/one.mp4")) == Clips.shortFrames)
        #expect(try Clips.frameCount(bench.file("out/one-2.mp4")) == Clips.shortFrames)
    }

    @Test(arguments: ["pipe.mkv", "pipe.ts"]) func aRecordingThroughAPipe(_ name: String) throws {
        let clip = try Data(contentsOf: URL(fileURLWithPath: try Clips.short(name)))
        let pipe = Pipe()
        let writer = Thread {
            pipe.fileHandleForWriting.write(clip)
            pipe.fileHandleForWriting.closeFile()
        }
        writer.start()
        let outcome = try bench.process("-", "--video", bench.file("v.mp4"), stdin: pipe.fileHandleForReading)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try Clips.frameCount(bench.file("v.mp4")) == Clips.shortFrames)
        #expect(outcome.lines.count == Clips.shortFrames + 2)
        #expect(outcome.lines.first?.contains(#""stream":"stdin","source":"-""#) == true)
    }

    @Test func theVideoMayGoToStdout() throws {
        let outcome = try bench.process(Clips.short(), "--video", "-", "--events", bench.file("e.jsonl"))
        #expect(outcome.code == 0)
        let copy = try bench.folder.write(outcome.stdout, to: "copy.mkv")
        #expect(try Clips.frameCount(copy) == Clips.shortFrames)
    }

    @Test(arguments: [("mpeg4", "mpeg4", "v.mp4"), ("mjpeg", "mjpeg", "v.mkv"), ("h264", "h264", "v.mkv")])
    func theCodecIsAChoice(_ option: String, _ codec: String, _ name: String) throws {
        let outcome = try bench.process(
            Clips.short(), "--quiet", "--json", "--video", bench.file(name), "--video-codec", option, "--video-quality",
            "30")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try FFmpegTool.probe(bench.file(name), "stream=codec_name", streams: "v") == [[codec]])
    }

    @Test func thresholdAndNamesAreApplied() throws {
        let names = try bench.folder.write("cat\ndog\n".utf8, to: "two.names")
        let some = try bench.process("--json", "--names", names, Clips.short())
        #expect(try some.json()["detections"] as? [String: Int] == ["cat": Clips.shortFrames])
        let none = try bench.process("--json", "--threshold", "0.99", Clips.short())
        #expect(try none.json()["detections"] as? [String: Int] == [:])
    }

    /// 9k.names repeats hundreds.
    @Test func classesMayShareAName() throws {
        let names = try bench.folder.write("cat\ncat\n".utf8, to: "same.names")
        // Low enough for both classes of the one box.
        let outcome = try bench.process("--json", "--threshold", "0.001", "--names", names, Clips.short())
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try outcome.json()["detections"] as? [String: Int] == ["cat": 2 * Clips.shortFrames])
    }

    /// Memory is a matter of the frames in flight, not of the recording's length.
    @Test func aLongRecordingTakesNoMoreMemory() throws {
        let pipe = Pipe()
        let tool = try Tool(["process", "--quiet"] + bench.model + [Clips.long()], stdout: pipe.fileHandleForWriting)
        pipe.fileHandleForWriting.closeFile()
        let lines = LineReader(pipe.fileHandleForReading)
        for _ in 0..<Clips.longFrames / 6 { #expect(lines.next() != nil) }
        let early = try residentKiB(tool.processIdentifier)
        for _ in Clips.longFrames / 6..<Clips.longFrames - 500 { #expect(lines.next() != nil) }
        let late = try residentKiB(tool.processIdentifier)
        while lines.next() != nil {}
        #expect(try tool.wait().code == 0)
        #expect(late - early < 8 << 10, "\(early) KiB, later \(late) KiB")
    }

    private func residentKiB(_ process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }
}
