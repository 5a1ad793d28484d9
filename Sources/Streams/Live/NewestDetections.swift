import Pipeline

/// The boxes that are drawn on a stream's pictures until the network has said something newer.
final class NewestDetections: Sendable {
    private let lifetime: Duration
    private let newest = Locked<(detections: [NamedDetection], at: ContinuousClock.Instant)>(([], .now))

    /// - Parameter lifetime: what is older than that is no longer true.
    init(lifetime: Duration = .seconds(2)) { self.lifetime = lifetime }

    func set(_ detections: [NamedDetection]) { newest.withLock { $0 = (detections, .now) } }

    var current: [NamedDetection] {
        newest.withLock { ContinuousClock.now - $0.at < lifetime ? $0.detections : [] }
    }
}
