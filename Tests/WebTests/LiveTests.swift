import Foundation
import HTTPTypes
import NIOCore
import Pipeline
import Settings
import TestSupport
import Testing

@testable import Streams
@testable import Web

@Suite("Web events", .timeLimit(.minutes(10))) struct EventStreamTests {
    private let bench = WebBench()

    @Test func recordsComeAsServerSentEvents() async throws {
        bench.add("gate")
        bench.publish("gate", frame: 1, [.of("person")])
        let text = try await bench.serve { port in
            try await RawConnection.get("/events", port) { inbound in
                let first = try await inbound.text(until: "\"frame\":1,")
                bench.publish("gate", frame: 2)
                return first + (try await inbound.text(until: "\"frame\":2,"))
            }
        }
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.lowercased().contains("content-type: text/event-stream\r\n"))
        let message = /id: [a-z0-9]+-1\nevent: frame\ndata: {"v":1,"type":"frame","stream":"gate",[^\n]+}\n\n/
        #expect(text.contains(message))
    }

    @Test func aReaderChooses() async throws {
        for name in ["gate", "yard"] { bench.add(name) }
        bench.publish("gate", frame: 1, [.of("person")])
        bench.publish("yard", frame: 2)
        bench.publish("yard", frame: 3, [.of("car")])
        try await bench.serve { port in
            let yard = try await RawConnection.get("/events?stream=yard", port) {
                try await $0.text(until: "\"frame\":3,")
            }
            #expect(!yard.contains("\"gate\"") && yard.contains("\"frame\":2,"))
            let found = try await RawConnection.get("/events?detections=1", port) {
                try await $0.text(until: "\"frame\":3,")
            }
            #expect(found.contains("\"frame\":1,") && !found.contains("\"frame\":2,"))
            let id = try #require(found.firstMatch(of: /id: ([a-z0-9]+-1)\n/)).1
            let again = try await RawConnection.get("/events", port, headers: "Last-Event-ID: \(id)\r\n") {
                try await $0.text(until: "\"frame\":3,")
            }
            #expect(!again.contains("\"frame\":1,") && again.contains("\"frame\":2,") && !again.contains("lost"))
            let late = try await RawConnection.get("/events", port, headers: "Last-Event-ID: before-7\r\n") {
                try await $0.text(until: "\"frame\":1,")
            }
            let lost = try #require(late.range(of: "event: lost\ndata: {}\n\n"))
            let first = try #require(late.range(of: "id: "))
            #expect(lost.upperBound <= first.lowerBound)
        }
    }

    @Test func aQuietStreamShowsThatItLives() async throws {
        var bench = bench
        bench.timing.pulse = .milliseconds(20)
        let text = try await bench.serve { port in
            try await RawConnection.get("/events", port) { try await $0.text(until: "\n:\n\n") }
        }
        #expect(text.contains(": lookout\n\n"))
    }

    /// More than the sockets between server and reader hold.
    private func flood() {
        let record = EventRecord.streamEnd(
            StreamEnd(
                stamp: EventStamp(stream: "gate", time: nil, timeSource: .arrival), reason: .end, message: nil,
                decoded: 0, analysed: 0, decodeErrors: 0, seconds: 0))
        let line = Array("{\"text\":\"\(String(repeating: "x", count: 20_000))\"}\n".utf8)
        for _ in 0..<4000 { bench.board.feed.publish(record, line: line) }
    }

    @Test func whoStopsReadingLosesRecordsAndIsTold() async throws {
        try await bench.serve { port in
            try await RawConnection.get("/events", port) { inbound in
                _ = try await inbound.text(until: ": lookout")
                let time = ContinuousClock().measure { flood() }
                #expect(time < bench.timing.stall, "publishing waited: \(time)")
                let rest = try await inbound.text(until: "event: lost\ndata: {\"records\":")
                #expect(rest.contains("event: lost"))
            }
        }
    }

    @Test func readersAreLetGo() async throws {
        let bench = bench
        try await bench.serve { port in
            _ = try await RawConnection.get("/events", port) { try await $0.text(until: ": lookout") }
            try await until { bench.board.feed.readerCount == 0 }
        }
    }

    @Test func atMostSixtyFourAtATime() async throws {
        let routes = Routes(
            access: Access(HTTPSettings()), board: bench.board, version: "", timing: Timing(), health: { .ok },
            logger: bench.logger)
        var answers = try (0..<64).map { _ in try routes.live.events(.events) }
        #expect(throws: Refusal.self) { try routes.live.events(.events) }
        answers.removeLast()
        answers.append(try routes.live.events(.events))
        #expect(throws: Refusal.self) { try routes.live.events(.events) }
        #expect(answers.count == 64)
    }

    @Test func aStopClosesEverythingSoon() async throws {
        bench.add("gate", preview: Preview(names: []))
        let opened = Locked(0)
        // So that nothing but the stop closes them.
        var timing = Timing()
        (timing.stall, timing.idle, timing.pulse) = (.seconds(3600), .seconds(3600), .seconds(3600))
        let server = try WebServer(
            bench.options, board: bench.board, version: "", logger: bench.logger, timing: timing
        ) { .ok }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let serving = Task { try await server.run { port.yield($1) } }
        let number = try #require(await ports.first { _ in true })
        await withThrowingTaskGroup(of: Void.self) { group in
            // One takes events and one none of them, one waits for pictures, one asks for no more.
            for (path, reads) in [
                ("/events", true), ("/events", false), ("/streams/gate/mjpeg", true), ("/healthz", true),
            ] {
                group.addTask {
                    try await RawConnection.get(path, number) { inbound in
                        _ = try await inbound.text(until: "\r\n\r\n")
                        opened.withLock { $0 += 1 }
                        guard reads else { return try await serving.value }
                        while try await inbound.next() != nil {}
                    }
                }
            }
            group.addTask {
                try await until { opened.withLock { $0 } == 4 }
                flood()
                let start = ContinuousClock.now
                serving.cancel()
                try await serving.value
                // Half a second where nothing else runs; left alone, the connections would stay for an hour.
                #expect(ContinuousClock.now - start < .seconds(300))
            }
            // To its reader, a connection that is cut off is an error, and that is well.
            while await group.nextResult() != nil {}
        }
        #expect(opened.withLock { $0 } == 4)
    }
}

@Suite("Web pictures", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage), .timeLimit(.minutes(10)))
struct PictureTests {
    private let bench = WebBench()
    private let preview = Preview(names: ["person"])

    init() { bench.add("gate", preview: preview) { $0.state = .up } }

    /// Shows a moving picture while `body` runs; gives the longest time that a frame's taking took.
    @discardableResult
    private func filming(_ body: () async throws -> Void) async throws -> Duration {
        let camera = try TestCamera()
        let filming = Task { [preview] in await camera.play(into: [preview]) }
        do {
            try await body()
        } catch {
            filming.cancel()
            throw error
        }
        filming.cancel()
        return await filming.value
    }

    /// Reads parts of an endless answer and gives their sizes.
    private static func parts(
        _ count: Int, _ inbound: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) async throws -> Int {
        var seen = 0
        while seen < count, let part = try await inbound.next() {
            seen +=
                String(decoding: part.readableBytesView, as: UTF8.self).matches(of: /Content-Type: image\/jpeg/).count
        }
        return seen
    }

    @Test func aStillIsTheNextPicture() async throws {
        var bench = bench
        bench.timing.snapshot = .seconds(3600)
        try await filming { [bench] in
            let answer = try await bench.serve { try await get("/streams/gate/snapshot.jpg", $0) }
            #expect(answer.status == 200 && answer.headers[.contentType] == "image/jpeg")
            #expect(!preview.isWanted)
        }
    }

    @Test func aStillThatDoesNotComeIsSaid() async throws {
        var bench = bench
        bench.timing.snapshot = .milliseconds(20)
        let answer = try await bench.serve { try await get("/streams/gate/snapshot.jpg", $0) }
        #expect(answer.status == 503)
        #expect(answer.text == "{\"error\":\"no picture of \\\"gate\\\" came within 0.02 seconds\"}\n")
    }

    @Test func noStillIsWaitedForWhereNoneComes() async throws {
        let states: [(StreamSnapshot.State, String)] = [
            (.connecting, "is connecting"), (.ended, "has ended"),
            (.down(reason: "refused", message: "no", retryAt: Date()), "is down (refused: no)"),
        ]
        for (state, words) in states {
            var bench = WebBench()
            // Waited for, it would end by the suite's time limit.
            bench.timing.snapshot = .seconds(3600)
            bench.add("yard", preview: Preview(names: [])) { $0.state = state }
            let answer = try await bench.serve { try await get("/streams/yard/snapshot.jpg", $0) }
            #expect(answer.status == 503 && answer.headers[.retryAfter] == "1")
            #expect(answer.text == "{\"error\":\"no picture of \\\"yard\\\": it \(words)\"}\n")
        }
    }

    @Test func thoseWhoWaitForStillsKeepNoViewerOut() async throws {
        let (preview, routes) = (
            preview,
            Routes(
                access: Access(HTTPSettings()), board: bench.board, version: "", timing: Timing(), health: { .ok },
                logger: bench.logger)
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<32 { group.addTask { _ = try? await routes.live.snapshot("gate") } }
            try await until { preview.viewerCount == 32 }
            await #expect(throws: Refusal.self) { try await routes.live.snapshot("gate") }
            _ = try routes.live.pictures("gate", .events)
            _ = try routes.live.events(.events)
            group.cancelAll()
        }
    }

    @Test func picturesMove() async throws {
        try await filming {
            try await bench.serve { port in
                let count = try await RawConnection.get("/streams/gate/mjpeg", port) { try await Self.parts(5, &$0) }
                #expect(count >= 5)
            }
        }
    }

    /// As players see it.
    @Test func ffmpegReadsThePictures() async throws {
        try await filming {
            try await bench.serve { port in
                let frames = try await onThread {
                    try FFmpegTool.probe(
                        "http://127.0.0.1:\(port)/streams/gate/mjpeg", "frame=width,height", streams: "v:0",
                        options: ["-f", "mpjpeg", "-read_intervals", "%+#3"])
                }
                #expect(frames.map { $0.prefix(2) } == Array(repeating: ["640", "360"], count: 3))
            }
        }
    }

    @Test func aViewerThatStandsStillIsDroppedAndHoldsUpNobody() async throws {
        var bench = bench
        bench.timing.stall = .seconds(4)
        let longest = try await filming { [bench, preview] in
            try await bench.serve { port in
                try await RawConnection.get("/streams/gate/mjpeg", port) { _ in
                    // It reads nothing: the server's and the system's buffers fill, then its time runs out.
                    try await RawConnection.get("/streams/gate/mjpeg", port) { inbound in
                        try await until { preview.viewerCount == 2 }
                        while preview.viewerCount == 2 { #expect(try await Self.parts(1, &inbound) >= 1) }
                        #expect(preview.viewerCount == 1)
                        #expect(try await Self.parts(5, &inbound) >= 5)
                    }
                }
            }
        }
        // One that waited would have waited until the viewer was dropped.
        #expect(longest < bench.timing.stall, "a frame waited for a viewer: \(longest)")
    }

    @Test func viewersLeaveWithTheStream() async throws {
        let bench = WebBench()
        let status = bench.add("yard", preview: Preview(names: [])) { $0.state = .up }
        try await bench.serve { port in
            try await RawConnection.get("/streams/yard/mjpeg", port) { inbound in
                _ = try await inbound.text(until: "--lookout\r\n")
                bench.board.remove(status)
                while try await inbound.next() != nil {}
            }
        }
    }

    @Test func atMostThirtyTwoViewers() async throws {
        let routes = Routes(
            access: Access(HTTPSettings()), board: bench.board, version: "", timing: Timing(), health: { .ok },
            logger: bench.logger)
        var answers = try (0..<32).map { _ in try routes.live.pictures("gate", .events) }
        #expect(throws: Refusal.self) { try routes.live.pictures("gate", .events) }
        answers.removeAll()
        #expect(preview.viewerCount == 0)
        _ = try routes.live.pictures("gate", .events)
    }
}
