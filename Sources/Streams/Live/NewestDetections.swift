import Pipeline

/// The boxes that are drawn on a stream's pictures until the network has said something newer.
final class NewestDetections: Sendable {
    /// Longer ago, and they are no longer true.
    static let lifetime = Duration.seconds(2)

    private let newest = Locked<(detections: [NamedDetection], at: ContinuousClock.Instant)>(([], .now))

    func set(_ detections: [NamedDetection]) { newest.withLock { $0 = (detections, .now) } }

    var current: [NamedDetection] {
        newest.withLock { ContinuousClock.now - $0.at < Self.lifetime ? $0.detections : [] }
    }
}
