import Pipeline

/// All streams of the service, for those who look on: health checks, metrics, the live page.
public final class Board: Sendable {
    /// A stream as it is shown.
    public struct Entry: Sendable {
        public var status: StreamStatus
        /// `nil`: its pictures are not shown.
        public var preview: Preview?

        public init(status: StreamStatus, preview: Preview?) {
            self.status = status
            self.preview = preview
        }
    }

    /// The newest records of all streams.
    public let feed = EventFeed()
    private let entries = Locked<[String: Entry]>([:])

    public init() {}

    public func add(_ entry: Entry) { entries.withLock { $0[entry.status.name] = entry } }

    /// Takes the entry away if it is still this one's.
    public func remove(_ status: StreamStatus) {
        entries.withLock { if $0[status.name]?.status === status { $0[status.name] = nil } }
    }

    /// By name.
    public var all: [Entry] {
        entries.withLock { $0.values.sorted { $0.status.name < $1.status.name } }
    }

    public subscript(name: String) -> Entry? { entries.withLock { $0[name] } }
}
