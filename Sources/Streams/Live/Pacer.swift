import Media
import Pipeline

/// Lets a recording play at its own speed, so that it can stand in for a camera.
struct Pacer {
    private var origin: (instant: ContinuousClock.Instant, seconds: Double)?
    /// A step in the recording's times larger than this is none to wait for.
    private static let longestStep = 10.0

    /// Waits until the packet is due. `false`: cancelled meanwhile.
    mutating func wait(for packet: Packet, or cancellation: Cancellation) -> Bool {
        guard let seconds = packet.seconds else { return !cancellation.isCancelled }
        let now = ContinuousClock.now
        let due = origin.map { seconds - $0.seconds - (now - $0.instant).seconds } ?? 0
        guard origin != nil, abs(due) < Self.longestStep else {
            origin = (now, seconds)
            packet.arrival = now
            return !cancellation.isCancelled
        }
        let isDue = due <= 0 ? !cancellation.isCancelled : cancellation.pause(seconds: due)
        packet.arrival = .now
        return isDue
    }
}
