import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import NIOSSL
import Pipeline
import Settings
import TestSupport
import Testing

@testable import Streams
@testable import Web

@Suite("Web access", .timeLimit(.minutes(10))) struct AccessTests {
    private static let token = "s3cret; ü=\"x\""

    private func bench(token: String? = AccessTests.token) -> WebBench {
        var bench = WebBench()
        bench.options.token = token.map { Secret($0) }
        return bench
    }

    /// The token as bytes of a header field, which is how clients send it.
    private func bearer(_ token: String) -> HTTPFields { [.authorization: "Bearer \(token)"] }

    @Test(arguments: ["/", "/readyz", "/metrics", "/events", "/streams", "/streams/gate/mjpeg", "/nothing"])
    func everythingButHealthNeedsTheToken(path: String) async throws {
        let bench = bench(token: "s3cret")
        bench.add("gate", preview: Preview(names: []))
        let answers = try await bench.serve { port in
            [
                try await get(path, port), try await get(path, port, headers: bearer("s3cre")),
                try await get(path, port, headers: bearer("s3cretx")), try await get(path, port, headers: bearer("")),
                try await get(path, port, headers: [.authorization: "s3cret"]),
                try await get(path, port, headers: [.cookie: "lookout_token=s3cret"]),
            ]
        }
        for answer in answers {
            #expect(answer.status == 401 && answer.headers[.wwwAuthenticate] == "Bearer")
            #expect(!answer.text.contains("s3cret"))
        }
        #expect(try await bench.serve { try await get("/healthz", $0).status } == 200)
    }

    @Test func theTokenOpensByHeader() async throws {
        let bench = bench(token: "s3cret")
        let statuses = try await bench.serve { port in
            [
                try await get("/metrics", port, headers: bearer("s3cret")).status,
                try await get("/streams", port, headers: [.authorization: "bearer s3cret"]).status,
            ]
        }
        #expect(statuses == [200, 200])
    }

    @Test func aBrowserChangesTheTokenForACookie() async throws {
        let bench = bench()
        let query = try #require(Self.token.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        try await bench.serve { port in
            let answer = try await get("/?token=\(query)", port)
            #expect(answer.status == 303 && answer.headers[.location] == "/")
            let cookie = try #require(answer.headers[.setCookie])
            #expect(cookie.hasSuffix("; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict"))
            let pair = String(cookie.prefix { $0 != ";" })
            for path in ["/", "/streams"] {
                #expect(try await get(path, port, headers: [.cookie: "theme=dark; \(pair)"]).status == 200)
            }
            #expect(try await get("/streams", port, headers: [.cookie: pair + "0"]).status == 401)
            // Only the page takes it so, and only the right one.
            #expect(try await get("/streams?token=\(query)", port).status == 401)
            let wrong = try await get("/?token=wrong", port)
            #expect(wrong.status == 401 && wrong.headers[.setCookie] == nil && wrong.text.contains("?token=TOKEN"))
        }
    }

    @Test func theTokenIsNotLogged() async throws {
        let lines = Locked<[String]>([])
        var bench = bench(token: "s3cret")
        bench.logger = Logger(label: "web") { _ in Recorder(lines: lines) }
        bench.logger.logLevel = .trace
        try await bench.serve { port in
            _ = try await get("/?token=s3cret", port)
            _ = try await get("/metrics", port, headers: bearer("s3cret"))
        }
        #expect(lines.withLock { $0 }.allSatisfy { !$0.contains("s3cret") })
        #expect(!"\(bench.options)".contains("s3cret"))
    }

    /// Keeps what is logged.
    private struct Recorder: LogHandler {
        let lines: Locked<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") } }
    }

    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:8420", true), ("127.0.0.1:1", true), ("[::1]:8420", true), ("[::1]", true),
        ("127.9.9.9", true), ("evil.example", false), ("127.0.0.1.evil.example", false),
        ("localhost.evil.example", false),
        ("192.168.1.7:8420", false), ("[::2]", false), ("", false), ("127.1", false),
    ])
    func onlyNamesOfThisMachineAreAnswered(host: String, isAnswered: Bool) async throws {
        let bench = bench(token: nil)
        let answer = try await bench.serve { port in
            (try await get("/streams", port, host: host).status, try await get("/healthz", port, host: host).status)
        }
        #expect(answer == (isAnswered ? 200 : 403, 200))
    }

    @Test func aServerForOthersTakesAnyName() async throws {
        var bench = bench()
        bench.options.host = "0.0.0.0"
        #expect(try await bench.serve { try await get("/streams", $0, host: "lookout.example").status } == 401)
        #expect(!HTTPSettings.isLoopback("0.0.0.0") && !HTTPSettings.isLoopback("::") && HTTPSettings.isLoopback("::1"))
    }
}

@Suite("Web TLS", .enabled(if: OpenSSL.available, "the openssl command is not installed"), .timeLimit(.minutes(10)))
struct TLSTests {
    @Test func pagesAreServedOverTLS() async throws {
        let folder = try TemporaryFolder()
        let pair = try OpenSSL.certificate("one", in: folder)
        var bench = WebBench()
        (bench.options.certificate, bench.options.key) = (pair.certificate, pair.key)
        bench.options.token = Secret("s3cret")
        var trusting = TLSConfiguration.makeClientConfiguration()
        trusting.trustRoots = .file(pair.certificate)
        let client = TestClient.Configuration(tlsConfiguration: trusting, serverName: "localhost")
        try await bench.serve { port in
            #expect(try await get("/healthz", port, client: client).status == 200)
            let cookie = try await get("/?token=s3cret", port, client: client).headers[.setCookie]
            #expect(try #require(cookie).hasSuffix("; Secure"))
        }
    }

    @Test func unusableFilesAreNamed() throws {
        let folder = try TemporaryFolder()
        let (one, other) = (try OpenSSL.certificate("one", in: folder), try OpenSSL.certificate("other", in: folder))
        let junk = try folder.write("junk".utf8, to: "junk.pem")
        let cases: [(String?, String?, String)] = [
            (one.certificate, nil, "tls_key"), (nil, one.key, "tls_certificate"),
            (folder.file("none.pem"), one.key, "none.pem"), (one.certificate, folder.file("none.pem"), "none.pem"),
            (junk, one.key, "junk.pem"), (one.certificate, junk, "junk.pem"),
            (one.certificate, other.key, "do not serve for HTTPS together"),
        ]
        for (certificate, key, words) in cases {
            var options = HTTPSettings(port: 0)
            (options.certificate, options.key) = (certificate, key)
            let error = #expect(throws: WebError.self) {
                try WebServer(options, board: Board(), version: "", logger: WebBench().logger) { .ok }
            }
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        }
    }
}

/// The `openssl` command.
enum OpenSSL {
    static let available = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    /// A certificate of "localhost" that vouches for itself.
    static func certificate(_ name: String, in folder: TemporaryFolder) throws -> (certificate: String, key: String) {
        let (certificate, key) = (folder.file("\(name).pem"), folder.file("\(name).key"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
            + [
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", certificate, "-keyout",
                key,
            ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (certificate, key)
    }
}
