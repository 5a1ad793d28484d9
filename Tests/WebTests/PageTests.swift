import Detection
import Foundation
import Pipeline
import Settings
import TestSupport
import Testing

@testable import Streams
@testable import Web

/// The live page in a real browser. The pictures it is seen in go to the folder LOOKOUT_SCREENSHOTS, if that is set.
@Suite(
    "Live page", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage),
    .enabled(if: Browser.available, "chromium is not installed"))
struct PageTests {
    private let bench: WebBench = {
        var bench = WebBench()
        // A still that comes late is a complaint of the browser's, and pictures are coded with little priority.
        bench.timing.snapshot = .seconds(3600)
        return bench
    }()

    /// Opens the page and runs `body` with it, off Swift's pool, while `work` goes on: until the server has ended, which
    /// waits for the stills that were asked for.
    private func browse(
        width: Int = 1280, height: Int = 900, isDark: Bool = false,
        while work: @escaping @Sendable () async -> Void = {},
        _ body: @escaping @Sendable (Browser) throws -> Void
    ) async throws {
        let working = Task { await work() }
        defer { working.cancel() }
        try await bench.serve { port in
            try await onThread {
                let browser = try Browser("http://127.0.0.1:\(port)/", width: width, height: height, isDark: isDark)
                try body(browser)
                #expect(browser.complaints == [])
            }
        }
    }

    private static func keep(_ browser: Browser, _ name: String) throws {
        let picture = try browser.screenshot()
        guard let folder = ProcessInfo.processInfo.environment["LOOKOUT_SCREENSHOTS"] else { return }
        try picture.write(to: URL(fileURLWithPath: "\(folder)/\(name).png"))
    }

    /// Whether something is wider than the window.
    private static let overflows = "document.documentElement.scrollWidth > innerWidth"

    /// Four streams: one with pictures and all kinds of drops, one down, one connecting, one at its end.
    private func addFour() throws -> @Sendable () async -> Void {
        let preview = Preview(names: ["person", "car"])
        let gate = bench.add("gate", preview: preview) {
            $0.state = .up
            $0.since -= 11_000
            ($0.codec, $0.width, $0.height, $0.nominalFramesPerSecond) = ("h264", 640, 360, 25)
            ($0.inputWidth, $0.inputHeight) = (416, 256)
            $0.sinks = [SinkStatus(kind: .events, target: "e.jsonl"), SinkStatus(kind: .video, target: "v.mkv")]
            $0.sinks[1].failure = "/var/lib/lookout/gate-20261121T101500Z.mkv: No space left on device"
            $0.sinks[1].lost = 1234
        }
        bench.add("car-park-north", preview: Preview(names: [])) {
            let message = "rtsp://***@10.0.0.12/stream1: the camera did not answer within 10 s"
            $0.state = .down(reason: "timeout", message: message, retryAt: Date() + 600)
            $0.since -= 300
            ($0.codec, $0.width, $0.height, $0.reconnects) = ("hevc", 1920, 1080, 17)
        }
        bench.add("loading-dock", preview: Preview(names: []))
        bench.add("tape", preview: nil) {
            $0.state = .ended
            ($0.codec, $0.width, $0.height, $0.nominalFramesPerSecond) = ("mpeg4", 720, 576, 29.97)
            ($0.frames.decoded, $0.frames.analysed, $0.frames.dropped) = (5400, 5391, [.corrupt: 9])
            for _ in 0..<100 { $0.latency.add(0.03) }
        }
        let camera = try TestCamera()
        let found = [NamedDetection.of("person", 0.87), .of("person", 0.6), .of("car", 0.55)]
        return { [bench] in
            await camera.play(into: [preview], found) { number in
                gate.update {
                    $0.frames.decoded += 1
                    guard number % 3 == 0 else {
                        $0.frames.dropped[number % 3 == 1 ? .busy : .rate, default: 0] += 1
                        return
                    }
                    $0.frames.analysed += 1
                    $0.detections["person", default: 0] += 2
                    $0.latency.add(number % 30 == 0 ? 0.2 : 0.04)
                    $0.lastFrame = Date()
                }
                if number % 3 == 0 {
                    let shown = number % 300 < 150 ? found : Array(found.prefix(1))
                    bench.publish("gate", frame: number, time: Date(), shown)
                }
            }
        }
    }

    @Test func statesNumbersPicturesAndEvents() async throws {
        try await browse(while: addFour()) { browser in
            try browser.wait(for: "document.querySelectorAll('.tile').length === 4")
            try browser.wait(
                for: "[...document.querySelectorAll('.picture img')].some(i => !i.hidden && i.naturalWidth === 640)")
            // The rates need some polls.
            let rates = ["decoded", "analysed"].map { "parseFloat(tiles.get('gate').\($0).textContent)" }
            try browser.wait(for: "\(rates[0]) > 20 && \(rates[1]) > 6")
            let latency = try browser.evaluate("tiles.get('gate').median.textContent") as? String
            #expect(latency?.wholeMatch(of: /[34]\d ms/) != nil, "\(latency ?? "")")
            #expect(try browser.evaluate("tiles.get('tape').dropped.textContent") as? String == "0.2 %")
            try browser.wait(
                for: "document.querySelector('#events .what').textContent.includes('2 × person 87 %, car 55 %')")
            let states = try browser.evaluate("[...document.querySelectorAll('.state')].map(s => s.firstChild.data)")
            #expect(states as? [String] == ["down", "up", "connecting", "ended"])
            // A poll that takes too long would say that there is no contact, until the next one.
            let banner = "1 stream is down: car-park-north. Output fails: gate."
            try browser.wait(for: "document.querySelector('#banner').textContent === '\(banner)'")
            let sinks = try browser.evaluate("document.querySelector('.note .bad').textContent") as? String
            let counts = try browser.evaluate("tiles.get('gate').counts.textContent") as? String
            #expect(counts?.hasPrefix("h264 640×360 at 25 · analysed at 416×256 · ") == true, "\(counts ?? "")")
            #expect(sinks?.contains("No space left on device") == true)
            try Self.keep(browser, "four-light")
            for (width, height) in [(360, 800), (1920, 1080)] {
                try browser.resize(width: width, height: height)
                try browser.wait(for: "innerWidth === \(width)")
                #expect(try browser.evaluate(Self.overflows) as? Bool == false, "at \(width) pixels")
                try Self.keep(browser, "four-\(width)")
            }
        }
    }

    @Test func aWallOfTwelve() async throws {
        let previews = (0..<12).map { _ in Preview(names: ["person", "car"]) }
        let streams = previews.enumerated().map { index, preview in
            bench.add("camera-\(index + 1)", preview: preview) {
                $0.state = .up
                ($0.codec, $0.width, $0.height, $0.nominalFramesPerSecond) = ("h264", 640, 360, 25)
            }
        }
        let camera = try TestCamera()
        let work: @Sendable () async -> Void = {
            await camera.play(into: previews, [.of("person")]) { _ in
                for stream in streams {
                    stream.update {
                        ($0.frames.decoded, $0.frames.analysed) = ($0.frames.decoded + 1, $0.frames.analysed + 1)
                    }
                }
            }
        }
        try await browse(width: 1920, height: 1080, isDark: true, while: work) { browser in
            // More than a browser has connections; and the polls go on.
            try browser.wait(for: "[...document.images].filter(i => !i.hidden && i.naturalWidth === 640).length === 12")
            try browser.wait(for: "[...tiles.values()].every(t => parseFloat(t.decoded.textContent) > 15)")
            #expect(try browser.evaluate("document.documentElement.scrollHeight <= innerHeight") as? Bool == true)
            try Self.keep(browser, "twelve-dark")
        }
    }

    @Test func nothingIsLoadedForWhatIsNotSeen() async throws {
        let previews = (0..<2).map { _ in Preview(names: []) }
        bench.add("a-visible", preview: previews[0]) { $0.state = .up }
        for index in 0..<8 { bench.add("between-\(index)") }
        bench.add("z-below", preview: previews[1]) { $0.state = .up }
        let camera = try TestCamera()
        let work: @Sendable () async -> Void = { await camera.play(into: previews) }
        try await browse(width: 360, height: 800, while: work) { browser in
            // The browser would stop counting at 250.
            try browser.evaluate("performance.setResourceTimingBufferSize(100000)")
            try browser.wait(for: "tiles.size === 10 && !tiles.get('a-visible').image.hidden")
            #expect(try browser.evaluate("tiles.get('z-below').image.hidden") as? Bool == true)
            try browser.evaluate("tiles.get('z-below').element.scrollIntoView()")
            try browser.wait(for: "!tiles.get('z-below').image.hidden && !tiles.get('a-visible').isVisible")
            // Nor for a page that lies behind others.
            let hide = "Object.defineProperty(document, 'hidden', {configurable: true, value: HIDDEN});"
            let tell = "document.dispatchEvent(new Event('visibilitychange'));"
            let loads = "performance.getEntriesByType('resource').length"
            try browser.evaluate(hide.replacing("HIDDEN", with: "true") + tell)
            try browser.wait(for: "[...tiles.values()].every(t => !t.request)")
            let later = "new Promise(done => setTimeout(() => done(\(loads)), 2000))"
            var (before, after) = (try browser.evaluate(later) as? Int, try browser.evaluate(later) as? Int)
            // What was under way may end late.
            for _ in 0..<3 where after != before { (before, after) = (after, try browser.evaluate(later) as? Int) }
            #expect(after == before)
            try browser.evaluate(hide.replacing("HIDDEN", with: "false") + tell)
            try browser.wait(for: "\(loads) > \(before ?? 0) + 3")
        }
    }

    @Test func hostileNamesAndMessagesAreOnlyText() async throws {
        let evil = "<img src=x onerror=\"document.title='evil'\">&amp;</script><script>document.title='evil'</script>"
        bench.add(evil, preview: Preview(names: [])) {
            $0.state = .down(
                reason: "error", message: evil + "\u{202E}" + String(repeating: "x", count: 500), retryAt: Date())
            $0.codec = evil
            $0.width = 1
            $0.sinks = [SinkStatus(kind: .events, target: evil)]
            $0.sinks[0].failure = evil
        }
        bench.publish(evil, [.of(evil)])
        try await browse(width: 360, height: 800) { browser in
            try browser.wait(for: "document.querySelector('#events .from')?.textContent.startsWith('<img')")
            try browser.wait(for: "document.querySelector('.tile h2')?.textContent.startsWith('<img')")
            #expect(try browser.evaluate("document.images.length") as? Int == 1)
            #expect(try browser.evaluate("document.scripts.length") as? Int == 1)
            #expect(try browser.evaluate("document.title") as? String == "1 down – Lookout")
            #expect(try browser.evaluate(Self.overflows) as? Bool == false)
            try Self.keep(browser, "hostile")
        }
    }

    @Test func noStreamsAndAllDown() async throws {
        let bench = bench
        try await browse(isDark: true) { browser in
            try browser.wait(for: "document.querySelector('#empty') !== null")
            try Self.keep(browser, "empty-dark")
            for name in ["gate", "yard"] {
                bench.add(name, preview: Preview(names: [])) {
                    $0.state = .down(reason: "refused", message: "connection refused", retryAt: Date() + 4)
                }
            }
            try browser.wait(for: "document.querySelector('#banner').textContent === 'All 2 streams are down.'")
            #expect(try browser.evaluate("document.querySelector('#empty')") is NSNull?)
            try Self.keep(browser, "all-down-dark")
        }
    }

    @Test func lostContactIsSaidAndMended() async throws {
        bench.add("gate") { $0.state = .up }
        var again = bench
        let (port, browser) = try await bench.serve { port in
            try await onThread {
                let browser = try Browser("http://127.0.0.1:\(port)/", width: 1280, height: 900)
                try browser.wait(for: "tiles.has('gate')")
                return (port, browser)
            }
        }
        try await onThread {
            try browser.wait(for: "document.querySelector('#banner').textContent.startsWith('No contact')")
            try Self.keep(browser, "no-contact")
        }
        again.options.port = port
        again.publish("gate", [.of("person")])
        try await again.serve { _ in
            try await onThread {
                try browser.wait(for: "document.querySelector('#banner').hidden && !document.querySelector('.lost')")
                // Events, too, go on.
                try browser.wait(for: "document.querySelector('#events .from')?.textContent === 'gate'")
            }
        }
    }

    @Test func theTokenOpensThePage() async throws {
        var bench = bench
        bench.options.token = Secret("s3cret")
        bench.add("gate") { $0.state = .up }
        try await bench.serve { port in
            try await onThread {
                let browser = try Browser("http://127.0.0.1:\(port)/?token=s3cret", width: 1280, height: 900)
                try browser.wait(for: "tiles.has('gate')")
                #expect(try browser.evaluate("location.href") as? String == "http://127.0.0.1:\(port)/")
                #expect(try browser.evaluate("document.cookie") as? String == "")
                #expect(browser.complaints == [])
            }
        }
    }
}
