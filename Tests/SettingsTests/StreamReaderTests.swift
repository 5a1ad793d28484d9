import Detection
import Foundation
import Media
import Streams
import TestSupport
import Testing

@testable import Settings

@Suite struct StreamReaderTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    private func stream(_ lines: String = "") throws -> StreamSettings {
        try #require(try desk.read(Desk.stream(lines)).streams.first)
    }

    @Test func defaults() throws {
        let network = NetworkFiles(
            weights: desk.folder.file("tiny.weights"), names: desk.folder.file("tiny.names"))
        var expected = StreamSettings(
            name: "gate", source: SourceSettings(url: desk.folder.file("clip.mp4")),
            analysis: AnalysisSettings(network: network))
        expected.events = EventFileSettings(path: "-")
        #expect(try stream() == expected)
    }

    @Test func values() throws {
        let settings = try stream(
            """
            transport = "udp"
            connect_timeout = "500ms"
            stall_timeout = 5
            longest_retry = 1.5
            loop = true
            threshold = 1
            nms = 0.5
            classes = ["person"]
            class_thresholds = { person = 0.5, cat = 1 }
            size = "64x32"
            resize = "stretch"
            max_fps = 5
            corrupt = "mark"
            preview = false
            """)
        #expect(settings.source.transport == .udp && settings.source.loops && !settings.preview)
        #expect(settings.source.connectTimeout == 0.5 && settings.source.stallTimeout == 5)
        #expect(settings.source.longestRetry == 1.5)
        #expect(settings.analysis.detection == DetectionOptions(threshold: 1, nmsThreshold: 0.5))
        #expect(settings.analysis.classes == ["person"])
        #expect(settings.analysis.classThresholds == ["person": 0.5, "cat": 1])
        #expect(settings.analysis.sizes == [.fixed(width: 64, height: 32)] && settings.analysis.resize == .stretch)
        #expect(settings.analysis.mostFramesPerSecond == 5 && settings.analysis.corruptFrames == .mark)
    }

    @Test func allAndOff() throws {
        let settings = try stream("classes = \"all\"\nmax_fps = \"off\"\nsize = \"auto\"\nclass_thresholds = {}")
        #expect(settings.analysis.classes == nil && settings.analysis.mostFramesPerSecond == nil)
        #expect(settings.analysis.sizes == [.auto] && settings.analysis.classThresholds == [:])
    }

    // MARK: Sizes

    @Test func oneSizeOrSeveral() throws {
        #expect(try stream("size = 416").analysis.sizes == [.fixed(width: 416, height: 416)])
        #expect(try stream("size = \"416xauto\"").analysis.sizes == [.longerSide(416)])
        #expect(
            try stream("sizes = [\"288xauto\", 352, \"416\", \"416x256\", \"auto\", \"network\"]").analysis.sizes == [
                .longerSide(288), .fixed(width: 352, height: 352), .fixed(width: 416, height: 416),
                .fixed(width: 416, height: 256), .auto, .network,
            ])
    }

    /// Each is the other's default.
    @Test func aStreamsOwnSizesCount() throws {
        let stream = "[stream.a]\nurl = \"clip.mp4\"\n"
        func sizes(_ defaults: String, _ own: String) throws -> [InputSize]? {
            try desk.read("[defaults]\nweights = \"tiny.weights\"\n\(defaults)\n\(stream)\(own)").streams.first?
                .analysis.sizes
        }
        let (small, large) = (InputSize.fixed(width: 64, height: 64), InputSize.fixed(width: 96, height: 96))
        #expect(try sizes("sizes = [64, 96]", "") == [small, large])
        #expect(try sizes("sizes = [64, 96]", "size = 32") == [.fixed(width: 32, height: 32)])
        #expect(try sizes("size = 32", "sizes = [96, 64]") == [large, small])
        #expect(try sizes("size = 32", "size = \"auto\"") == [.auto])
    }

    @Test(arguments: [
        ("size = 32\nsizes = [64, 96]", ["6:1: sizes: size is given too; keep one"]),
        (
            "sizes = 64",
            [
                #"5:1: sizes is a whole number; expected a list of sizes, such as sizes = ["288xauto", "352xauto", "416xauto"]"#
            ]
        ),
        ("sizes = []", ["5:1: sizes holds 0; expected 2 to 8"]),
        ("sizes = [64]", ["5:1: sizes holds 1; expected 2 to 8; one alone is a size"]),
        ("sizes = [32, 64, 96, 128, 160, 192, 224, 256, 288]", ["5:1: sizes holds 9; expected 2 to 8"]),
        ("sizes = [64, 96, \"64x64\"]", [#"5:18: sizes holds "64x64" twice"#]),
        ("sizes = [64, 100]", ["5:14: sizes 100: 100 is not a multiple of 32 from 32 to 4096"]),
        (
            "sizes = [64, true, \"atuo\"]",
            [
                "5:14: sizes holds true; expected sizes, such as \"416x256\"",
                "5:20: sizes atuo is neither WxH, such as 416x256 or 416xauto, nor auto or network; did you mean \"auto\"?",
            ]
        ),
        ("size = [64]", [#"5:1: size is a list; expected a text, such as size = "416x256""#]),
    ]) func wrongSizes(lines: String, problems: [String]) {
        #expect(desk.problems(Desk.stream(lines)) == problems.map { "streams.conf:" + $0 })
    }

    /// Everything that is wrong at once, with its place, by position.
    @Test func everyProblem() {
        let text = Desk.stream(
            """
            treshold = 0.5
            nms = "0.45"
            threshold = 5
            transport = "tpc"
            enabled = "true"
            loop = 1
            size = "100"
            max_fps = 0
            classes = ["person", 5, "catt"]
            class_thresholds = { person = 2, dog = 0.5, cat = "x" }
            resize = 1979-05-27
            corrupt = ["skip"]
            connect_timeout = "10min"
            stall_timeout = "1ms"
            longest_retry = -1
            http = "off"
            preview = 0
            """)
        #expect(
            desk.problems(text) == [
                #"streams.conf:5:1: unknown key "treshold" in [stream.gate]; did you mean "threshold"?"#,
                "streams.conf:6:1: nms is a text; expected a number from 0 to 1, such as nms = 0.45",
                "streams.conf:7:1: threshold is 5; it must be 0 to 1",
                #"streams.conf:8:1: transport is "tpc"; expected "tcp" or "udp"; did you mean "tcp"?"#,
                "streams.conf:9:1: enabled is a text; expected true or false, such as enabled = true",
                "streams.conf:10:1: loop is a whole number; expected true or false, such as loop = false",
                "streams.conf:11:1: size 100: 100 is not a multiple of 32 from 32 to 4096",
                "streams.conf:12:1: max_fps is 0; it must be 0.001 to 1000",
                #"streams.conf:13:22: classes holds a whole number; expected names, such as "person""#,
                #"streams.conf:13:25: classes: tiny has no class "catt"; did you mean "cat"?"#,
                #"streams.conf:14:22: class_thresholds: "person" is 2; it must be a number from 0 to 1"#,
                #"streams.conf:14:34: class_thresholds: tiny has no class "dog""#,
                #"streams.conf:14:45: class_thresholds: "cat" is a text; it must be a number from 0 to 1"#,
                #"streams.conf:15:1: resize is a date or time; expected "letterbox" or "stretch", such as resize = "letterbox""#,
                #"streams.conf:16:1: corrupt is a list; expected "skip" or "mark", such as corrupt = "skip""#,
                #"streams.conf:17:1: connect_timeout is "10min"; expected \#(Measure.duration.expected)"#,
                "streams.conf:18:1: stall_timeout is 1ms; it must be 500ms to 1h",
                "streams.conf:19:1: longest_retry is -1; it must be 100ms to 1h",
                "streams.conf:20:1: http has no place in [stream.gate]; it belongs in [service]",
                "streams.conf:21:1: preview is a whole number; expected true or false, such as preview = true",
            ])
    }

    @Test func emptyAndMissing() {
        #expect(
            desk.problems("[stream.gate]\nclasses = []\n") == [
                #"streams.conf:1:1: [stream.gate] has no model; give one, such as model = "yolov2-tiny", or weights, such as weights = "/var/lib/lookout/yolov2.weights""#,
                #"streams.conf:1:1: [stream.gate] has no url; give one, such as url = "rtsp://192.168.1.20/stream1""#,
                #"streams.conf:2:1: classes is empty: nothing would be kept; "all" keeps all"#,
            ])
    }

    // MARK: Addresses

    @Test(arguments: [
        ("", "url is empty"), ("rstp://a:b@c/d", "did you mean rtsp://?"), ("rtsp://", "names no host"),
        ("rtsp://user:pw@/x", "names no host"), ("rtsp:/a:b@c", "begins with rtsp: and no slashes"),
        ("admin:b@10.0.0.1/s", "is no file, and no address"), ("gone.mp4", "gone.mp4: No such file or directory"),
        ("shots/*.png", "no file fits this pattern"), ("file:gone.mp4", "gone.mp4: No such file or directory"),
        ("gopherx://h/x", "which is not known"), ("demo:stret", "names no scene that there is; expected demo:street"),
        (".", "is a directory"), ("a\\nb", "control character"),
    ]) func noAddresses(url: String, words: String) {
        let problems = desk.problems("[stream.a]\nurl = \"\(url)\"\nweights = \"tiny.weights\"")
        #expect(problems.count == 1 && problems[0].hasPrefix("streams.conf:2:1: url"), "\(problems)")
        #expect(problems.first?.contains(words) == true && problems.first?.contains(":b@") == false, "\(problems)")
    }

    @Test(arguments: [
        "demo:street", "demo:street?seed=7&rate=5", "rtsp://h/x", "RTSP://h:554/x?a=1", "rtsps://[::1]/x",
        "http://h/x.m3u8", "udp://:1234", "-",
        "shots/img%04d.png", "file:clip.mp4", "shots/*.png",
    ]) func addresses(url: String) throws {
        try FileManager.default.createDirectory(
            atPath: desk.folder.file("shots"), withIntermediateDirectories: false)
        try desk.write("x", to: "shots/1.png")
        let settings = try desk.read("[stream.a]\nurl = \"\(url)\"\nweights = \"tiny.weights\"")
        let isFile = url.hasPrefix("shots") || url.hasPrefix("file:")
        let expected = isFile ? url.replacing(/^(file:)?/) { $0.output.0 + desk.folder.path + "/" } : url
        #expect(settings.streams.first?.source.url == expected)
        #expect(settings.warnings.isEmpty)
    }

    @Test func passwordsInAddresses() {
        let text = "[stream.a]\nurl = \"rtsp://u:geheim@h/x\"\nweights = \"tiny.weights\""
        #expect(desk.problems(text) == [])
        #expect(
            desk.warnings(text) == [
                "streams.conf:2:1: url holds a password; name it with password_file, password_env or "
                    + "password_credential, and the user with username"
            ])
        #expect(desk.warnings(text.replacing("u:geheim@h", with: "h:80/a:b@c")) == [])
        #expect(
            desk.problems(text + "\nusername = \"u\"\npassword_file = \"password\"") == [
                "streams.conf:4:1: username: the url has a user too; keep one"
            ])
        #expect(
            desk.problems(Desk.stream("username = \"u\"\npassword_file = \"password\"")) == [
                "streams.conf:5:1: username: cameras on the network have one, this url has none"
            ])
    }

    @Test func warnings() {
        let text = "[stream.a]\nurl = \"rtsp://h/x\"\nweights = \"tiny.weights\"\nloop = true"
        #expect(desk.warnings(text).map { $0.prefix(24) } == ["streams.conf:4:1: loop: "])
        #expect(desk.warnings("[defaults]\nloop = true\n" + text.replacing("loop = true", with: "")) == [])
        #expect(
            desk.warnings(text.replacing("rtsp://h/x", with: "/dev/video99").replacing("loop = true", with: "")) == [
                "streams.conf:2:1: url: /dev/video99 is not there; the stream waits for it"
            ])
    }
}
