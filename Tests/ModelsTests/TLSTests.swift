import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Models

/// Pulls over TLS, from a server whose certificate vouches for itself.
@Suite("Model pull over TLS", .enabled(if: SecureServer.available, "the openssl command is not installed"))
struct TLSTests {
    private let desk: PullDesk

    init() throws { desk = try PullDesk() }

    private func failure(_ server: SecureServer, host: String = "localhost", isTrusted: Bool) async throws -> ModelError
    {
        var options = desk.options
        if isTrusted { options.trustRoots = server.certificate }
        return try await #require(throws: ModelError.self) {
            try await desk.pull(from: ModelSource(mirror: "https://\(host):\(server.port)"), options: options)
        }
    }

    /// Trying again would change nothing.
    @Test func certificatesThatAreNotTrusted() async throws {
        let server = try SecureServer(answer: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        let error = try await failure(server, isTrusted: false)
        #expect(error.kind == .unavailable)
        #expect(
            error.message == "https://localhost:\(server.port)/words.names: the server's certificate is not trusted; "
                + "install ca-certificates, and check the clock")
        #expect(desk.retries == [])
        #expect(try await failure(server, isTrusted: true).message.hasSuffix("the server answers 404 Not Found"))
        let name = try await failure(server, host: "127.0.0.1", isTrusted: true)
        #expect(name.message.hasSuffix("/words.names: the server's certificate is for another name"), "\(name)")
        #expect(desk.retries == [])
    }

    @Test func redirectsToPlainHTTP() async throws {
        let other = try FileServer { request, _ in .file(PullDesk.content, to: request) }
        let server = try SecureServer(
            answer: "HTTP/1.1 302 Found\r\nLocation: \(other.url)/words.names\r\nContent-Length: 0\r\n\r\n")
        let error = try await failure(server, isTrusted: true)
        #expect(error.kind == .unavailable && error.message.contains("leads from https to http"), "\(error)")
        #expect(other.requests.isEmpty && desk.retries == [])
    }
}

/// `openssl s_server` on a port of its own, with the same answer to all who ask for `words.names`.
private final class SecureServer {
    static let available = FileManager.default.isExecutableFile(atPath: openssl)
    private static let openssl = "/usr/bin/openssl"

    let port: Int
    let certificate: String
    private let folder: TemporaryFolder
    private let process = Process()
    private let output = Pipe()

    struct Failure: Error {}

    init(answer: String) throws {
        folder = try TemporaryFolder()
        certificate = folder.file("certificate.pem")
        let key = folder.file("key.pem")
        let maker = Process()
        maker.executableURL = URL(fileURLWithPath: Self.openssl)
        maker.arguments =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
            + [
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", certificate, "-keyout",
                key,
            ]
        maker.standardError = FileHandle.nullDevice
        try maker.run()
        maker.waitUntilExit()
        try folder.write(answer.utf8, to: "words.names")
        process.executableURL = maker.executableURL
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.arguments = ["s_server", "-4", "-accept", "0", "-HTTP", "-cert", certificate, "-key", key]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        // Its end would be that of the server.
        process.standardInput = Pipe()
        try process.run()
        // "ACCEPT 0.0.0.0:41234"
        var text = ""
        while !text.contains(#/ACCEPT .*\n/#) {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure() }
            text += String(decoding: data, as: UTF8.self)
        }
        guard let port = text.firstMatch(of: #/ACCEPT .*:([0-9]+)\n/#).flatMap({ Int($0.1) }) else { throw Failure() }
        self.port = port
    }

    deinit {
        // Not SIGTERM: the threads that tests run on block it, and so does what they start.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
