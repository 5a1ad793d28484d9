import Foundation
import Streams

/// What `streams.conf` says, defaults filled in, everything checked that can be without opening a stream.
public struct ServiceSettings: Hashable, Sendable {
    /// `nil`: no HTTP.
    public var http: HTTPSettings? = HTTPSettings()
    /// Cores the network computes with; `nil`: all that this process may use.
    public var threads: Int?
    /// Frames analysed side by side, at most `threads` where both are given; `nil`: as many as threads, at most 8.
    public var lanes: Int?
    /// Frames of several streams put through the network together, 1...8.
    public var batch = 1
    /// The enabled ones, in the order of the file. Never empty.
    public var streams: [StreamSettings] = []
    /// What was probably not meant so.
    public var warnings: [Problem] = []

    public init(streams: [StreamSettings]) { self.streams = streams }

    /// Looked for in this order where no file is named.
    public static let defaultPaths = ["streams.conf", "/etc/lookout/streams.conf"]

    /// The file to read: the one named, or the first of `defaultPaths` that is there.
    public static func path(named name: String?) throws(SettingsErrors) -> String {
        if let name { return name }
        if let found = defaultPaths.first(where: FileManager.default.fileExists(atPath:)) { return found }
        throw SettingsErrors(
            Problem(
                file: defaultPaths[0], position: nil,
                message: "no such file here, and no \(defaultPaths[1]); name the configuration"))
    }

    /// Reads a file of at most 512 KiB and the files it names.
    ///
    /// - Parameter environment: where `*_env` and `*_credential` look.
    /// - Throws: every problem at once; of what is no TOML the first.
    public init(contentsOf path: String, environment: [String: String]) throws(SettingsErrors) {
        let text: String
        do {
            let bytes = try SmallFile(path, limit: Self.byteLimit).bytes
            text = try Self.text(of: bytes, file: path)
        } catch let failure as SmallFile.Failure {
            throw SettingsErrors(Problem(file: path, position: nil, message: failure.message))
        } catch let errors as SettingsErrors {
            throw errors
        } catch {
            throw SettingsErrors(Problem(file: path, position: nil, message: "\(error)"))
        }
        try self.init(text: text, file: path, folder: Paths.folder(of: path), environment: environment)
    }

    /// - Parameters:
    ///   - file: its name in messages; no output may take its place.
    ///   - folder: that its paths are relative to; empty: the current one.
    init(text: String, file: String, folder: String, environment: [String: String]) throws(SettingsErrors) {
        let root = try Document.parse(text, file: file)
        let findings = Findings(file: file)
        self = SettingsReader(findings: findings, folder: folder, environment: environment).read(root)
        warnings = findings.warnings
        guard findings.problems.isEmpty else { throw SettingsErrors(findings.problems, warnings: warnings) }
    }

    private static let byteLimit = 512 << 10

    private static func text(of bytes: [UInt8], file: String) throws(SettingsErrors) -> String {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let bytes = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        // The first place that decoding has to repair; U+FFFD written out is three bytes, and the same in both.
        let repaired = String(decoding: bytes, as: UTF8.self).utf8
        let good = zip(bytes, repaired).prefix { $0 == $1 }.count
        let before = String(decoding: bytes.prefix(good), as: UTF8.self).unicodeScalars
        let line = before.split(separator: "\n", omittingEmptySubsequences: false)
        let position = Position(line: line.count, column: (line.last?.count ?? 0) + 1)
        throw SettingsErrors(
            Problem(file: file, position: position, message: "is not UTF-8 text; save the file as UTF-8"))
    }
}
