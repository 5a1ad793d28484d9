import Foundation
import Streams
import TestSupport
import Testing

@testable import Settings

@Suite struct OutputReaderTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    private func stream(_ lines: String) throws -> StreamSettings {
        try #require(try desk.read(Desk.stream(lines)).streams.first)
    }

    @Test func events() throws {
        #expect(try stream("events = \"off\"").events == nil)
        #expect(try stream("events = \"-\"").events?.path == "-")
        let events = try stream(
            "events = \"logs/{stream}.jsonl\"\nevents_rotate = \"2MiB\"\nevents_keep = 1\nlog_empty = false"
        ).events
        var expected = EventFileSettings(path: desk.folder.file("logs/gate.jsonl"))
        expected.rotateBytes = 2 << 20
        expected.rotatedFiles = 1
        expected.logsEmpty = false
        #expect(events == expected)
        #expect(try stream("events_rotate = 0").events?.rotateBytes == 0)
        #expect(try stream("events_rotate = 5000").events?.rotateBytes == 5000)
    }

    @Test func video() throws {
        #expect(try stream("video = \"off\"\nvideo_keep = \"7d\"").video == nil)
        let plain = try stream("video = \"{stream}.mkv\"").video
        var expected = VideoSettings(target: .segments(path: desk.folder.file("gate.mkv"), seconds: 600))
        expected.quality = 23
        #expect(plain == expected)
        expected.target = .segments(path: desk.folder.file("a/b.mp4"), seconds: nil)
        (expected.quality, expected.keepSeconds, expected.keepBytes) = (0, 604_800, 20_000_000_000)
        #expect(
            try stream(
                """
                video = "a/b.mp4"
                video_segment = "off"
                video_quality = 0
                video_keep = "7d"
                video_limit = "20GB"
                """
            ).video == expected)
        #expect(
            try stream("video = \"rtsp://h/{stream}\"").video?.target == .push(url: "rtsp://h/gate", credentials: nil))
    }

    @Test func problems() {
        let text = Desk.stream(
            """
            events = "{name}.jsonl"
            events_rotate = "100mb"
            events_keep = 0
            log_empty = "no"
            video = "x.avi"
            video_segment = true
            video_quality = 1.5
            video_keep = "x"
            video_limit = 5
            """)
        #expect(
            desk.problems(text) == [
                "streams.conf:5:1: events has a placeholder that is not known; expected {stream}",
                #"streams.conf:6:1: events_rotate is "100mb"; expected \#(Measure.size.expected); did you mean "100MB"?"#,
                "streams.conf:7:1: events_keep is 0; it must be 1 to 1000",
                "streams.conf:8:1: log_empty is a text; expected true or false, such as log_empty = true",
                #"streams.conf:9:1: video is "x.avi"; expected FILE.mkv, FILE.mp4, an address such as "#
                    + #"rtsp://127.0.0.1:8554/{stream}, or "off""#,
                #"streams.conf:10:1: video_segment is true; expected \#(Measure.duration.expected) or "off", "#
                    + #"such as video_segment = "10m""#,
                "streams.conf:11:1: video_quality is a number; expected a whole number from 0 to 63, such as video_quality = 23",
                #"streams.conf:12:1: video_keep is "x"; expected \#(Measure.duration.expected)"#,
                "streams.conf:13:1: video_limit is 5; it must be 1MB to 1000TB",
            ])
        #expect(
            desk.problems(Desk.stream("events_rotate = 100")) == [
                "streams.conf:5:1: events_rotate is 100 bytes; it must be 1kB at least, or 0 for never"
            ])
    }

    @Test(arguments: ["rtmp://h/x", "http://u:geheim@h/x.mkv", "rtsp://", ".mkv", "mkv", "-", "u:geheim@h/x"])
    func noVideos(video: String) {
        let problems = desk.problems(Desk.stream("video = \"\(video)\""))
        #expect(problems.count == 1 && problems[0].hasPrefix("streams.conf:5:1: video"), "\(problems)")
        #expect(!problems.joined().contains("geheim"))
    }

    @Test func users() {
        #expect(
            desk.problems(Desk.stream("video = \"x.mkv\"\nvideo_username = \"u\"")) == [
                "streams.conf:6:1: video_username: the video is a file, which has no user; it is for rtsp://"
            ])
        #expect(
            desk.problems(Desk.stream("video = \"rtsp://h/x\"\nvideo_username = \"u\"")).map { $0.prefix(50) } == [
                "streams.conf:6:1: video_username has no password; "
            ])
        #expect(
            desk.warnings(Desk.stream("video = \"rtsp://u:pw@h/x\"")) == [
                "streams.conf:5:1: video holds a password; name it with video_password_file, video_password_env or "
                    + "video_password_credential, and the user with video_username"
            ])
    }

    // MARK: Places

    @Test func placesThatCannotBeWritten() throws {
        try FileManager.default.createDirectory(atPath: desk.folder.file("there"), withIntermediateDirectories: false)
        #expect(
            desk.problems(Desk.stream("events = \"clip.mp4/a/x\"\nvideo = \"clip.mp4/x.mkv\"")) == [
                "streams.conf:5:1: events: FOLDER/clip.mp4/a/x: FOLDER/clip.mp4/a: Not a directory",
                "streams.conf:6:1: video: FOLDER/clip.mp4/x.mkv: FOLDER/clip.mp4 is no folder",
            ])
        #expect(
            desk.problems(Desk.stream("events = \"there\"")) == [
                "streams.conf:5:1: events: FOLDER/there: is a folder; name a file"
            ])
        #expect(
            desk.problems(Desk.stream("events = \"new/\"")) == [
                "streams.conf:5:1: events: FOLDER/new/: names a folder; name a file"
            ])
        #expect(desk.problems(Desk.stream("events = \"there/new/x\"\nvideo = \"there/new/er/x.mkv\"")) == [])
        // Looking leaves nothing behind.
        #expect(try FileManager.default.contentsOfDirectory(atPath: desk.folder.file("there")) == [])
    }

    @Test(.disabled(if: geteuid() == 0, "root may write everywhere")) func foldersOfOthers() throws {
        try FileManager.default.createDirectory(
            atPath: desk.folder.file("locked"), withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o500])
        #expect(desk.problems(Desk.stream("events = \"locked/x\"")).map { $0.contains("Permission denied") } == [true])
    }

    @Test(.disabled(if: geteuid() == 0, "root may write everywhere")) func aLogThatCannotBeRotated() throws {
        try desk.write("", to: "locked/e.jsonl")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o500], ofItemAtPath: desk.folder.file("locked"))
        defer { chmod(desk.folder.file("locked"), 0o700) }
        #expect(
            desk.warnings(Desk.stream("events = \"locked/e.jsonl\"")) == [
                "streams.conf:5:1: events: FOLDER/locked/e.jsonl cannot be rotated, since nothing can be created in "
                    + "FOLDER/locked: it grows on; events_rotate = 0 says that something else rotates it"
            ])
        #expect(desk.warnings(Desk.stream("events = \"locked/e.jsonl\"\nevents_rotate = 0")) == [])
    }

    /// Records appended to an input would spoil it.
    @Test(arguments: ["tiny.weights", "tiny.names", "./clip.mp4"]) func eventsOverAnInput(path: String) {
        #expect(
            desk.problems(Desk.stream("events = \"\(path)\"")) == [
                "streams.conf:5:1: events: FOLDER/\(path) is read from; records would spoil it"
            ])
    }

    // MARK: What streams share

    private func two(_ first: String, _ second: String) -> String {
        Desk.stream(first) + "\n" + Desk.stream(second).replacing("gate", with: "yard")
    }

    @Test func stdin() {
        let text = two("", "").replacing("clip.mp4", with: "-")
        #expect(
            desk.problems(text) == ["streams.conf:7:1: url: stdin is gate's already; one stream can read it"])
    }

    @Test func oneLogRotatedInTwoWays() {
        let first = "events = \"e.jsonl\"\nevents_rotate = 0"
        #expect(
            desk.problems(two(first, "events = \".//e.jsonl\"\nevents_keep = 2")) == [
                "streams.conf:11:1: events_rotate of yard is another than that of gate, which writes to the same FOLDER/.//e.jsonl",
                "streams.conf:12:1: events_keep of yard is another than that of gate, which writes to the same FOLDER/.//e.jsonl",
            ])
        #expect(desk.problems(two(first, first)) == [])
        #expect(desk.problems(two("events_rotate = 0", "")) == [])
        #expect(desk.problems(two("events = \"{stream}\"\nevents_keep = 2", "events = \"{stream}\"")) == [])
    }

    @Test func oneLogByTwoNames() throws {
        try FileManager.default.createDirectory(atPath: desk.folder.file("one"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: desk.folder.file("two"), withDestinationPath: "one")
        #expect(
            desk.problems(two("events = \"one/e\"", "events = \"two/e\"\nevents_keep = 2")) == [
                "streams.conf:11:1: events_keep of yard is another than that of gate, which writes to the same FOLDER/two/e"
            ])
        // In either order of the file.
        #expect(
            desk.problems(two("events = \"one/e\"", "events = \"two/e.3\"")) == [
                "streams.conf:10:1: events: the log of gate becomes FOLDER/two/e.3 when it is set aside; name another file"
            ])
        #expect(
            desk.problems(two("events = \"one/e.3\"", "events = \"two/e\"")) == [
                "streams.conf:5:1: events: the log of yard becomes FOLDER/one/e.3 when it is set aside; name another file"
            ])
        #expect(desk.problems(two("events = \"one/e\"", "events = \"two/e.x\"")) == [])
    }

    @Test func oneVideoOfTwo() throws {
        let message = "streams.conf:10:1: video: gate and yard have the same; put {stream} into the name"
        #expect(desk.problems(two("video = \"v.mkv\"", "video = \"./v.mkv\"")) == [message])
        try FileManager.default.createDirectory(atPath: desk.folder.file("one"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: desk.folder.file("two"), withDestinationPath: "one")
        #expect(desk.problems(two("video = \"one/v.mkv\"", "video = \"two/v.mkv\"")) == [message])
        #expect(desk.problems(two("video = \"one/v.mkv\"", "video = \"two/w.mkv\"")) == [])
        #expect(desk.warnings(two("video = \"rtsp://h/v\"", "video = \"rtsp://h/v\"")) == [message])
        #expect(desk.problems(two("video = \"{stream}.mkv\"", "video = \"{stream}.mkv\"")) == [])
    }
}
