import Synchronization

/// Tells how long a stage has been at its present piece of work, so that one that hangs is found out. A stage that waits
/// for work is well, however long it waits.
///
/// Written by the stage's thread, read by any; neither ever waits.
public final class Heartbeat: Sendable {
    /// The stage, as messages call it: its thread's name, mostly.
    public let name: String
    /// When the present piece was taken up, in nanoseconds of the monotonic clock; 0: none.
    private let began = Atomic<UInt64>(0)

    init(name: String) { self.name = name }

    /// The stage takes up a piece of work; what it had before, if anything, is done.
    public func begin() { began.store(MonotonicTime.now.nanoseconds, ordering: .relaxed) }

    /// The stage waits for the next piece.
    public func end() { began.store(0, ordering: .relaxed) }

    /// Seconds that the present piece has taken; 0 while the stage waits.
    public var busySeconds: Double { busySeconds(at: .now) }

    func busySeconds(at now: MonotonicTime) -> Double {
        let began = began.load(ordering: .relaxed)
        // The piece may have been taken up after `now` was read.
        return began == 0 ? 0 : max(0, now - MonotonicTime(nanoseconds: began))
    }
}

/// The heartbeats of all stages that there are now. May be used from any thread.
public final class Heartbeats: Sendable {
    /// A stage that has been at one piece of work for too long.
    public struct Stuck: Hashable, Sendable {
        public let name: String
        public let seconds: Double
    }

    private struct Entry {
        weak var heartbeat: Heartbeat?
    }

    private let entries = Locked<[Entry]>([])

    public init() {}

    /// A heartbeat that counts for as long as its stage keeps it.
    public func make(_ name: String) -> Heartbeat {
        let heartbeat = Heartbeat(name: name)
        entries.withLock { entries in
            // Streams come and go for months: the room of those that went is used again.
            entries.removeAll { $0.heartbeat == nil }
            entries.append(Entry(heartbeat: heartbeat))
        }
        return heartbeat
    }

    /// Stages whose present piece of work has taken longer than so many seconds, in the order they were made.
    public func stuck(longerThan limit: Double) -> [Stuck] { stuck(longerThan: limit, at: .now) }

    func stuck(longerThan limit: Double, at now: MonotonicTime) -> [Stuck] {
        entries.withLock { $0.compactMap(\.heartbeat) }.compactMap { heartbeat in
            let seconds = heartbeat.busySeconds(at: now)
            return seconds > limit ? Stuck(name: heartbeat.name, seconds: seconds) : nil
        }
    }

    /// Entries kept, those of gone stages among them.
    var count: Int { entries.withLock { $0.count } }
}
