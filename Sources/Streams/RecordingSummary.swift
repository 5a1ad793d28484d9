/// What became of one recording.
public struct RecordingSummary: Sendable {
    /// Frames decoded.
    public var frames: Int
    /// Frames logged with what was seen in them: all, unless the run failed.
    public var analysed: Int
    /// Damaged packets and pictures that were passed over.
    public var decodeErrors: Int
    /// Frames that are damaged, or built on damage. Their records say so.
    public var corrupt = 0
    public var reason: StreamEnd.Reason
    public var elapsed: Duration
    /// Time each stage worked; they overlap.
    public var stages: [Stage: Duration]
    /// What the user should know and nothing failed for.
    public var warnings: [String] = []
    /// By class name.
    public var detections: [String: Int]

    public var framesPerSecond: Double { elapsed > .zero ? Double(analysed) / elapsed.seconds : 0 }
}

/// A recording that ended with an error after its outputs were closed; what was done until then stands.
public struct RecordingFailure: Error, CustomStringConvertible {
    public let summary: RecordingSummary
    public let underlying: any Error
    public var description: String { "\(underlying)" }
}
