import Darknet
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Models

/// What servers, mirrors and those who write their addresses may do wrong, or mean ill.
@Suite struct HostileServerTests {
    private let desk: PullDesk
    private var whole: [UInt8] { PullDesk.content }

    init() throws { desk = try PullDesk() }

    // MARK: Not the file

    @Test func wrongSize() async throws {
        let server = try FileServer { [whole] request, _ in .file(whole + [10], to: request) }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .badContent)
        #expect(error.message.contains("sends 2000001 bytes; words.names has 2000000, so it is not that"), "\(error)")
        #expect(server.requests.count == 1 && desk.leftovers() == [])
    }

    /// As networks send that want somebody to sign in. What came before is still good.
    @Test(arguments: ["text/html; charset=utf-8", ""], [true, false]) func aWebPageInstead(
        type: String, hasLength: Bool
    ) async throws {
        var page = FileServer.Answer(headers: ["Content-Type": type], body: Array("<!DOCTYPE html><p>Sign in".utf8))
        if hasLength { page.body += [UInt8](repeating: 10, count: whole.count - page.body.count) }
        page.isEndless = !hasLength
        let server = try FileServer { [page, whole] request, count in count == 0 ? page : .file(whole, to: request) }
        try desk.leave(whole.prefix(70_000), tag: "\"1\"")
        let error = try await desk.failure(from: server)
        #expect(error.kind == .badContent, "\(error)")
        #expect(error.message == "\(server.url)/words.names: a web page came instead of words.names")
        try await desk.pull(from: server)
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=70000-", "bytes=70000-"])
        #expect(try desk.placed() == whole)
    }

    /// Too few bytes to tell what they are.
    @Test func hardlyAnythingInstead() async throws {
        let server = try FileServer { [whole] request, count in
            guard count == 0 else { return .file(whole, to: request) }
            var answer = FileServer.Answer(body: whole)
            answer.cut = 5
            return answer
        }
        try desk.leave(whole.prefix(70_000), tag: "\"1\"")
        try await desk.pull(from: server)
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=70000-", "bytes=70000-"])
    }

    /// Without a length, and of the right one: only what it says itself tells.
    @Test func otherTextOfTheSameSize() async throws {
        let other = [UInt8](repeating: UInt8(ascii: "x"), count: whole.count)
        let error = try await desk.failure(from: FileServer { request, _ in .file(other, to: request) })
        #expect(error.kind == .badContent && error.message.hasSuffix("has 1 lines; words.names has 200000"), "\(error)")
        #expect(desk.leftovers() == [])
    }

    @Test func endless() async throws {
        var answer = FileServer.Answer(body: [UInt8](repeating: 65, count: 65536))
        answer.isEndless = true
        let server = try FileServer { [answer] _, _ in answer }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .badContent && error.message.contains("sends more than the 2000000 bytes"), "\(error)")
        #expect(desk.leftovers() == [])
    }

    /// Weights have one of two sizes, by their header; this has the other one.
    @Test func aBeginningForAnotherSize() async throws {
        var content = [UInt8](repeating: 0, count: 100_004)
        content[4] = 1
        let file = ModelFile(
            name: "words.names", address: "http://127.0.0.1:1/none", content: .weights(network: "yolov2-tiny"),
            byteCounts: [100_000, 100_004])
        let server = try FileServer { [content] request, _ in .file(content, to: request) }
        let error = try await #require(throws: ModelError.self) {
            try await desk.pull(from: ModelSource(mirror: server.url), file: file)
        }
        #expect(error.kind == .badContent)
        #expect(
            error.message.hasSuffix("sends more than the 100000 bytes of words.names with such a beginning"), "\(error)"
        )
        #expect(server.requests.count == 1)
        #expect(desk.leftovers() == [])
    }

    @Test func endlessHeaders() async throws {
        let filler = String(repeating: "x", count: 1 << 20)
        let server = try FileServer { _, _ in FileServer.Answer(headers: ["X": filler]) }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .unavailable, "\(error)")
        #expect(error.message.utf8.count < 500)
    }

    @Test func noHTTP() async throws {
        let server = try FileServer { _, _ in FileServer.Answer("\u{1B}[2J no", headers: ["a b": "c"]) }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .unavailable && !error.message.contains("\u{1B}"), "\(error)")
    }

    /// Something else in place of weights ends at its first bytes, not after so many millions.
    @Test func weightsThatAreNone() async throws {
        var answer = FileServer.Answer(body: Array(String(repeating: "PK1234", count: 10_000).utf8))
        answer.isEndless = true
        let weights = try #require(ModelCatalogue.model(named: "yolov2-tiny")?.weights)
        let error = try await desk.failure(from: FileServer { [answer] _, _ in answer }, file: weights)
        #expect(error.kind == .badContent, "\(error)")
        #expect(
            error.message.hasSuffix(
                "/yolov2-tiny.weights: what came instead of yolov2-tiny.weights does not begin as Darknet's weights do")
        )
        #expect(desk.leftovers() == [])
    }

    @Test func headersOfWeights() throws {
        let weights = try #require(ModelCatalogue.model(named: "yolov2-tiny")?.weights)
        func header(_ major: UInt8, _ minor: UInt8) -> [UInt8] { [major, 0, 0, 0, minor, 0, 0, 0, 0, 0, 0, 0] }
        #expect(try weights.byteCounts(beginning: header(0, 1)) == [44_948_596])
        #expect(try weights.byteCounts(beginning: header(0, 2)) == [44_948_600])
        #expect(try weights.byteCounts(beginning: []) == [44_948_596, 44_948_600])
        #expect(throws: ModelError.self) { try weights.byteCounts(beginning: Array("PK\u{3}\u{4}12345678".utf8)) }
        #expect(throws: ModelError.self) { try weights.byteCounts(beginning: [UInt8](repeating: 255, count: 12)) }
    }

    // MARK: Elsewhere

    @Test func redirects() async throws {
        let other = try FileServer { [whole] request, _ in .file(whole, to: request) }
        let server = try FileServer { _, _ in
            FileServer.Answer("302 Found", headers: ["Location": other.url + "/elsewhere?key=1"])
        }
        // A password is for the server that it was given for.
        let mirror = server.url.replacing("http://", with: "http://user:geheim@")
        try await desk.pull(from: ModelSource(mirror: mirror))
        #expect(try desk.placed() == whole)
        #expect(server.requests[0].headers["authorization"] == "Basic dXNlcjpnZWhlaW0=")
        #expect(other.requests[0].headers["authorization"] == nil && other.requests[0].path == "/elsewhere?key=1")
    }

    @Test func redirectsWithoutAnEnd() async throws {
        let server = try FileServer { _, count in
            FileServer.Answer("302 Found", headers: ["Location": "/\(count)"])
        }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .unavailable && error.message.hasSuffix("leads from address to address without an end"))
        #expect(server.requests.count <= 7)
    }

    /// Whoever answered is named, without what may be a key.
    @Test func errorsBehindRedirects() async throws {
        let other = try FileServer { _, _ in FileServer.Answer("404 Not Found") }
        let place = other.url.replacing("http://", with: "http://user:geheim@") + "/elsewhere?key=geheim"
        let server = try FileServer { _, _ in FileServer.Answer("302 Found", headers: ["Location": place]) }
        let error = try await desk.failure(from: server)
        #expect(error.message == "\(other.url)/elsewhere: the server answers 404 Not Found")
    }

    @Test(arguments: [
        "ftp://h/x", "file:///etc/passwd", "http://", "http://a b/", "http://h%0d%0ax/", "http://127.0.0.1:70000/x",
        "https://127.0.0.1:65536/", "http://127.0.0.1:0/", "http://h:99999999999999999999/",
    ]) func redirectsToNoAddress(location: String) async throws {
        let server = try FileServer { _, _ in FileServer.Answer("302 Found", headers: ["Location": location]) }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .unavailable && error.message.hasSuffix(": leads to what is no address"), "\(error)")
        #expect(server.requests.count == 1)
    }

    @Test func passwordsAreNotShown() async throws {
        let server = try FileServer { _, count in
            FileServer.Answer(count == 0 ? "503 Service Unavailable" : "401 Unauthorized")
        }
        let mirror = server.url.replacing("http://", with: "http://user:geheim@") + "/m%20x/"
        let error = try await #require(throws: ModelError.self) {
            try await desk.pull(from: ModelSource(mirror: mirror))
        }
        #expect(error.message == "\(server.url)/m%20x/words.names: the server answers 401 Unauthorized")
        #expect(server.requests[1].path == "/m%20x/words.names")
        #expect(!"\(desk.events)".contains("geheim"))
    }

    @Test(arguments: [
        "", "nowhere", "ftp://u:geheim@h/x", "https://", "http://u:geheim@/x", "https://u:geheim@h/x?y=1",
        "https://h/#a",
        "file:///etc", "http://h x:geheim@/", "https://user:12/geheim@host/x", "https://user:1?geheim@host/x",
        "http://u:geheim@127.0.0.1:65536/", "https://u:geheim@h:0/", "http://u:geheim@h:99999999999999999999/",
    ]) func noMirrors(address: String) {
        let error = #expect(throws: ModelError.self) { try ModelSource(mirror: address) }
        #expect(error?.kind == .badAddress && error?.message.contains("geheim") == false)
    }

    @Test func passwordsForAllToRead() throws {
        #expect(try ModelSource(mirror: "HTTP://u:p@h/").showsPassword)
        #expect(try !ModelSource(mirror: "https://u:p@h/").showsPassword)
        #expect(try !ModelSource(mirror: "http://h/").showsPassword)
    }

    // MARK: Here

    @Test(.enabled(if: SmallDisk.available, SmallDisk.skipMessage)) func fullDisk() async throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        let store = ModelStore(environment: ["LOOKOUT_MODELS": disk.path + "/models"])
        let file = PullDesk.file(lines: PullDesk.lines, byteCount: whole.count)
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        let puller = try ModelPuller(
            store, from: ModelSource(mirror: server.url), options: desk.options, environment: [:]
        ) { _ in }
        let error = try await #require(throws: ModelError.self) { try await PullDesk.run(puller, file) }
        #expect(error.kind == .cannotWrite)
        #expect(error.message.hasPrefix(disk.path + "/models/words.names.partial: cannot be written: No space left"))
        #expect(server.requests.count == 1)
        // With more room it goes on from there.
        let size = try FileManager.default.attributesOfItem(atPath: disk.path + "/models/words.names.partial")[.size]
        let kept = try #require(size as? Int)
        #expect(kept > 500_000)
        #expect(mount("tmpfs", disk.path, "tmpfs", UInt(MS_REMOUNT), "size=8m") == 0)
        try await PullDesk.run(puller, file)
        #expect(server.requests[1].headers["range"] == "bytes=\(kept)-")
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: disk.path + "/models/words.names"))) == whole)
    }

    @Test func aFileInPlaceOfTheFolder() async throws {
        let path = try desk.folder.write([1], to: "file")
        let store = ModelStore(environment: ["LOOKOUT_MODELS": path + "/models"])
        let puller = ModelPuller(store, from: .author, environment: [:]) { _ in }
        let error = try await #require(throws: ModelError.self) {
            try await PullDesk.run(puller, PullDesk.file(lines: 1, byteCount: 1))
        }
        #expect(error.kind == .cannotCreate && error.message.hasPrefix("\(path)/models: "), "\(error)")
    }

    /// Root pulls into a folder that may be another's: it follows no links, and waits for no pipes.
    @Test func linksAndPipes() async throws {
        let victim = try desk.folder.write([1, 2, 3], to: "victim")
        let partial = desk.folder.file("models/words.names.partial")
        symlink(victim, partial)
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        let link = try await desk.failure(from: server)
        #expect(link.kind == .cannotCreate && link.message == "\(partial): is a link; remove it")
        unlink(partial)
        mkfifo(partial, 0o600)
        #expect(try await desk.failure(from: server).kind == .cannotCreate)
        unlink(partial)
        // One under the file's own name is replaced, not followed, and another's file is not written to, nor sent.
        symlink(victim, desk.target)
        #expect(Glibc.link(victim, partial) == 0)
        let secret = try desk.folder.write("geheim\n".utf8, to: "secret")
        symlink(secret, partial + ".origin")
        try await desk.pull(from: server)
        #expect(server.requests.map { $0.headers["if-range"] } == [nil])
        #expect(try Data(contentsOf: URL(fileURLWithPath: victim)) == Data([1, 2, 3]))
        #expect(try desk.placed() == whole)
    }

    /// Nothing is known of the version of what came, so it cannot be gone on from.
    @Test(arguments: ["\u{1}", "é", String(repeating: "x", count: 2000), ""]) func damagedOrigins(tag: String)
        async throws
    {
        try desk.leave(whole.prefix(70_000), tag: tag)
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        try await desk.pull(from: server)
        #expect(server.requests.map { $0.headers["range"] } == [nil])
        #expect(try desk.placed() == whole)
    }

    /// A link is sent as little as what it leads to, and so is another name of another's file.
    @Test(arguments: [true, false]) func originsThatAreLinks(isSymbolic: Bool) async throws {
        try desk.leave(whole.prefix(70_000), tag: "\"1\"")
        let origin = desk.target + ".partial.origin"
        let secret = try desk.folder.write("geheim\n".utf8, to: "secret")
        unlink(origin)
        #expect((isSymbolic ? symlink(secret, origin) : Glibc.link(secret, origin)) == 0)
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        try await desk.pull(from: server)
        #expect(server.requests.map { $0.headers["if-range"] } == [nil])
        #expect(try String(contentsOfFile: secret, encoding: .utf8) == "geheim\n")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away")) func whatIsAnothers() async throws {
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        try desk.leave(whole.prefix(70_000), tag: "\"1\"")
        #expect(chown(desk.target + ".partial", 65534, 65534) == 0)
        try await desk.pull(from: server)
        #expect(server.requests.map { $0.headers["range"] } == [nil])
        let owner = try FileManager.default.attributesOfItem(atPath: desk.target)[.ownerAccountID] as? Int
        #expect(owner == 0)
        // The folder as a link.
        let link = desk.folder.file("link")
        symlink(desk.folder.file("models"), link)
        let puller = try ModelPuller(
            ModelStore(environment: ["LOOKOUT_MODELS": link]), from: ModelSource(mirror: server.url),
            environment: [:]
        ) { _ in }
        let file = PullDesk.file(lines: PullDesk.lines, byteCount: whole.count)
        try await PullDesk.run(puller, file)
        #expect(lchown(link, 65534, 65534) == 0)
        let error = try await #require(throws: ModelError.self) { try await PullDesk.run(puller, file, again: true) }
        #expect(error.kind == .cannotCreate && error.message.hasPrefix("\(link): is another user's link"))
    }

    @Test func oneAtATime() async throws {
        let other = try PartialFile(for: desk.target)
        let server = try FileServer { [whole] request, _ in .file(whole, to: request) }
        let error = try await desk.failure(from: server)
        #expect(error.kind == .busy && error.message.hasPrefix(desk.target + ": another process is fetching it"))
        withExtendedLifetime(other) {}
    }

    /// Stopped in the middle, and gone on with.
    @Test func cancelling() async throws {
        let server = try FileServer { [whole] request, count in
            var answer = FileServer.Answer.file(whole, to: request, cut: count == 0 ? 1_000_000 : nil)
            answer.hangs = count == 0
            return answer
        }
        let file = PullDesk.file(lines: PullDesk.lines, byteCount: whole.count)
        let running = Locked<ModelPuller?>(nil)
        let puller = try ModelPuller(
            desk.store, from: ModelSource(mirror: server.url), options: desk.options, environment: [:]
        ) { event in
            if case .received(let bytes, _) = event, bytes == 1_000_000 { running.withLock { $0 }?.cancel() }
        }
        running.withLock { $0 = puller }
        let error = try await #require(throws: ModelError.self) { try await PullDesk.run(puller, file) }
        running.withLock { $0 = nil }
        #expect(error.kind == .cancelled, "\(error)")
        #expect(error.message == "stopped; what has come is kept, and the same command goes on from there")
        #expect(desk.leftovers() == ["words.names.partial", "words.names.partial.origin"])
        try await desk.pull(from: server)
        #expect(server.requests[1].headers["range"] == "bytes=1000000-")
        #expect(try desk.placed() == whole)
        // It stays cancelled.
        let again = try await #require(throws: ModelError.self) { try await PullDesk.run(puller, file, again: true) }
        #expect(again.kind == .cancelled)
    }
}
