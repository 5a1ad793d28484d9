import Pipeline

/// The event log of a service: appended to for months, by several streams. It is never in their way: what cannot be
/// written is counted and tried again a second later, and the first record that succeeds comes after a `gap` record for
/// each stream that lost some.
///
/// From any thread. Closed when the last reference goes. `EventFiles` makes one a path.
public final class EventFile: Sendable {
    public enum Outcome: Hashable, Sendable {
        case written
        case lost(reason: String)
    }

    private let notify: @Sendable (EventFileNotice) -> Void
    private let state: Locked<EventFileState>

    /// Touches no disk: the first record opens the file, made with its folders where they are missing.
    ///
    /// - Parameter notify: told what the diagnostics should hold, on the thread whose call brought it about.
    init(
        _ settings: EventFileSettings, calls: FileCalls = FileCalls(),
        notify: @escaping @Sendable (EventFileNotice) -> Void
    ) {
        self.notify = notify
        state = Locked(EventFileState(settings, calls: calls))
    }

    /// Waits for the disk at most: one write(2). While the file cannot be written, only one call a second tries, and
    /// each that brings a `stream_end`.
    ///
    /// - Parameters:
    ///   - line: a record with its line feed (`EventRecord.line`).
    ///   - stream: whose account it is on.
    public func append(_ line: [UInt8], stream: String) -> Outcome { withState { $0.append(line, stream) } }

    /// What an earlier process left of the stream; told once. Ask whenever the stream comes up: while the file cannot
    /// be opened, the answer is `nil` and stays to be told.
    public func unfinished(stream: String) -> UnfinishedStream? { withState { $0.takeUnfinished(stream) } }

    /// One stream's part: written and lost make all that it appended.
    public func status(of stream: String) -> SinkStatus { withState { $0.status(of: stream) } }

    /// All streams' together.
    public var status: SinkStatus { withState { $0.status } }

    /// Follows a program that moved the file and says so; also tries at once what failed.
    public func reopen() { withState { $0.reopen() } }

    /// For all who share it: what they append later is lost.
    public func close() { withState { $0.close() } }

    /// Rotates by these settings from now on.
    func change(_ settings: EventFileSettings) { withState { $0.change(settings) } }

    /// Notices leave with no lock held: who is told may wait for a slow terminal.
    private func withState<Result>(_ body: (inout EventFileState) -> Result) -> Result {
        let (result, notices) = state.withLock { (body(&$0), $0.takeNotices()) }
        for notice in notices { notify(notice) }
        return result
    }
}

/// Something about an event log for the diagnostics of the service.
public struct EventFileNotice: Hashable, Sendable, CustomStringConvertible {
    public let path: String
    public let message: String
    /// As against something that went as it should.
    public let isProblem: Bool

    public var description: String { "\(path == "-" ? "standard output" : path): \(message)" }
}
