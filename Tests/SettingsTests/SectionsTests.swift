import Detection
import Media
import Streams
import TestSupport
import Testing

@testable import Settings

/// Sections, defaults, and the order of streams.
@Suite struct SectionsTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test func misplaced() {
        let text = """
            threshold = 1
            foo = 2
            [default]
            [gate]
            url = "x"
            [streams.a]
            url = "x"
            [Stream.b]
            [services]
            [nonsense]
            """
        #expect(
            desk.problems(text) == [
                "streams.conf:1:1: threshold stands before the first section; it belongs in [defaults] or [stream.NAME]",
                #"streams.conf:2:1: unknown key "foo" before the first section; expected [service], [defaults] or [stream.NAME]"#,
                "streams.conf:3:1: unknown section [default]; did you mean [defaults]?",
                "streams.conf:4:1: unknown section [gate]; did you mean [stream.gate]?",
                "streams.conf:6:1: unknown section [streams.a]; did you mean [stream.a]?",
                "streams.conf:8:1: unknown section [Stream.b]; did you mean [stream.b]?",
                "streams.conf:9:1: unknown section [services]; did you mean [service]?",
                "streams.conf:10:1: unknown section [nonsense]; expected [service], [defaults] or [stream.NAME]",
            ])
    }

    /// The file's own words neither fill a screen nor steer a terminal.
    @Test func hostileWords() {
        let long = String(repeating: "x", count: 5000)
        for text in [
            "[\"a\\nb\"]\nurl = \"x\"", "[streams.\"a\\nb\"]", "\"a\\u001b[2J\" = 1", "[defaults]\n\"\\u001b\" = 1",
            "[\(long)]", "[streams.\(long)]", "\(long) = 1", "[stream.\(long)]\n", Desk.stream("size = \"\(long)\""),
            Desk.stream("events_rotate = \"\(long)\""), Desk.stream("classes = [\"\\u001b\(long)\"]"),
            Desk.stream("weights = \"\(long)\"").replacing("weights = \"tiny", with: "#"),
            Desk.stream("tree = \"\(long)\""),
            "[service]\nhttp = \"\(long)\"",
        ] {
            let found = desk.problems(text)
            #expect(!found.isEmpty)
            #expect(found.allSatisfy { $0.utf8.count < 1000 && !$0.hasControlCharacters }, "\(found)")
        }
    }

    @Test func keysOfOtherSections() {
        let text =
            "[defaults]\nurl = \"x\"\nthreads = 2\npassword_env = \"X\"\n" + Desk.service("weights = \"x\"\nfoo = 1")
        #expect(
            desk.problems(text) == [
                "streams.conf:2:1: url can be no default; give it in each [stream.NAME]",
                "streams.conf:3:1: threads has no place in [defaults]; it belongs in [service]",
                "streams.conf:4:1: password_env can be no default; give it in each [stream.NAME]",
                "streams.conf:6:1: weights has no place in [service]; it belongs in [defaults] or [stream.NAME]",
                #"streams.conf:7:1: unknown key "foo" in [service]"#,
            ])
    }

    @Test func sectionsThatAreNone() {
        #expect(
            desk.problems("service = 1\ndefaults = \"x\"\nstream = [2]\n") == [
                "streams.conf:1:1: service is a whole number; expected a section, [service]",
                "streams.conf:2:1: defaults is a text; expected a section, [defaults]",
                "streams.conf:3:1: stream is a list; expected sections such as [stream.gate]",
            ])
        #expect(
            desk.problems("[stream]\nurl = \"x\"\ngate = 5\n[[stream.yard]]\n") == [
                "streams.conf:2:1: url stands in [stream]; a stream has a name, such as [stream.gate]",
                "streams.conf:3:1: stream.gate is a whole number; expected a section such as [stream.gate]",
                "streams.conf:4:1: stream.yard is a list; expected a section such as [stream.gate]",
            ])
    }

    @Test func names() {
        for name in ["\"d e\"", "\"\"", "\"ä\"", "\"a/b\"", "\"..\"", String(repeating: "x", count: 65)] {
            let problems = desk.problems("[stream.\(name)]\nurl = \"clip.mp4\"")
            #expect(problems.count == 1 && problems[0].contains("is no name for a stream"), "\(problems)")
        }
        let longest = String(repeating: "x", count: 64)
        #expect(desk.problems(Desk.stream().replacing("gate", with: longest)) == [])
        #expect(desk.problems(Desk.stream().replacing("gate", with: "A-1_")) == [])
    }

    @Test func noStreams() throws {
        let missing = "streams.conf:1:1: no streams; add a section such as [stream.gate] with a url"
        for text in ["", "# nothing\n", "[service]\n[defaults]\n", "[stream]\n"] {
            #expect(desk.problems(text) == [missing], "\(text)")
        }
        #expect(
            desk.problems(Desk.stream("enabled = false")) == [
                "streams.conf:1:1: no stream is enabled; nothing to watch"
            ])
    }

    @Test func theFilesOrder() throws {
        let streams = ["b", "c", "a"].map { Desk.stream().replacing("gate", with: $0) }
        let off = Desk.stream("enabled = false").replacing("gate", with: "off")
        let settings = try desk.read(streams.joined(separator: "\n") + "\n" + off)
        #expect(settings.streams.map(\.name) == ["b", "c", "a"])
    }

    @Test func tooMany() {
        let streams = (0..<300).map { Desk.stream("events = \"off\"").replacing("gate", with: "s\($0)") }
        #expect(
            desk.problems(streams.joined(separator: "\n")) == [
                "streams.conf:1281:1: more than 256 streams; a service takes no more"
            ])
    }

    // MARK: Defaults

    @Test func defaultsByKey() throws {
        let settings = try desk.read(
            """
            [stream.a]
            url = "clip.mp4"
            threshold = 0.5
            [defaults]
            weights = "tiny.weights"
            threshold = 0.75
            nms = 0.5
            class_thresholds = { "class 0" = 0.5 }
            enabled = false
            [stream.b]
            url = "clip.mp4"
            enabled = true
            class_thresholds = { "class 1" = 0.5 }
            [stream.c]
            url = "clip.mp4"
            enabled = true
            """.replacing("threshold = 0.5\n[", with: "threshold = 0.5\nenabled = true\n["))
        #expect(settings.streams.map(\.name) == ["a", "b", "c"])
        #expect(settings.streams.map(\.analysis.detection.threshold) == [0.5, 0.75, 0.75])
        #expect(settings.streams.allSatisfy { $0.analysis.detection.nmsThreshold == 0.5 })
        #expect(settings.streams.map { $0.analysis.classThresholds.keys.first } == ["class 0", "class 1", "class 0"])
    }

    /// However many streams have it, and even if none has.
    @Test func aProblemOfTheDefaultsIsToldOnce() {
        let defaults = "[defaults]\nweights = \"gone.weights\"\nthreshold = 7\nfoo = 1\n"
        let expected = [
            "streams.conf:2:1: weights: FOLDER/gone.weights: No such file or directory",
            "streams.conf:3:1: threshold is 7; it must be 0 to 1",
            #"streams.conf:4:1: unknown key "foo" in [defaults]"#,
        ]
        #expect(desk.problems(defaults + "[stream.a]\nurl = \"-\"\n[stream.b]\nurl = \"clip.mp4\"\n") == expected)
        #expect(
            desk.problems(
                """
                [defaults]
                weights = "tiny.weights"
                events = "clip.mp4/{stream}"
                video = "{stream}.avi"
                [stream.a]
                url = "-"
                [stream.b]
                url = "clip.mp4"
                """) == [
                    "streams.conf:3:1: events: FOLDER/clip.mp4/{stream}: FOLDER/clip.mp4 is no folder",
                    #"streams.conf:4:1: video is "{stream}.avi"; expected FILE.mkv, FILE.mp4, an address such as "#
                        + #"rtsp://127.0.0.1:8554/{stream}, or "off""#,
                ])
        let own = "[stream.a]\nurl = \"-\"\nthreshold = 0.5\nweights = \"tiny.weights\""
        #expect(desk.problems(defaults + own) == Array(expected[1...]))
    }

    /// Its spelling counts; its files and secrets need not be there.
    @Test func disabledStreams() {
        let off = """

            [stream.off]
            enabled = false
            url = "gone.mp4"
            weights = "gone.weights"
            events = "clip.mp4/x"
            username = "u"
            password_file = "gone"
            threshold = 2
            """
        #expect(desk.problems(Desk.stream() + off) == ["streams.conf:13:1: threshold is 2; it must be 0 to 1"])
    }

    @Test func ownPasswordInsteadOfTheDefaults() throws {
        let settings = try desk.read(
            """
            [defaults]
            weights = "tiny.weights"
            video = "rtsp://h/{stream}"
            video_username = "u"
            video_password_env = "A"
            [stream.a]
            url = "clip.mp4"
            [stream.b]
            url = "clip.mp4"
            video_password_file = "password"
            [stream.c]
            url = "clip.mp4"
            video = "c.mkv"
            """, environment: ["A": "of all"])
        let targets = settings.streams.map { $0.video?.target }
        #expect(targets[0] == .push(url: "rtsp://h/a", credentials: Credentials(username: "u", password: "of all")))
        #expect(targets[1] == .push(url: "rtsp://h/b", credentials: Credentials(username: "u", password: "s3cret")))
        #expect(targets[2] == .segments(path: desk.folder.file("c.mkv"), seconds: 600))
    }
}
