import Media
import Streams
import TestSupport
import Testing

@testable import Settings

@Suite struct SecretsTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    private func camera(_ lines: String) -> String {
        "[stream.gate]\nurl = \"rtsp://h/x\"\nweights = \"tiny.weights\"\nusername = \"viewer\"\n\(lines)"
    }

    /// The password that is found, and what is said.
    private func password(_ lines: String, _ environment: [String: String] = [:]) throws -> String? {
        try desk.read(camera(lines), environment: environment).streams.first?.source.credentials?.password
    }

    @Test func file() throws {
        #expect(try password("password_file = \"password\"") == "s3cret")
        try desk.write(" two words \r\n\n", to: "spaced", mode: 0o600)
        #expect(try password("password_file = \"\(desk.folder.file("spaced"))\"") == " two words ")
    }

    @Test func environment() throws {
        #expect(try password("password_env = \"GATE\"", ["GATE": "a b"]) == "a b")
        #expect(
            desk.problems(camera("password_env = \"GATE\"")) == [
                "streams.conf:5:1: password_env: the environment has no such variable GATE"
            ])
        #expect(
            desk.problems(camera("password_env = \"GATE\""), environment: ["GATE": ""]) == [
                "streams.conf:5:1: password_env names a secret that is empty"
            ])
    }

    /// Who writes the password where its variable's name belongs does not find it in the log.
    @Test func aPasswordInPlaceOfItsName() {
        #expect(!desk.problems(camera("password_env = \"hunter2\"")).joined().contains("hunter2"))
        for name in ["88888888", "1a", "a b", "a-b", "ä", "$X"] {
            #expect(
                desk.problems(camera("password_env = \"\(name)\""), environment: [name: "x"]) == [
                    "streams.conf:5:1: password_env is no name of an environment variable; expected one such as "
                        + "\"GATE_PASSWORD\""
                ])
        }
        #expect(!desk.problems(camera("password_credential = \"hunter/2\"")).joined().contains("hunter"))
        let problems = desk.problems(camera("password = \"hunter2\"\npassword_file = \"password\""))
        #expect(problems.count == 1 && problems[0].contains("password_file, password_env or password_credential"))
        #expect(!problems.joined().contains("hunter2"))
    }

    @Test func credential() throws {
        let environment = ["CREDENTIALS_DIRECTORY": desk.folder.path]
        // Their folder is the service's own, whatever their mode.
        try desk.write("s3cret", to: "gate", mode: 0o644)
        #expect(try password("password_credential = \"gate\"", environment) == "s3cret")
        #expect(desk.warnings(camera("password_credential = \"gate\""), environment: environment) == [])
        #expect(
            desk.problems(camera("password_credential = \"gone\""), environment: environment) == [
                "streams.conf:5:1: password_credential: FOLDER/gone: No such file or directory"
            ])
        #expect(desk.problems(camera("password_credential = \"gate\""))[0].contains("CREDENTIALS_DIRECTORY is not set"))
        for path in ["../password", "..", "/etc/passwd"] {
            #expect(
                desk.problems(camera("password_credential = \"\(path)\""), environment: environment)[0]
                    .contains("is a path"))
        }
    }

    @Test func filesThatAreNoPassword() throws {
        try desk.write("", to: "empty", mode: 0o600)
        try desk.write("a\nb\n", to: "lines", mode: 0o600)
        try desk.write(String(repeating: "x", count: 5000), to: "long", mode: 0o600)
        try desk.folder.write([0xFF, 0xFE], to: "binary")
        for (name, words) in [
            ("empty", "is empty"), ("lines", "control characters"), ("long", "more than the 4096 bytes"),
            ("binary", "UTF-8"), ("gone", "No such file"), (".", "is a folder"), ("/dev/zero", "is no regular file"),
        ] {
            let problems = desk.problems(camera("password_file = \"\(name)\""))
            #expect(problems.count == 1 && problems[0].contains(words), "\(problems)")
        }
    }

    @Test func filesThatEverybodyReads() throws {
        try desk.write("s3cret", to: "open", mode: 0o644)
        #expect(
            desk.warnings(camera("password_file = \"open\"")) == [
                "streams.conf:5:1: password_file: everybody may read FOLDER/open; chmod o= FOLDER/open keeps it secret"
            ])
        #expect(desk.warnings(camera("password_file = \"password\"")) == [])
    }

    @Test func userAndPasswordNeedEachOther() {
        #expect(
            desk.problems(camera("")) == [
                "streams.conf:4:1: username has no password; name it with password_file, password_env or password_credential"
            ])
        #expect(
            desk.problems(
                "[stream.gate]\nurl = \"rtsp://h/x\"\nweights = \"tiny.weights\"\npassword_file = \"password\"") == [
                    "streams.conf:4:1: password_file has no user; give username"
                ])
    }

    @Test func twoWays() {
        #expect(
            desk.problems(camera("password_env = \"A\"\npassword_file = \"password\"")) == [
                "streams.conf:5:1: password_file and password_env name the same secret; keep one of them"
            ])
    }

    /// No error, warning or description shows a secret.
    @Test func neverShown() throws {
        let settings = try desk.read(
            camera("password_file = \"password\"\n[service]\ntoken_env = \"TOKEN\""), environment: ["TOKEN": "t0ken"])
        #expect(settings.http?.token?.value == "t0ken")
        #expect("\(settings)".contains("***"))
        #expect(!"\(settings)".contains("s3cret") && !"\(settings)".contains("t0ken"))
        #expect(!String(reflecting: settings).contains("t0ken"))
    }
}
