import Darknet
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Models

/// Pulls from a server on loopback, of a file of names: the same way as weights take, and quicker.
@Suite struct ModelPullerTests {
    private let desk: PullDesk
    private var whole: [UInt8] { PullDesk.content }

    init() throws { desk = try PullDesk() }

    @Test func success() async throws {
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        try await desk.pull(from: server)
        #expect(try desk.placed() == whole)
        #expect(desk.leftovers() == [])
        #expect(server.requests.map(\.path) == ["/words.names"])
        #expect(server.requests[0].headers["range"] == nil && server.requests[0].headers["user-agent"] == "lookout")
        #expect(desk.events.first == .starting(file: "words.names", address: server.url + "/words.names", offset: 0))
        #expect(desk.events.last == .placed(path: desk.target))
        #expect(desk.events.contains(.received(bytes: whole.count, total: whole.count)))
        // It is there now.
        try await desk.pull(from: server)
        #expect(server.requests.count == 1 && desk.events.last == .present(path: desk.target))
        try await desk.pull(from: server, again: true)
        #expect(server.requests.count == 2)
    }

    /// Whoever pulled it, the service can read it.
    @Test func everybodyMayRead() async throws {
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        try await desk.pull(from: server)
        let mode = try FileManager.default.attributesOfItem(atPath: desk.target)[.posixPermissions] as? Int
        #expect(mode == 0o644)
    }

    @Test func damagedOnesAreFetchedAnew() async throws {
        try desk.folder.write(whole.dropLast(100), to: "models/words.names")
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        try await desk.pull(from: server)
        #expect(try desk.placed() == whole)
    }

    // MARK: Servers that say no

    @Test(arguments: ["404 Not Found", "403 Forbidden", "410 Gone", "204 No Content"]) func refused(status: String)
        async throws
    {
        let server = try FileServer { _, _ in FileServer.Answer(status) }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .unavailable)
        #expect(error.message == "\(server.url)/words.names: the server answers \(status)")
        #expect(server.requests.count == 1)
        #expect(desk.leftovers() == [])
    }

    @Test func errorsOfTheServerPass() async throws {
        let server = try FileServer { [whole] request, count in
            count < 2 ? FileServer.Answer("503 Service Unavailable") : .file(whole, to: request)
        }
        try await desk.pull(from: server)
        #expect(try desk.placed() == whole)
        #expect(desk.retries == Array(repeating: "the server answers 503 Service Unavailable", count: 2))
    }

    @Test func errorsOfTheServerThatStay() async throws {
        let server = try FileServer { _, _ in FileServer.Answer("500 Internal Server Error") }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .unavailable)
        #expect(error.message.contains("the server answers 500 Internal Server Error"))
        #expect(server.requests.count == 1 + desk.options.pauses.count)
    }

    @Test func nothingListens() async throws {
        let source = try ModelSource(mirror: "http://127.0.0.1:\(FileServer.closedPort())")
        let error = try await #require(throws: ModelError.self) { try await desk.pull(from: source) }
        #expect(error.kind == .unavailable && error.message.contains("Connection refused; --mirror"))
        #expect(desk.retries.count == desk.options.pauses.count)
        #expect(desk.leftovers() == [])
    }

    @Test func unknownHost() async throws {
        let source = try ModelSource(mirror: "http://nowhere.invalid/")
        let error = try await #require(throws: ModelError.self) { try await desk.pull(from: source) }
        #expect(
            error.kind == .unavailable && error.message.contains("the name 'nowhere.invalid' is not known"), "\(error)")
    }

    // MARK: Connections that end

    @Test func shortBodyThenTheRest() async throws {
        let server = try FileServer { [whole] request, count in
            .file(whole, to: request, cut: count == 0 ? 1_500_000 : nil)
        }
        try await desk.pull(from: server)
        #expect(try desk.placed() == whole)
        #expect(server.requests.count == 2)
        let headers = server.requests[1].headers
        #expect(headers["if-range"] == "\"1\"")
        let start = try #require(headers["range"].flatMap { Int($0.dropFirst(6).dropLast()) })
        #expect((1...1_500_000).contains(start))
        #expect(
            desk.events.contains(.starting(file: "words.names", address: server.url + "/words.names", offset: start)))
    }

    @Test func serversWithoutRangesStartOver() async throws {
        let server = try FileServer { [whole] _, count in
            var answer = FileServer.Answer(headers: ["ETag": "\"1\""], body: whole)
            answer.cut = count == 0 ? 1_500_000 : nil
            return answer
        }
        try await desk.pull(from: server)
        #expect(try desk.placed() == whole)
        #expect(server.requests.count == 2)
    }

    /// Bytes that nobody can tell the version of are not gone on from.
    @Test(arguments: ["", "W/\"1\""]) func noVersionNoRange(tag: String) async throws {
        let server = try FileServer { [whole] request, count in
            .file(whole, to: request, tag: tag, cut: count == 0 ? 1_500_000 : nil)
        }
        try await desk.pull(from: server)
        #expect(try desk.placed() == whole)
        #expect(server.requests.count == 2 && server.requests[1].headers["range"] == nil)
    }

    @Test func alwaysShort() async throws {
        let server = try FileServer { [whole] request, _ in .file(whole, to: request, cut: 1000) }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .unavailable)
        #expect(error.message.hasSuffix("; what has come is kept, and the same command goes on from there"))
        #expect(server.requests.count == 1 + desk.options.pauses.count)
        #expect(desk.leftovers() == ["words.names.partial", "words.names.partial.origin"])
    }

    /// Without a version of it, nothing is promised, nor kept.
    @Test func alwaysShortWithoutAVersion() async throws {
        let server = try FileServer { [whole] request, _ in .file(whole, to: request, tag: "", cut: 1000) }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .unavailable && error.message.contains("ended early"), "\(error)")
        #expect(desk.leftovers() == [])
    }

    /// As often as it takes, as long as it gets on.
    @Test func shortAgainAndAgain() async throws {
        let content = PullDesk.text(lines: 380_000)
        let server = try FileServer { request, _ in .file(content, to: request, cut: 1_300_000) }
        var impatient = desk.options
        impatient.pauses = [0.001]
        impatient.progress = 1000
        let file = PullDesk.file(lines: 380_000, byteCount: content.count)
        try await desk.pull(from: ModelSource(mirror: server.url), file: file, options: impatient)
        #expect(try desk.placed() == content)
    }

    @Test func theFileChangedMeanwhile() async throws {
        try desk.leave(Array(repeating: 7, count: 5000), tag: "\"old\"")
        let server = try FileServer { [whole] request, _ in .file(whole, to: request, tag: "\"new\"") }
        try await desk.pull(from: server)
        #expect(server.requests[0].headers["if-range"] == "\"old\"")
        #expect(try desk.placed() == whole)
    }

    /// A server that sends the rest of whatever version it has, without a word of If-Range.
    @Test func theFileChangedAndTheServerDoesNotCare() async throws {
        try desk.leave(Array(repeating: 7, count: 70_000), tag: "\"old\"")
        let server = try FileServer { [whole] request, count in
            var answer = FileServer.Answer.file(whole, to: request, tag: "\"new\"")
            if count == 0 {
                answer.status = "206 Partial Content"
                answer.headers["Content-Range"] = "bytes 70000-\(whole.count - 1)/\(whole.count)"
                answer.body = Array(whole[70_000...])
            }
            return answer
        }
        try await desk.pull(from: server)
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=70000-", nil])
        #expect(desk.retries == ["the file has changed meanwhile"])
        #expect(try desk.placed() == whole)
    }

    @Test func goesOnWhereAnEarlierPullEnded() async throws {
        try desk.leave(whole.prefix(70_000), tag: "\"1\"")
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        try await desk.pull(from: server)
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=70000-"])
        #expect(try desk.placed() == whole)
    }

    /// Stopped between the last byte and the name.
    @Test func wholeAlready() async throws {
        try desk.leave(whole, tag: "\"1\"")
        let server = try FileServer { _, _ in FileServer.Answer("500 Internal Server Error") }
        try await desk.pull(from: server)
        #expect(server.requests.isEmpty)
        #expect(try desk.placed() == whole)
    }

    @Test func partialsThatAreTooLong() async throws {
        try desk.leave(whole + [1], tag: "\"1\"")
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        try await desk.pull(from: server)
        #expect(server.requests.map { $0.headers["range"] } == [nil])
        #expect(try desk.placed() == whole)
    }

    @Test(arguments: ["bytes 0-9/10", "bytes 69999-2/*", "nonsense", ""]) func otherPartsThanAskedFor(range: String)
        async throws
    {
        try desk.leave(whole.prefix(70_000), tag: "\"1\"")
        let server = try FileServer { [whole] request, count in
            count == 0
                ? FileServer.Answer("206 Partial Content", headers: ["Content-Range": range], body: [1, 2, 3])
                : .file(whole, to: request)
        }
        try await desk.pull(from: server)
        #expect(try desk.placed() == whole)
    }

    @Test func nothingBehindWhatCame() async throws {
        try desk.leave(whole.prefix(70_000), tag: "\"1\"")
        let server = try FileServer { [whole] request, count in
            count == 0 ? FileServer.Answer("416 Range Not Satisfiable") : .file(whole, to: request)
        }
        try await desk.pull(from: server)
        #expect(try desk.placed() == whole)
    }

    @Test func silence() async throws {
        let server = try FileServer { [whole] request, count in
            var answer = FileServer.Answer.file(whole, to: request, cut: count == 0 ? 1000 : nil)
            answer.hangs = count == 0
            return answer
        }
        var options = desk.options
        options.silenceTimeout = 2
        // It holds for the later attempts, too, and on a busy machine any of them may run into it.
        options.pauses = Array(repeating: 0.01, count: 1000)
        try await desk.pull(from: ModelSource(mirror: server.url), options: options)
        #expect(desk.retries.first == "nothing came for 2 s")
        #expect(try desk.placed() == whole)
    }
}
