import Foundation
import Pipeline
import Synchronization

/// The newest records of all streams, for those who follow them: a slow reader loses records, never the writer time.
public final class EventFeed: Sendable {
    /// A record as it is passed on.
    public struct Entry: Sendable {
        /// Names the record to `subscribe(_:after:)`.
        public var id: String { "\(epoch)-\(number)" }
        /// As in the record: `frame`, `stream_up`, ...
        public let type: String
        public let stream: String
        /// A JSON object with its line feed.
        public let line: [UInt8]
        fileprivate let epoch: String
        fileprivate let number: Int
        fileprivate let isNews: Bool
    }

    /// What a reader wants to see.
    public struct Filter: Sendable {
        /// `nil`: all streams.
        public var stream: String?
        /// Frames in which nothing was found are left out.
        public var onlyNews: Bool

        public init(stream: String? = nil, onlyNews: Bool = false) {
            self.stream = stream
            self.onlyNews = onlyNews
        }

        fileprivate func matches(_ entry: Entry) -> Bool {
            (entry.isNews || !onlyNews) && (stream == nil || stream == entry.stream)
        }
    }

    /// Records kept for readers to come.
    static let keptEntries = 200
    /// Records kept for a reader that is behind.
    static let readerEntries = 256

    private struct State {
        var published = 0
        var newest = Ring(capacity: keptEntries)
        /// Apart, since frames in which nothing was found are many.
        var news = Ring(capacity: keptEntries)
        var readers: [ObjectIdentifier: Reader] = [:]
    }

    private let state = Locked(State())
    /// Tells this feed's ids from those of an earlier process.
    private let epoch = String(Int(Date().timeIntervalSince1970 * 1000), radix: 36)

    public init() {}

    /// - Parameter line: the record as written, with its line feed.
    public func publish(_ record: EventRecord, line: [UInt8]) {
        state.withLock { state in
            state.published += 1
            let entry = Entry(
                type: record.type, stream: record.stamp.stream, line: line, epoch: epoch, number: state.published,
                isNews: record.isNews)
            state.newest.append(entry)
            if entry.isNews { state.news.append(entry) }
            // With the lock held, so that all get the records in the order of their ids; an offer never waits.
            for reader in state.readers.values { reader.offer(entry) }
        }
    }

    /// What the feed still has, then what comes.
    ///
    /// - Parameter lastID: of the last record that the reader knows; it gets newer ones only.
    public func subscribe(_ filter: Filter = Filter(), after lastID: String? = nil) -> Subscription {
        let (entries, continuation) = AsyncStream.makeStream(
            of: Entry?.self, bufferingPolicy: .bufferingNewest(Self.readerEntries))
        let reader = Reader(continuation, filter)
        let known = lastID.map(number)
        let isBroken = state.withLock { state in
            let kept = filter.onlyNews ? state.news : state.newest
            for entry in kept.entries where entry.number > known ?? 0 { reader.offer(entry) }
            state.readers[ObjectIdentifier(reader)] = reader
            return known.map { $0 < max(1, kept.newestForgotten) } ?? false
        }
        continuation.onTermination = { [weak self, key = ObjectIdentifier(reader)] _ in
            self?.state.withLock { $0.readers[key] = nil }
        }
        return Subscription(isBroken: isBroken, entries: entries, reader: reader)
    }

    /// Those who follow at this moment.
    var readerCount: Int { state.withLock { $0.readers.count } }

    /// 0: not one of this feed's.
    private func number(of id: String) -> Int {
        let parts = id.split(separator: "-")
        guard parts.count == 2, parts[0] == epoch else { return 0 }
        return Int(parts[1]) ?? 0
    }

    /// A reader's place in the feed, given up with the last reference to `entries`.
    public struct Subscription: Sendable {
        /// Records may be missing between the reader's last and the first that it gets: that one is forgotten, or was
        /// an earlier process's.
        public let isBroken: Bool
        /// `nil` is a `pulse()`.
        public let entries: AsyncStream<Entry?>
        fileprivate let reader: Reader

        /// Wakes the reader though there is nothing new.
        public func pulse() { reader.put(nil) }

        /// Records that the reader was too slow for, since the last call.
        public func takeLost() -> Int { reader.lost.exchange(0, ordering: .relaxed) }
    }

    /// The feed's end of a subscription.
    fileprivate final class Reader: Sendable {
        let lost = Atomic(0)
        private let continuation: AsyncStream<Entry?>.Continuation
        private let filter: Filter

        init(_ continuation: AsyncStream<Entry?>.Continuation, _ filter: Filter) {
            self.continuation = continuation
            self.filter = filter
        }

        func offer(_ entry: Entry) {
            if filter.matches(entry) { put(entry) }
        }

        func put(_ entry: Entry?) {
            if case .dropped(.some) = continuation.yield(entry) { lost.add(1, ordering: .relaxed) }
        }
    }

    /// The newest entries, oldest first.
    private struct Ring {
        private let capacity: Int
        private var slots: [Entry] = []
        private var oldest = 0
        /// Its number; 0: none is.
        private(set) var newestForgotten = 0

        init(capacity: Int) { self.capacity = capacity }

        var entries: [Entry] { Array(slots[oldest...] + slots[..<oldest]) }

        mutating func append(_ entry: Entry) {
            guard slots.count == capacity else { return slots.append(entry) }
            newestForgotten = slots[oldest].number
            slots[oldest] = entry
            oldest = (oldest + 1) % capacity
        }
    }
}

extension EventRecord {
    /// Anything but a frame in which nothing was found.
    fileprivate var isNews: Bool {
        if case .frame(let frame) = self { !frame.detections.isEmpty } else { true }
    }
}
