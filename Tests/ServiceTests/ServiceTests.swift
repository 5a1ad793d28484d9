import Foundation
import Logging
import Pipeline
import TestSupport
import Testing

@testable import Service

/// The whole service in this process, on the tiny network and looping clips.
@Suite(.serialized, .timeLimit(.minutes(60)), .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct ServiceTests {
    private let folder: TemporaryFolder
    private let clip: String

    init() throws {
        folder = try TemporaryFolder()
        _ = try TinyNetwork.write(to: folder)
        clip = try FFmpegTool.clip(
            "service.mkv",
            [
                "-f", "lavfi", "-i", "testsrc2=s=64x64:r=10", "-t", "1", "-pix_fmt", "yuv420p", "-c:v", "libx264",
                "-preset", "ultrafast", "-g", "10",
            ])
    }

    /// A service that runs on a thread of its own.
    private final class Running {
        let service: Service
        let log: LogRecorder
        private let thread: StageThread
        private let failure = Locked<(any Error)?>(nil)
        private let timedOut = Locked(false)

        init(_ configuration: String) throws {
            let log = LogRecorder()
            let service = Service(configuration: configuration, version: "1.2.3", logger: log.logger, stopLimit: 600)
            let (failure, timedOut) = (failure, timedOut)
            (self.service, self.log) = (service, log)
            thread = try StageThread("service") {
                do {
                    try service.run { timedOut.withLock { $0 = true } }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }

        /// Stops it; seconds that took. Its clips loop: what does not listen never ends.
        func stop() throws -> Double {
            let start = ContinuousClock.now
            service.command(.stop)
            thread.join()
            if let failure = failure.withLock({ $0 }) { throw failure }
            #expect(!timedOut.withLock { $0 })
            return (ContinuousClock.now - start) / .seconds(1)
        }
    }

    private func configuration(_ streams: [String], extra: String = "") throws -> String {
        let sections = streams.map { name in
            "[stream.\(name)]\nurl = \"\(clip)\"\nloop = true\nevents = \"\(name).jsonl\"\n"
        }
        return try folder.write(
            "[service]\nhttp = \"off\"\n[defaults]\nweights = \"tiny.weights\"\nthreshold = 0.01\n\(extra)\n\(sections.joined())"
                .utf8,
            to: "streams.conf")
    }

    /// The types of a stream's records so far.
    private func records(_ name: String) -> [String] {
        guard let text = try? String(contentsOfFile: folder.file("\(name).jsonl"), encoding: .utf8) else { return [] }
        return text.split(separator: "\n").map { line in
            line.split(separator: "\"").dropFirst(5).first.map(String.init) ?? "\(line)"
        }
    }

    private func waits(_ isSo: () -> Bool) -> Bool {
        let (pause, deadline) = (Cancellation(), MonotonicTime.now + 600)
        while !isSo() {
            guard MonotonicTime.now < deadline else { return false }
            _ = pause.pause(seconds: 0.01)
        }
        return true
    }

    @Test func aStopEndsEveryLogOnItsTotals() throws {
        let running = try Running(configuration(["a", "b"]))
        #expect(waits { records("a").count > 3 && records("b").count > 3 })
        #expect(try running.stop() < 120)
        for name in ["a", "b"] {
            #expect(records(name).first == "stream_up" && records(name).last == "stream_end")
        }
    }

    @Test func aReloadLeavesAloneWhatDidNotChange() throws {
        let running = try Running(configuration(["a", "b"]))
        #expect(waits { records("a").count > 3 && records("b").count > 3 })
        _ = try configuration(["a", "c"])
        running.service.command(.reload)
        #expect(waits { records("c").count > 3 && records("b").last == "stream_end" })
        let before = records("a").count
        #expect(waits { records("a").count > before })
        _ = try running.stop()
        #expect(records("a").filter { $0 == "stream_up" }.count == 1)
        #expect(records("a").filter { $0 == "stream_end" }.count == 1)
    }

    @Test(arguments: ["thresold = 0.5", "this is no TOML", "weights = \"none.weights\""])
    func aBadFileChangesNothingAndSaysWhy(_ mistake: String) throws {
        let running = try Running(configuration(["a"]))
        #expect(waits { records("a").count > 3 })
        _ = try configuration(["a"], extra: mistake)
        running.service.command(.reload)
        #expect(waits { running.log.lines.contains { $0.contains("was not applied") } })
        #expect(running.log.lines.contains { $0.contains("streams.conf:") })
        let before = records("a").count
        #expect(waits { records("a").count > before + 3 })
        _ = try running.stop()
        #expect(records("a").filter { $0 == "stream_up" }.count == 1)
    }

    @Test func manyReloadsAreOneAndAStopOvertakesThem() throws {
        let running = try Running(configuration(["a"]))
        #expect(waits { records("a").count > 3 })
        for _ in 0..<100 { running.service.command(.reload) }
        #expect(try running.stop() < 120)
        #expect(records("a").last == "stream_end")
    }

    @Test func whatKeepsItFromStartingIsThrown() throws {
        let path = try folder.write("[stream.a]\n".utf8, to: "streams.conf")
        let running = try Running(path)
        #expect(throws: (any Error).self) { try running.stop() }
    }
}
