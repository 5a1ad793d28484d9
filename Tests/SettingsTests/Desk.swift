import Foundation
import TestSupport

@testable import Settings

/// A folder with a network, a clip and a password, and configurations read as if they lay there.
struct Desk {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        _ = try TinyNetwork.write(to: folder)
        try write("cat\nperson\n", to: "tiny.names")
        try write("not really", to: "clip.mp4")
        try write("s3cret\n", to: "password", mode: 0o600)
    }

    @discardableResult
    func write(_ text: String, to name: String, mode: Int = 0o644) throws -> String {
        let path = try folder.write(text.utf8, to: name)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    func read(_ text: String, environment: [String: String] = [:]) throws(SettingsErrors) -> ServiceSettings {
        try ServiceSettings(text: text, file: "streams.conf", folder: folder.path, environment: environment)
    }

    /// What is wrong with it, a line each, with FOLDER for the folder's path.
    func problems(_ text: String, environment: [String: String] = [:]) -> [String] {
        do {
            _ = try read(text, environment: environment)
            return []
        } catch {
            return lines(error.problems)
        }
    }

    /// What it warns of, sound or not.
    func warnings(_ text: String, environment: [String: String] = [:]) -> [String] {
        do {
            return lines(try read(text, environment: environment).warnings)
        } catch {
            return lines(error.warnings)
        }
    }

    private func lines(_ problems: [Problem]) -> [String] {
        problems.map { $0.description.replacingOccurrences(of: folder.path, with: "FOLDER") }
    }

    /// A stream that is as it should be, and more of its lines, which start at line 5.
    static func stream(_ lines: String = "") -> String {
        """
        [stream.gate]
        url = "clip.mp4"
        weights = "tiny.weights"
        names = "tiny.names"
        \(lines)
        """
    }

    /// The stream of `stream(_:)` below a service, whose first line is 2.
    static func service(_ lines: String) -> String { "[service]\n\(lines)\n\(stream())" }
}
