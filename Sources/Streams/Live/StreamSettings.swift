import Detection
import Media

/// What `streams.conf` says of one stream, defaults filled in, references to secrets resolved.
///
/// Equal settings mean that a reload leaves the stream alone.
public struct StreamSettings: Hashable, Sendable {
    /// Its name in records, metrics and messages.
    public var name: String
    public var source: SourceSettings
    public var analysis: AnalysisSettings
    /// `nil`: no event log.
    public var events: EventFileSettings?
    /// `nil`: no annotated video.
    public var video: VideoSettings?
    /// Whether the live page may show its pictures.
    public var preview = true

    public init(name: String, source: SourceSettings, analysis: AnalysisSettings) {
        self.name = name
        self.source = source
        self.analysis = analysis
    }
}

/// Where pictures come from, and how long to wait for them.
public struct SourceSettings: Hashable, Sendable {
    /// As `InputAddress` takes it; without credentials unless the user wrote them there.
    public var url: String
    public var credentials: Credentials?
    public var transport = Demuxer.Transport.tcp
    /// Seconds to connect and to find the video in what arrives.
    public var connectTimeout = 10.0
    /// Seconds without a packet, or without a picture, after which the connection is given up.
    public var stallTimeout = 10.0
    /// The longest pause between two attempts, in seconds.
    public var longestRetry = 10.0
    /// A file starts again at its end.
    public var loops = false

    public init(url: String) { self.url = url }
}

/// What looks at the pictures, and what of its answers is kept.
public struct AnalysisSettings: Hashable, Sendable {
    public var network: NetworkFiles
    public var detection = DetectionOptions()
    /// Names of the classes that are kept; `nil`: all.
    public var classes: Set<String>?
    /// Confidences that detections of these classes must exceed, instead of `detection.threshold`.
    public var classThresholds: [String: Float] = [:]
    /// Of the network's input, one at least, in any order. Where there is not enough time for all frames at the largest,
    /// smaller ones are used.
    public var sizes = [InputSize.network]
    public var resize = ResizeMode.letterbox
    /// Frames a second analysed at most; `nil`: as many as there is time for. Also the stream's share of the network
    /// when there is not enough time for all.
    public var mostFramesPerSecond: Double?
    public var corruptFrames = CorruptFrames.skip

    /// What becomes of pictures that the decoder could not restore whole.
    public enum CorruptFrames: String, Hashable, Sendable, CaseIterable {
        /// They are not analysed, and counted.
        case skip
        /// They are analysed, and their records say `"corrupt":true`.
        case mark
    }

    public init(network: NetworkFiles) { self.network = network }
}

/// Where records are appended to. Streams may share a file.
public struct EventFileSettings: Hashable, Sendable {
    /// `-` is stdout.
    public var path: String
    /// Bytes after which a file is set aside as `PATH.1`; 0: never, something else rotates it.
    public var rotateBytes = 100_000_000
    /// Rotated files kept.
    public var rotatedFiles = 5
    /// Log analysed frames in which nothing was found, too.
    public var logsEmpty = true

    public init(path: String) { self.path = path }
}

/// Where the annotated video goes.
public struct VideoSettings: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        /// Files `STEM-20261121T101500Z.EXTENSION`, all playable after a crash. A new one after each connection, and
        /// every so many seconds (`nil`: no sooner).
        case segments(path: String, seconds: Double?)
        /// Published to an RTSP server.
        case push(url: String, credentials: Credentials?)
    }

    public var target: Target
    /// See `VideoWriter.Options`.
    public var quality: Int?
    /// Segments older than this many seconds are deleted; `nil`: kept.
    public var keepSeconds: Double?
    /// The oldest segments are deleted while all of the stream's take more bytes than this; `nil`: kept.
    public var keepBytes: Int?

    public init(target: Target) { self.target = target }
}
