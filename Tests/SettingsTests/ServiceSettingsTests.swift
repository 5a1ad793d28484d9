import Foundation
import Streams
import TestSupport
import Testing

@testable import Settings

@Suite struct ServiceSettingsTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    private func problems(ofFile path: String) -> [String] {
        do {
            _ = try ServiceSettings(contentsOf: path, environment: [:])
            return []
        } catch {
            return error.problems.map { $0.description.replacingOccurrences(of: desk.folder.path, with: "FOLDER") }
        }
    }

    @Test func pathsStartAtTheFilesFolder() throws {
        let path = try desk.write(Desk.stream(), to: "any.conf")
        let settings = try ServiceSettings(contentsOf: path, environment: [:])
        #expect(settings.streams.first?.source.url == desk.folder.file("clip.mp4"))
    }

    @Test func byteOrderMarkAndWindowsLineEnds() throws {
        let text = "\u{FEFF}" + Desk.stream("threshold = 5").replacing("\n", with: "\r\n")
        #expect(
            problems(ofFile: try desk.write(text, to: "a.conf")) == [
                "FOLDER/a.conf:5:1: threshold is 5; it must be 0 to 1"
            ])
    }

    @Test func filesThatCannotBeRead() throws {
        mkfifo(desk.folder.file("fifo"), 0o600)
        try desk.write(Desk.stream() + String(repeating: "#", count: 10 << 20), to: "large")
        for (name, problem) in [
            ("gone", "No such file or directory"), (".", "is a folder; expected a file"),
            ("fifo", "is no regular file"),
            ("large", "holds more than the 524288 bytes expected of it"),
        ] {
            #expect(problems(ofFile: desk.folder.file(name)) == ["FOLDER/\(name): \(problem)"])
        }
        #expect(problems(ofFile: "").count == 1)
    }

    @Test func otherEncodings() throws {
        let latin1: [UInt8] = [0x23, 0x0A, 0x23, 0x20, 0xC3, 0xA4, 0xE4, 0x0A]
        #expect(
            problems(ofFile: try desk.folder.write(latin1, to: "latin1")) == [
                "FOLDER/latin1:2:4: is not UTF-8 text; save the file as UTF-8"
            ])
        #expect(
            problems(ofFile: try desk.folder.write([0xFF, 0xFE, 0x5B, 0x00], to: "utf16"))[0].contains(":1:1: is not"))
        let cut = Array("# \u{FFFD} ".utf8) + [0xE2, 0x82]
        #expect(problems(ofFile: try desk.folder.write(cut, to: "cut"))[0].contains("cut:1:5: is not UTF-8"))
        #expect(
            problems(ofFile: try desk.folder.write([0x23, 0x00], to: "zero"))[0].contains(
                ":1:2: is no TOML: holds the character"))
    }

    @Test func empty() throws {
        #expect(
            problems(ofFile: try desk.write("", to: "empty")) == [
                "FOLDER/empty:1:1: no streams; add a section such as [stream.gate] with a url"
            ])
    }

    /// As much as a file can hold is read, or refused, in little time.
    @Test(.timeLimit(.minutes(10)), arguments: large.keys.sorted()) func largeFiles(name: String) throws {
        let text = try #require(Self.large[name])
        #expect(text.utf8.count > 250_000)
        let found = problems(ofFile: try desk.write(text, to: "large.conf"))
        #expect(!found.isEmpty && found.count <= 501)
        #expect(found.allSatisfy { $0.utf8.count < 400 })
    }

    @Test func moreProblemsThanAnyoneReads() {
        let found = desk.problems((0..<600).map { "key\($0) = 1\n" }.joined())
        #expect(found.count == 501 && found.last == "streams.conf: further problems are left out")
    }

    private static let large = [
        "list": "x = [" + String(repeating: "1,", count: 250_000) + "]",
        "the same section": String(repeating: "[stream.gate]\n", count: 37_000),
        "sections": (0..<20_000).map { "[stream.s\($0)]\n" }.joined(),
        "keys": (0..<30_000).map { "key\($0) = 1\n" }.joined(),
        "unknown defaults": "[defaults]\n" + (0..<30_000).map { "key\($0) = 1\n" }.joined(),
        "classes": "[stream.gate.class_thresholds]\n" + (0..<30_000).map { "k\($0) = 1\n" }.joined(),
        "text": "x = \"\"\"" + String(repeating: "\n", count: 500_000),
        "comments": String(repeating: "#\n", count: 250_000),
        "key": String(repeating: "x", count: 500_000) + " = 1",
        "key of defaults": "[defaults]\n" + String(repeating: "x", count: 500_000) + " = 1",
    ]

    @Test func theFileToRead() throws {
        #expect(try ServiceSettings.path(named: "my.conf") == "my.conf")
        #expect(ServiceSettings.defaultPaths == ["streams.conf", "/etc/lookout/streams.conf"])
    }

    /// Equal settings leave a stream alone when the file is read again.
    @Test func readTwice() throws {
        let text = Desk.stream("events = \"e\"\nvideo = \"v.mkv\"\nclasses = [\"cat\", \"person\"]")
        #expect(try desk.read(text) == desk.read(text))
        #expect(try desk.read(text) != desk.read(text.replacing("e\"", with: "f\"")))
    }
}
