import Foundation
import HTTPTypes
import Logging
import Pipeline
import Settings
import Testing

@testable import Streams
@testable import Web

@Suite("Web routes", .timeLimit(.minutes(10))) struct RoutesTests {
    private let bench = WebBench()

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func healthSaysWhatIsStuck() async throws {
        let good = try await bench.serve { try await get("/healthz", $0) }
        #expect(good.status == 200 && good.text == "{\"status\":\"ok\"}\n")
        var bench = bench
        bench.health = { .stuck("gate: no frame was analysed for 30 s") }
        let bad = try await bench.serve { try await get("/healthz", $0) }
        #expect(bad.status == 503)
        #expect(bad.text == "{\"status\":\"stuck\",\"message\":\"gate: no frame was analysed for 30 s\"}\n")
    }

    @Test func healthNamesStreamsToThoseWhoMaySeeThem() async throws {
        var bench = bench
        bench.options.token = Secret("s3cret")
        bench.health = { .stuck("gate: no frame was analysed for 30 s") }
        let answers = try await bench.serve { port in
            [
                try await get("/healthz", port),
                try await get("/healthz", port, headers: [.authorization: "Bearer wrong"]),
                try await get("/healthz", port, headers: [.authorization: "Bearer s3cret"]),
                try await get("/healthz", port, host: "evil.example", headers: [.authorization: "Bearer s3cret"]),
            ]
        }
        #expect(answers.allSatisfy { $0.status == 503 })
        let short = "{\"status\":\"stuck\"}\n"
        let long = "{\"status\":\"stuck\",\"message\":\"gate: no frame was analysed for 30 s\"}\n"
        #expect(answers.map(\.text) == [short, short, long, short])
    }

    @Test func readyWhenEveryStreamIsUpOrEnded() async throws {
        let since = Date(timeIntervalSince1970: 1_795_206_275.284)
        let gate = bench.add("gate") { ($0.state, $0.since) = (.up, since) }
        bench.add("tape") { ($0.state, $0.since) = (.ended, since) }
        let ready = try await bench.serve { try await get("/readyz", $0) }
        #expect(ready.status == 200)
        #expect(
            ready.text
                == #"{"ready":true,"streams":{"gate":{"state":"up","since":"2026-11-20T20:24:35.284Z","sinks":{}},"#
                + #""tape":{"state":"ended","since":"2026-11-20T20:24:35.284Z","sinks":{}}}}"# + "\n")

        gate.update {
            $0.state = .down(reason: "refused", message: "connection \"refused\"", retryAt: since + 4)
            $0.sinks = [SinkStatus(kind: .events, target: "e.jsonl"), SinkStatus(kind: .video, target: "v.mkv")]
            $0.sinks[1].failure = "no space left on device"
        }
        let not = try await bench.serve { try await get("/readyz", $0) }
        #expect(not.status == 503)
        #expect(
            not.text.contains(
                #""gate":{"state":"down","since":"2026-11-20T20:24:35.284Z","reason":"refused","message":"connection "#
                    + #"\"refused\"","retry_at":"2026-11-20T20:24:39.284Z","sinks":{"events":"ok","video":"no space "#
                    + #"left on device"}}"#))
    }

    @Test func aConnectingStreamIsNotReady() async throws {
        bench.add("gate")
        #expect(try await bench.serve { try await get("/readyz", $0).status } == 503)
    }

    @Test func streamsTellAllThatThePageShows() async throws {
        bench.add("gate", preview: Preview(names: [])) {
            $0.state = .up
            ($0.codec, $0.width, $0.height, $0.nominalFramesPerSecond) = ("h264", 1280, 720, 12.5)
            ($0.inputWidth, $0.inputHeight) = (416, 256)
            ($0.frames.decoded, $0.frames.analysed, $0.frames.dropped) = (10, 7, [.busy: 2])
            $0.latency.add(0.02)
            $0.latency.add(30)
            $0.detections = ["person": 3, "car": 4]
            $0.sinks = [SinkStatus(kind: .events, target: "-")]
        }
        bench.add("yard")
        let report = try object(try await bench.serve { try await get("/streams", $0).text })
        #expect(report["version"] as? String == "1.2.3")
        let streams = try #require(report["streams"] as? [[String: Any]])
        #expect(streams.map { $0["name"] as? String } == ["gate", "yard"])
        #expect(streams.map { $0["preview"] as? Bool } == [true, false])
        let gate = streams[0]
        #expect(gate["decoded"] as? Int == 10 && gate["analysed"] as? Int == 7 && gate["detections"] as? Int == 7)
        #expect(gate["input_width"] as? Int == 416 && gate["input_height"] as? Int == 256)
        let dropped = ["busy": 2, "rate": 0, "corrupt": 0, "stopped": 0, "failed": 0]
        #expect(gate["dropped"] as? [String: Int] == dropped)
        let latency = try #require(gate["latency"] as? [String: Int])
        #expect(latency["0.01"] == 0 && latency["0.025"] == 1 && latency["10.0"] == 1 && latency["+Inf"] == 2)
        #expect((gate["sinks"] as? [[String: Any]])?.first?["target"] as? String == "-")
    }

    @Test func anUnknownStreamIsToldFromThoseThatAre() async throws {
        bench.add("gate")
        bench.add("yard")
        for path in ["/streams/gat/snapshot.jpg", "/streams/gat/mjpeg", "/events?stream=gat"] {
            let answer = try await bench.serve { try await get(path, $0) }
            #expect(answer.status == 404)
            #expect(answer.text == "{\"error\":\"no stream \\\"gat\\\"; there are: gate, yard\"}\n")
        }
        // Its pictures are not shown.
        let answer = try await bench.serve { try await get("/streams/gate/mjpeg", $0) }
        #expect(answer.status == 404 && answer.text.contains("preview = false"))
    }

    @Test(arguments: ["/nothing", "/streams/gate", "/streams/gate/mjpeg/x", "//x", "/..%2f..%2fetc/passwd", "/%00"])
    func otherPathsAreNotFound(path: String) async throws {
        let answer = try await bench.serve { try await get(path, $0) }
        #expect(answer.status == 404 && answer.text.contains("/readyz"))
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete, .options])
    func otherMethodsAreRefused(method: HTTPRequest.Method) async throws {
        let answer = try await bench.serve { try await get("/streams", $0, method: method) }
        #expect(answer.status == 405 && answer.headers[.allow] == "GET, HEAD")
    }

    @Test func aHeadIsTheAnswerWithoutItsBody() async throws {
        bench.add("gate", preview: Preview(names: []))
        let length = try await bench.serve { try await get("/healthz", $0, method: .head) }.headers[.contentLength]
        #expect(length == "16")
        for path in ["/", "/streams", "/metrics", "/events", "/streams/gate/mjpeg"] {
            let answer = try await bench.serve { try await get(path, $0, method: .head) }
            #expect(answer.status == 200 && answer.text.isEmpty, "\(path)")
        }
    }

    @Test(arguments: ["Content-Length: 70000\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 1\r\n"])
    func bodiesAreRefusedUnread(header: String) async throws {
        let answer = try await bench.serve { port in
            try await RawConnection.get("/streams", port, headers: header) { try await $0.text(until: "\"}\n") }
        }
        #expect(answer.hasPrefix("HTTP/1.1 413"))
    }

    @Test func headersAreBounded() async throws {
        let answer = try await bench.serve { port in
            try await RawConnection.get("/streams", port, headers: "X: \(String(repeating: "x", count: 200_000))\r\n") {
                try await $0.text(until: "\r\n\r\n")
            }
        }
        #expect(answer.hasPrefix("HTTP/1.1 400"))
    }

    @Test(arguments: [
        "", "GET /healthz HTTP/1.1\r\nHost: loc", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /",
    ])
    func whoSendsHalfARequestIsLetGo(text: String) async throws {
        var bench = bench
        #expect(bench.timing.idle <= .seconds(10))
        bench.timing.idle = .seconds(3)
        let answer = Locked<String?>(nil)
        try await bench.serve { port in
            // To close what the server has closed is an error; what counts is that the text came to its end.
            try? await RawConnection.send(text, port) { inbound in
                let all = try await inbound.text(until: "never")
                answer.withLock { $0 = all }
            }
        }
        let all = try #require(answer.withLock { $0 })
        #expect(all.hasPrefix("HTTP/1.1 200") == text.contains("\r\n\r\n"))
    }

    @Test func anAnswerMayTakeLongerThanARequest() async throws {
        var bench = bench
        (bench.timing.idle, bench.timing.pulse) = (.seconds(3), .milliseconds(20))
        try await bench.serve { port in
            try await RawConnection.get("/events", port) { inbound in
                let start = ContinuousClock.now
                while ContinuousClock.now - start < .seconds(7) {
                    _ = try #require(try await inbound.next())
                }
            }
        }
    }

    @Test func nothingElseMayRunInThePage() async throws {
        let answers = try await bench.serve { port in [try await get("/", port), try await get("/", port)] }
        var nonces: Set<Substring> = []
        for answer in answers {
            #expect(answer.status == 200 && answer.headers[.cacheControl] == "no-store")
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            let policy = try #require(answer.headers[.contentSecurityPolicy])
            #expect(policy.hasPrefix("default-src 'none'"))
            let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([a-z0-9]+)'/)).1
            #expect(answer.text.contains("<script nonce=\"\(nonce)\">") && !answer.text.contains("{{"))
            nonces.insert(nonce)
        }
        #expect(nonces.count == 2)
        // One file: nothing is fetched from elsewhere.
        #expect(answers[0].text.matches(of: /(src|href)="(?!data:)[^"]/).isEmpty)
    }

    @Test func aPortInUseIsSaid() async throws {
        let message = try await bench.serve { port in
            var second = bench
            second.options.port = port
            do {
                try await second.serve { _ in }
                return "it came up"
            } catch let error as WebError {
                return error.description.replacing("\(port)", with: "PORT")
            }
        }
        #expect(message == "cannot serve http://127.0.0.1:PORT: Address already in use")
    }
}
