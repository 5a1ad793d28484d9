import Foundation
public import Logging
import Streams

/// Writes log messages to stderr, each as one whole line. Where stderr is systemd's journal, the line begins with its
/// priority (`<4>`, sd-daemon(3)); elsewhere with the program's name and, from warnings up, with the level in words:
///
///     <4>gate: connection lost          lookout: warning: gate: connection lost
///
/// The metadata `stream` goes before the message, other metadata after it.
public struct JournalLog: LogHandler {
    public var metadata = Logger.Metadata()
    public var logLevel = Logger.Level.info
    private let descriptor: Int32
    private let isJournal: Bool

    public init() { self.init(descriptor: STDERR_FILENO, environment: ProcessInfo.processInfo.environment) }

    init(descriptor: Int32, environment: [String: String]) {
        self.descriptor = descriptor
        isJournal = Self.isJournal(descriptor, environment)
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        var line = isJournal ? "<\(Self.priority(event.level))>" : "lookout: \(Self.word(event.level))"
        if let stream = metadata["stream"] { line += "\(visible("\(stream)")): " }
        line += visible("\(event.message)")
        if let error = event.error { line += ": " + visible("\(error)") }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != "stream" {
            line += visible(" \(key)=\(value)")
        }
        write(line + "\n")
    }

    /// In one call, so that lines of several threads do not mix. A stderr that is gone leaves nothing to be done.
    private func write(_ line: String) {
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Whether the descriptor is the one that systemd connected to the journal: it may have been redirected since.
    private static func isJournal(_ descriptor: Int32, _ environment: [String: String]) -> Bool {
        guard let name = environment["JOURNAL_STREAM"] else { return false }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { return false }
        return name == "\(information.st_dev):\(information.st_ino)"
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static func word(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "\(level): "
        case .info, .notice: ""
        case .warning: "warning: "
        case .error, .critical: "error: "
        }
    }
}
