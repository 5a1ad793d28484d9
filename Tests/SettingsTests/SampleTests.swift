import Darknet
import Foundation
import Media
import Streams
import TestSupport
import Testing

@testable import Settings

/// The `streams.conf` that ships.
@Suite struct SampleTests {
    private let folder: TemporaryFolder
    private let text: String

    /// The text with its folders moved to a test's own, where the files that it names lie.
    init() throws {
        folder = try TemporaryFolder()
        for name in ["etc", "lib", "log", "models"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: false)
        }
        try folder.write("s3cret\n".utf8, to: "etc/gate.password")
        chmod(folder.file("etc/gate.password"), 0o600)
        try folder.write([1], to: "lib/sample.mp4")
        try Self.writeWeights("yolov2-tiny", to: folder.file("models/yolov2-tiny.weights"))
        text = try Self.shipped()
            .replacing("/etc/lookout", with: folder.file("etc"))
            .replacing("/var/lib/lookout", with: folder.file("lib"))
            .replacing("/var/log/lookout", with: folder.file("log"))
    }

    static func shipped() throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try String(
            contentsOf: tests.appendingPathComponent("../../streams.conf").standardizedFileURL, encoding: .utf8)
    }

    /// A file of the network's size, which takes no room on the disk.
    private static func writeWeights(_ name: String, to path: String) throws {
        let config = try #require(NetworkConfig.builtIn(name))
        let header: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
        try Data(header).write(to: URL(fileURLWithPath: path))
        truncate(path, off_t(header.count + 4 * (try config.parameterCount().stored)))
    }

    private func read(_ text: String) throws(SettingsErrors) -> ServiceSettings {
        try ServiceSettings(
            text: text, file: "streams.conf", folder: folder.path,
            environment: ["LOOKOUT_MODELS": folder.file("models")])
    }

    @Test func isSound() throws {
        let settings = try read(text)
        #expect(settings.warnings.isEmpty, "\(settings.warnings)")
        #expect(settings.streams.map(\.name) == ["gate", "yard", "sample"])
        let gate = try #require(settings.streams.first)
        #expect(gate.source.credentials == Credentials(username: "viewer", password: "s3cret"))
        #expect(gate.events?.path == folder.file("log/events.jsonl"))
        #expect(gate.video?.target == .segments(path: folder.file("lib/video/gate.mkv"), seconds: 600))
    }

    /// Lines `#key = value` are defaults: without the `#`, one by one and all at once, they change nothing.
    @Test func defaultsAreTheDefaults() throws {
        let settings = try read(text)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let defaults = lines.indices.filter { lines[$0].contains(#/^#[a-z_]+ = /#) }
        #expect(defaults.count >= 20)
        var all = lines
        for index in defaults {
            var one = lines
            one[index].removeFirst()
            all[index].removeFirst()
            #expect(try read(one.joined(separator: "\n")) == settings, "\(lines[index])")
        }
        #expect(try read(all.joined(separator: "\n")) == settings)
    }

    @Test(arguments: Key.allCases) func everyKeyIsThere(key: Key) {
        #expect(text.contains(try! Regex("(?m)^(# ?)?\(key.rawValue) = ")), "\(key.rawValue)")
    }

    /// The lines `# key = value` are examples of keys that exist, in TOML.
    @Test func examplesAreKeys() throws {
        let examples = text.split(separator: "\n").filter { $0.contains(#/^# [a-z_]+ = /#) }.map { $0.dropFirst(2) }
        #expect(examples.count >= 15)
        for example in examples {
            let root = try Document.parse(String(example), file: "")
            #expect(root.keys.allSatisfy { Key(rawValue: $0) != nil }, "\(example)")
        }
    }

    /// What messages show as an example is a good value itself.
    @Test func examplesOfMessages() throws {
        let desk = try Desk()
        let elsewhere: Set<Key> = [
            .url, .model, .weights, .cfg, .names, .tree, .map, .classes, .events, .video, .username, .videoUsername,
            .precision,
            .calibration,
        ]
        let secrets = SecretReference.camera.keys + SecretReference.video.keys
        for key in Key.stream where !elsewhere.contains(key) && !secrets.contains(key) {
            #expect(desk.problems(Desk.stream("\(key.rawValue) = \(key.example)")) == [])
        }
        for key in [Key.http, .threads, .lanes, .batch] {
            #expect(desk.problems(Desk.service("\(key.rawValue) = \(key.example)")) == [])
        }
    }
}
