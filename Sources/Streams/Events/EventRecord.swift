import Detection
import Foundation

/// One line of the event log. The format is a contract with those who read it (`EventSchema`): changes only add.
public enum EventRecord: Sendable {
    case streamUp(StreamUp)
    case streamDown(StreamDown)
    case gap(Gap)
    case frame(FrameRecord)
    case streamEnd(StreamEnd)

    public static let version = 1

    /// As readers of the log know it.
    public var type: String {
        switch self {
        case .streamUp: "stream_up"
        case .streamDown: "stream_down"
        case .gap: "gap"
        case .frame: "frame"
        case .streamEnd: "stream_end"
        }
    }

    public var stamp: EventStamp {
        switch self {
        case .streamUp(let up): up.stamp
        case .streamDown(let down): down.stamp
        case .gap(let gap): gap.stamp
        case .frame(let frame): frame.stamp
        case .streamEnd(let end): end.stamp
        }
    }
}

/// Which stream a record is of, and when.
public struct EventStamp: Sendable {
    public var stream: String
    /// Capture time, or when it was noticed where there is no picture; `nil` where nothing tells it.
    public var time: Date?
    public var timeSource: TimeSource

    public enum TimeSource: String, Sendable {
        /// A recording's creation time, or the start time given for it, plus the frame's.
        case file
        /// The camera's clock, by its RTCP sender reports.
        case rtcp
        /// This machine's clock, when the picture's packet arrived or what the record tells happened.
        case arrival
    }

    public init(stream: String, time: Date?, timeSource: TimeSource) {
        self.stream = stream
        self.time = time
        self.timeSource = timeSource
    }
}

/// A stream starts to be watched: what it is and what looks at it.
public struct StreamUp: Sendable {
    public var stamp: EventStamp
    /// File or URL, without credentials.
    public var source: String
    public var codec: String
    public var width: Int
    public var height: Int
    public var framesPerSecond: Double?
    public var network: String
    public var inputWidth: Int
    public var inputHeight: Int
    public var threshold: Double
}

/// The source failed; it will be tried again.
public struct StreamDown: Sendable {
    public enum Reason: String, Sendable, CaseIterable {
        case refused, timeout, stalled, reset, ended, unsupported, unauthorized, error
        case badData = "bad_data"
        case notFound = "not_found"
    }

    public var stamp: EventStamp
    public var reason: Reason
    /// For people, without credentials.
    public var message: String

    public init(stamp: EventStamp, reason: Reason, message: String) {
        self.stamp = stamp
        self.reason = reason
        self.message = message
    }
}

/// Part of a stream is missing: pictures that nobody looked at, or records that could not be kept.
public struct Gap: Sendable {
    public enum Reason: String, Sendable, CaseIterable {
        /// The source was away: `seconds` from the last frame to the first new one.
        case disconnected
        /// Decoding could not follow: `frames` were discarded unseen.
        case overflow
        /// The log could not be written: `records` are lost.
        case writeFailed = "write_failed"
        /// An earlier process ended without ending the stream: `seconds` since its last record.
        case restart
    }

    public var stamp: EventStamp
    public var reason: Reason
    public var seconds: Double?
    public var frames: Int?
    public var records: Int?
    /// For people.
    public var message: String?

    /// What is not known is `nil`.
    public init(
        stamp: EventStamp, reason: Reason, seconds: Double? = nil, frames: Int? = nil, records: Int? = nil,
        message: String? = nil
    ) {
        self.stamp = stamp
        self.reason = reason
        self.seconds = seconds
        self.frames = frames
        self.records = records
        self.message = message
    }
}

/// One analysed frame, with or without detections.
public struct FrameRecord: Sendable {
    public var stamp: EventStamp
    /// Counts decoded frames from 0.
    public var frame: Int
    /// Presentation time in seconds, as the container counts it.
    public var pts: Double
    /// Size of the source frame in pixels.
    public var width: Int
    public var height: Int
    /// This frame is damaged, or built on damage: do not trust what is (not) found in it.
    public var isCorrupt: Bool
    /// Frames that went unanalysed since the stream's previous record.
    public var dropped: Int
    /// From decoded to logged; of a live stream, from the packet's arrival to the record.
    public var latency: Duration
    /// Size of the network's input, which decides what can be found.
    public var input: InputShape
    /// By falling confidence.
    public var detections: [NamedDetection]
}

/// A detection with its class's name and its box in the source frame.
public struct NamedDetection: Sendable {
    public var name: String
    public var detection: Detection

    public init(_ detection: Detection, names: [String]) {
        self.detection = detection
        name = Self.name(detection.classID, in: names)
    }

    /// The class's name; its number where the list is too short.
    public static func name(_ classID: Int, in names: [String]) -> String {
        names.indices.contains(classID) ? names[classID] : "class \(classID)"
    }

    /// Left, top, width and height relative to the picture, clipped to it.
    public var clipped: (x: Double, y: Double, width: Double, height: Double) {
        let box = detection.box
        let clip = { (value: Float) in Double(min(max(value, 0), 1)) }
        let (left, right) = (clip(box.x - box.width / 2), clip(box.x + box.width / 2))
        let (top, bottom) = (clip(box.y - box.height / 2), clip(box.y + box.height / 2))
        return (left, top, right - left, bottom - top)
    }
}

/// A stream ends, with the totals of the accounting identity: decoded = analysed + dropped.
public struct StreamEnd: Sendable {
    public enum Reason: String, Sendable {
        case end, interrupted, error
    }

    public var stamp: EventStamp
    public var reason: Reason
    /// What went wrong, for `.error`.
    public var message: String?
    public var decoded: Int
    public var analysed: Int
    public var decodeErrors: Int
    public var seconds: Double
    // Of live streams only.
    /// Frames dropped, by reason.
    public var droppedBy: [String: Int] = [:]
    /// Coded pictures that were not even decoded, by reason.
    public var skipped: [String: Int] = [:]
    /// Connections after the first.
    public var reconnects: Int?

    public var dropped: Int { decoded - analysed }
}
