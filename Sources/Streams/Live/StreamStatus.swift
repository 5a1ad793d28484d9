import Foundation
import Pipeline

/// A stream's state and counters: written by its stages, read by health checks, metrics and the live page.
public final class StreamStatus: Sendable {
    public let name: String
    private let current: Locked<StreamSnapshot>

    public init(name: String, source: String) {
        self.name = name
        current = Locked(StreamSnapshot(name: name, source: source))
    }

    public var snapshot: StreamSnapshot { current.withLock { $0 } }

    public func update(_ change: (inout StreamSnapshot) -> Void) { current.withLock { change(&$0) } }
}

/// What is known of a stream at one moment.
public struct StreamSnapshot: Sendable {
    public enum State: Hashable, Sendable {
        case connecting
        case up
        /// It failed, and is tried again at `retryAt`.
        case down(reason: String, message: String, retryAt: Date)
        /// Nothing more will come: a file's end.
        case ended
    }

    public let name: String
    /// File or URL, without credentials.
    public let source: String
    public var state = State.connecting
    /// Since when it has this state.
    public var since = Date()
    /// What ended it, when it `ended` before its time.
    public var endMessage: String?

    // What the source told when it came up.
    public var codec = ""
    public var width = 0
    public var height = 0
    public var nominalFramesPerSecond: Double?
    public var timeSource: EventStamp.TimeSource?

    /// Of the network's input for the newest analysed frame; 0 before the first.
    public var inputWidth = 0
    public var inputHeight = 0
    public var frames = FrameCounts()
    /// Packets and pictures that the decoder could make nothing of.
    public var decodeErrors = 0
    /// Network packets that the transport lost, as RTP's numbering tells.
    public var lostPackets = 0
    /// Connections after the first.
    public var reconnects = 0
    /// Capture time of the newest decoded frame.
    public var lastFrame: Date?
    /// From a packet's arrival to its frame's record in the log.
    public var latency = LatencyHistogram()
    /// By class name.
    public var detections: [String: Int] = [:]
    public var sinks: [SinkStatus] = []

    /// Puts in what is new of one of the sinks.
    mutating func set(_ sink: SinkStatus) {
        if let index = sinks.firstIndex(where: { $0.kind == sink.kind }) {
            sinks[index] = sink
        } else {
            sinks.append(sink)
        }
    }
}

/// Every frame, accounted for: decoded = analysed + dropped, by reason. (Frames in the middle of the way are counted
/// in `pending`.)
public struct FrameCounts: Hashable, Sendable {
    public enum Drop: String, Hashable, Sendable, CaseIterable {
        /// A newer frame came before the network had time for this one.
        case busy
        /// More frames than `max_fps` asks for.
        case rate
        /// Damaged, or built on damage.
        case corrupt
        /// The connection ended, or the stream, before its turn came.
        case stopped
        /// The network could not be run on it.
        case failed
    }

    /// Coded pictures that were not even decoded, to catch up.
    public enum Skip: String, Hashable, Sendable, CaseIterable {
        /// No other picture is built on it.
        case nonReference = "nonref"
        /// Anything but a key frame.
        case nonKey = "nonkey"
        /// Decoding fell so far behind that the queue before it was emptied.
        case overflow
    }

    public var decoded = 0
    public var analysed = 0
    public var dropped: [Drop: Int] = [:]
    public var skipped: [Skip: Int] = [:]

    public var allDropped: Int { dropped.values.reduce(0, +) }
    public var allSkipped: Int { skipped.values.reduce(0, +) }
    /// Waiting for the network, in it, or on the way to the log.
    public var pending: Int { decoded - analysed - allDropped }

    public init() {}
}

/// How long things took, in buckets as Prometheus counts them.
public struct LatencyHistogram: Hashable, Sendable {
    /// Upper bounds in seconds; above the last is one bucket more.
    public static let bounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// One count for each bound and one above; each counts its own bucket only.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    public private(set) var sum = 0.0

    public var count: Int { counts.reduce(0, +) }

    public init() {}

    public mutating func add(_ seconds: Double) {
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }
}

/// One of a stream's outputs.
public struct SinkStatus: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case events, video
    }

    public var kind: Kind
    /// File or URL, without credentials.
    public var target: String
    /// Why it does not take anything now; `nil`: it works.
    public var failure: String?
    /// Records or frames written.
    public var written = 0
    /// Records or frames lost: to a failure, or for want of time.
    public var lost = 0

    public init(kind: Kind, target: String) {
        self.kind = kind
        self.target = target
    }
}
