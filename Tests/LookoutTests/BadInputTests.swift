import Foundation
import TestSupport
import Testing

/// What goes wrong for users: each has its exit code, a message that says what and where, and nothing on stdout.
@Suite("Bad input", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct BadInputTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private func expect(
        _ outcome: Tool.Outcome, _ code: Int32, _ messages: String..., at place: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.code == code, "\(outcome)", sourceLocation: place)
        #expect(outcome.stdout.isEmpty, sourceLocation: place)
        for message in messages {
            #expect(outcome.stderr.contains(message), "\(outcome)", sourceLocation: place)
        }
    }

    @Test func inputsThatAreNoRecordings() throws {
        expect(try bench.process(bench.file("none.mp4")), 66, "none.mp4: No such file or directory")
        expect(try bench.process(bench.folder.path), 66, "is a directory; name a file")
        expect(try bench.process(bench.folder.write([], to: "empty.mp4")), 65, "empty.mp4: is an empty file")
        expect(try bench.process(Clips.sound()), 65, "has no video stream (only: audio)")
        expect(
            try bench.process(bench.folder.write("words\n".utf8, to: "text.mp4")), 65,
            "text.mp4: is not a video or picture")
        expect(try bench.process(bench.file("img%04d.png")), 66, "img%04d.png")
        expect(try bench.process("-"), 65, "-: ")
        #expect(!bench.exists("events.partial.jsonl"))
    }

    @Test func nothingIsLeftOfARunThatNeverBegan() throws {
        let outcome = try bench.process(
            bench.file("none.mp4"), "--events", bench.file("e.jsonl"), "--video", bench.file("v.mp4"))
        expect(outcome, 66)
        #expect(
            try Set(FileManager.default.contentsOfDirectory(atPath: bench.folder.path)) == ["tiny.cfg", "tiny.weights"])
        #expect(!outcome.stderr.contains("until then"))
    }

    @Test(arguments: [
        ["--size", "100"], ["--size", "0x0"], ["--size", "416x"], ["--size", "8192"], ["--size", "-32"],
        ["--threshold", "2"],
        ["--threshold", "nan"], ["--nms", "-0.1"], ["--threads", "0"], ["--video-quality", "99"],
        ["--frame-rate", "0"],
        ["--start-time", "yesterday"], ["--start-time", "2026-02-30T00:00:00Z"], ["--json", "--events", "-"],
        ["--events", "-", "--video", "-"], ["--nonsense"],
        ["--resize", "crop"], ["--precision", "fp64"],
    ]) func wrongOptions(_ options: [String]) throws {
        let outcome = try Tool(["process"] + bench.model + ["clip.mp4"] + options).wait()
        expect(outcome, 64, options[0])
    }

    @Test func wrongCommands() throws {
        expect(try Tool.run("porcess", "a.mp4"), 64, "porcess")
        expect(try Tool.run("process"), 64, "<input>")
        expect(try Tool.run("process", "a.mp4"), 66, "no model is named", "a.mp4")
        expect(try Tool.run("model", "info"), 64, "yolov2-voc")
    }

    @Test func models() throws {
        let clip = try Clips.short()
        let run = { (arguments: String...) in try Tool(["process", clip] + arguments).wait() }
        let (cfg, weights) = (bench.file("tiny.cfg"), bench.file("tiny.weights"))
        expect(try run("--cfg", cfg, "--weights", bench.file("none.weights")), 66, "none.weights", "--weights FILE")
        expect(try run("--cfg", bench.file("none.cfg"), "--weights", weights), 66, "none.cfg")
        expect(try run("--cfg", "nosuch", "--weights", weights), 66, "nosuch: neither a file nor", "yolov2-voc")
        let short = try bench.folder.write(TinyNetwork.weights.dropLast(4), to: "short.weights")
        expect(try run("--cfg", cfg, "--weights", short), 65, "short.weights", "244", "240")
        let long = try bench.folder.write(TinyNetwork.weights + [0, 0, 0, 0], to: "long.weights")
        expect(try run("--cfg", cfg, "--weights", long), 65, "long.weights")
        let broken = try bench.folder.write(
            TinyNetwork.cfg.replacing("filters = 14", with: "filters = 15").utf8, to: "b.cfg")
        expect(try run("--cfg", broken, "--weights", weights), 65, "b.cfg:", "14", "15")
        let names = try bench.folder.write("one\n".utf8, to: "one.names")
        expect(try run("--cfg", cfg, "--weights", weights, "--names", names), 65, "one.names", "1 names", "2 classes")
        expect(try run("--cfg", cfg, "--weights", weights, "--names", bench.file("none.names")), 66, "none.names")
    }

    @Test func outputsThatCannotBe() throws {
        let clip = try Clips.short()
        expect(
            try bench.process(clip, "--events", bench.file("none/e.jsonl")), 73,
            "none/e.jsonl: cannot be created in ", "none: No such file")
        expect(try bench.process(clip, "--events", bench.folder.path), 73, "is a directory; name a file")
        expect(
            try bench.process(clip, "--quiet", "--events", "/dev/null", "--video", bench.file("none/v.mp4")), 73,
            "none/v.mp4")
        expect(try bench.process(clip, "--events", "/dev/null", "--video", bench.file("v.txt")), 69, "use .mp4 or .mkv")
        expect(
            try bench.process(clip, "--events", "/dev/null", "--video", bench.file("v.mp4"), "--video-codec", "av9"),
            69,
            "no video encoder \"av9\"")
        expect(try bench.process(clip, clip, "--video", bench.file("v.mp4")), 64, "name a folder")
        expect(
            try bench.process(clip, "--events", bench.file("x.mp4"), "--video", bench.file("x.mp4")), 64, "output twice"
        )
        expect(
            try bench.process(clip, "--events", bench.file("x.mp4"), "--video", bench.file("./x.mp4")), 64,
            "output twice")
        expect(try bench.process(clip, "--events", ""), 73, "name a file")
        #expect(try bench.detect(Clips.picture("x.png"), "--output", "").code == 73)
        expect(try bench.process(clip, "--events", "/dev/full"), 74, "/dev/full: cannot be written: No space left")
        let full = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
        expect(
            try Tool(["process"] + bench.model + [clip], stdout: full).wait(), 74, "standard output: cannot be written")
        expect(try Tool(["schema"], stdout: full).wait(), 74, "standard output")
    }

    @Test func anInputIsNotOverwritten() throws {
        let clip = bench.file("clip.mp4")
        try FileManager.default.copyItem(atPath: Clips.short("short.mp4"), toPath: clip)
        let before = try Data(contentsOf: URL(fileURLWithPath: clip))
        expect(try bench.process(clip, "--video", clip), 64, "is an input")
        expect(try bench.process(clip, "--video", bench.folder.path), 64, "is an input")
        let picture = bench.file("p.jpg")
        try FileManager.default.copyItem(atPath: Clips.picture("p.jpg"), toPath: picture)
        #expect(try bench.detect(picture, "--output", bench.folder.path).code == 64)
        #expect(try Data(contentsOf: URL(fileURLWithPath: clip)) == before)
    }

    @Test func anInputIsNotTheUnfinishedOutput() throws {
        let clip = bench.file("clip.partial.mp4")
        try FileManager.default.copyItem(atPath: Clips.short("short.mp4"), toPath: clip)
        let before = try Data(contentsOf: URL(fileURLWithPath: clip))
        expect(try bench.process(clip, "--video", bench.file("clip.mp4")), 64, "clip.partial.mp4) is an input")
        expect(
            try bench.process("-", "--video", bench.file("clip.mp4"), stdin: FileHandle(forReadingAtPath: clip)), 64,
            "is an input")
        #expect(try Data(contentsOf: URL(fileURLWithPath: clip)) == before)
    }

    @Test func aLaterPictureIsNotOverwritten() throws {
        for folder in ["p", "q"] {
            try FileManager.default.createDirectory(atPath: bench.file(folder), withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: Clips.picture("x.jpg"), toPath: bench.file(folder + "/x.jpg"))
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: bench.file("q/x.jpg")))
        let outcome = try bench.detect(bench.file("p/x.jpg"), bench.file("q/x.jpg"), "--output", bench.file("q"))
        #expect(outcome.code == 64, "\(outcome)")
        #expect(outcome.stderr.contains("q/x.jpg") && outcome.stderr.contains("is an input"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: bench.file("q/x.jpg"))) == before)
    }

    @Test func theModelIsNotOverwritten() throws {
        let clip = try Clips.short()
        let names = try bench.folder.write("one\ntwo\n".utf8, to: "two.names")
        for file in [bench.file("tiny.cfg"), bench.file("tiny.weights"), names] {
            let before = try Data(contentsOf: URL(fileURLWithPath: file))
            expect(try bench.process(clip, "--names", names, "--events", file), 64, "\(file)", "is an input")
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
        }
        let (cfg, weights) = (bench.file("tiny.cfg"), bench.file("tiny.weights"))
        // The cfg beside the weights is read unnamed.
        expect(try Tool.run("process", clip, "--weights", weights, "--events", cfg), 64, "is an input")
        expect(try Tool.run("model", "info", cfg, "--weights", weights, "--write-cfg", weights), 64, "is an input")
    }

    @Test func aFullDiskUnderTheVideoEndsTheRun() throws {
        let outcome = try bench.process(
            "--json", "--events", "/dev/null", "--video", bench.file("out/"), Clips.short(), Clips.short(),
            shell: #"ulimit -f 2; exec "$@""#)
        #expect(outcome.code == 74, "\(outcome)")
        #expect((try outcome.json()["inputs"] as? [Any])?.count == 1)
    }

    /// The limit on a file's size ends the log in the middle of a line, as a full disk does.
    @Test func aLogCutShortEndsOnAWholeLine() throws {
        let outcome = try bench.process(
            Clips.short(), "--events", bench.file("e.jsonl"), shell: #"ulimit -f 2; exec "$@""#)
        #expect(outcome.code == 74, "\(outcome)")
        #expect(outcome.stderr.contains("e.jsonl: cannot be written: File too large"))
        let log = try bench.text("e.partial.jsonl")
        #expect(log.hasSuffix("}\n") && log.utf8.count <= 2048)
    }

    /// A name is data: it must not reach the terminal as commands to it.
    @Test func controlCharactersInNamesAreShown() throws {
        let outcome = try bench.process(bench.file("a\u{1B}c\u{7}b"))
        expect(outcome, 66, "a\\u{1B}c\\u{07}b: No such file")
        #expect(!outcome.stderr.contains("\u{1B}"))
    }
}
