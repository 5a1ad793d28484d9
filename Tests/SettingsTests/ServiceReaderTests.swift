import Streams
import TestSupport
import Testing

@testable import Settings

@Suite struct ServiceReaderTests {
    private let desk: Desk
    /// Just long enough.
    private static let token = "0123456789abcdef"

    init() throws { desk = try Desk() }

    @Test func defaults() throws {
        let settings = try desk.read(Desk.stream())
        #expect(settings.http?.host == "127.0.0.1" && settings.http?.port == 8420)
        #expect(settings.http?.token == nil && settings.http?.certificate == nil && settings.http?.key == nil)
        #expect(settings.threads == nil && settings.lanes == nil && settings.batch == 1)
        #expect(settings.streams.map(\.name) == ["gate"] && settings.warnings.isEmpty)
    }

    @Test func values() throws {
        try desk.write("-----BEGIN CERTIFICATE-----", to: "cert.pem")
        try desk.write("-----BEGIN EC PRIVATE KEY-----", to: "key.pem", mode: 0o600)
        try desk.write(Self.token, to: "token", mode: 0o600)
        let settings = try desk.read(
            Desk.service(
                """
                http = "0.0.0.0:0"
                token_file = "token"
                tls_certificate = "cert.pem"
                tls_key = "key.pem"
                threads = 4
                lanes = 2
                batch = 8
                """))
        #expect(settings.http?.host == "0.0.0.0" && settings.http?.port == 0)
        #expect(settings.http?.token == Secret(Self.token))
        #expect(settings.http?.certificate == desk.folder.file("cert.pem"))
        #expect(settings.http?.key == desk.folder.file("key.pem"))
        #expect(settings.threads == 4 && settings.lanes == 2 && settings.batch == 8)
        #expect(settings.warnings.isEmpty)
        #expect(try desk.read(Desk.service("http = \"off\"")).http == nil)
    }

    @Test func ranges() {
        #expect(
            desk.problems(Desk.service("threads = 0\nlanes = 2000\nbatch = 9")) == [
                "streams.conf:2:1: threads is 0; it must be 1 to 1024",
                "streams.conf:3:1: lanes is 2000; it must be 1 to 1024",
                "streams.conf:4:1: batch is 9; it must be 1 to 8",
            ])
        #expect(
            desk.problems(Desk.service("threads = 2\nlanes = 3")) == [
                "streams.conf:3:1: lanes is 3, but threads is 2; each lane takes a thread at least"
            ])
        #expect(
            desk.problems(Desk.service("threads = 1.0")) == [
                "streams.conf:2:1: threads is a number; expected a whole number from 1 to 1024, such as threads = 2"
            ])
    }

    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:8420", "::1", 8420), ("localhost:0", "localhost", 0),
        ("cam-1.example.org:65535", "cam-1.example.org", 65535),
    ]) func addresses(text: String, host: String, port: Int) {
        #expect(ServiceReader.address(text)?.host == host && ServiceReader.address(text)?.port == port)
    }

    @Test(arguments: [
        "", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "256.0.0.1:80", "::1:80", "[::g]:80",
        "http://127.0.0.1:80", "a b:80", "*:80",
    ]) func noAddresses(text: String) {
        #expect(ServiceReader.address(text) == nil)
        #expect(desk.problems(Desk.service("http = \"\(text)\"")).count == 1)
    }

    /// Whoever is not on this machine needs a token.
    @Test(arguments: ["0.0.0.0", "192.168.1.5", "[::]", "127.example.org", "camera"])
    func exposedWithoutToken(host: String) {
        let problems = desk.problems(Desk.service("http = \"\(host):80\""))
        #expect(problems.count == 1 && problems[0].hasPrefix("streams.conf:2:1: http: other machines"), "\(problems)")
    }

    @Test(arguments: ["127.0.0.1", "127.1.2.3", "[::1]", "localhost"]) func loopback(host: String) {
        #expect(desk.problems(Desk.service("http = \"\(host):80\"")) == [])
    }

    @Test func exposedWithATokenThatCanBeGuessed() {
        for http in ["0.0.0.0:80", "[::]:80"] {
            let text = Desk.service("http = \"\(http)\"\ntoken_env = \"T\"")
            #expect(
                desk.problems(text, environment: ["T": String(Self.token.dropLast())]) == [
                    "streams.conf:3:1: token_env names a token of less than 16 characters, which other machines can "
                        + "guess; make one with: openssl rand -hex 32"
                ])
            #expect(desk.problems(text, environment: ["T": Self.token]) == [])
        }
        #expect(desk.problems(Desk.service("token_env = \"T\""), environment: ["T": "s"]) == [])
    }

    @Test func exposedWithoutTLS() throws {
        try desk.write(Self.token, to: "token", mode: 0o600)
        let text = Desk.service("http = \"0.0.0.0:80\"\ntoken_file = \"token\"")
        #expect(desk.problems(text) == [])
        #expect(desk.warnings(text).map { $0.prefix(24) } == ["streams.conf:2:1: http: "])
    }

    @Test func halfOfTLS() throws {
        try desk.write("-----BEGIN CERTIFICATE-----", to: "cert.pem")
        #expect(
            desk.problems(Desk.service("tls_certificate = \"cert.pem\"")) == [
                "streams.conf:2:1: tls_certificate without tls_key; HTTPS takes both"
            ])
        #expect(
            desk.problems(Desk.service("tls_certificate = \"cert.pem\"\ntls_key = \"gone.pem\"")) == [
                "streams.conf:3:1: tls_key: FOLDER/gone.pem: No such file or directory"
            ])
    }

    @Test func otherFilesAsTLS() throws {
        try desk.write("-----BEGIN CERTIFICATE-----", to: "cert.pem")
        let text = Desk.service("tls_certificate = \"clip.mp4\"\ntls_key = \"cert.pem\"")
        #expect(
            desk.problems(text) == [
                "streams.conf:2:1: tls_certificate: FOLDER/clip.mp4 holds no CERTIFICATE; expected a PEM file",
                "streams.conf:3:1: tls_key: FOLDER/cert.pem holds no PRIVATE KEY; expected a PEM file",
            ])
        #expect(
            desk.warnings(text) == [
                "streams.conf:3:1: tls_key: everybody may read FOLDER/cert.pem; chmod o= FOLDER/cert.pem keeps it secret"
            ])
    }

    @Test func tokensThatNoHeaderHolds() {
        for token in ["two words", "schlüssel"] {
            #expect(
                desk.problems(Desk.service("token_env = \"T\""), environment: ["T": token]).map { $0.prefix(27) } == [
                    "streams.conf:2:1: token_env"
                ])
        }
    }
}
