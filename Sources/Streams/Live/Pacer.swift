import Media
import Pipeline

/// Lets a recording play at its own speed, so that it can stand in for a camera.
struct Pacer {
    /// Seconds from packet to packet where the packets do not tell.
    private let interval: Double
    private var origin: (instant: ContinuousClock.Instant, seconds: Double)?
    /// Where the next packet is expected on the recording's time line.
    private var next = 0.0
    /// A step in the recording's times larger than this is none to wait for.
    private static let longestStep = 10.0

    init(_ frameRate: Rational?) { interval = min(max(frameRate?.inverse.value ?? 0.04, 0.001), 1) }

    /// Waits until the packet is due. `false`: cancelled meanwhile.
    mutating func wait(for packet: Packet, or cancellation: Cancellation) -> Bool {
        let seconds = packet.seconds ?? next
        next = seconds + (packet.duration > 0 ? min(packet.duration, 1) : interval)
        let goesOn = pause(until: seconds, or: cancellation)
        packet.arrival = .now
        return goesOn
    }

    /// Waits until the last packet's picture has lasted as long as it should.
    mutating func finish(or cancellation: Cancellation) -> Bool { pause(until: next, or: cancellation) }

    private mutating func pause(until seconds: Double, or cancellation: Cancellation) -> Bool {
        let now = ContinuousClock.now
        let due = origin.map { seconds - $0.seconds - (now - $0.instant).seconds } ?? 0
        guard origin != nil, abs(due) < Self.longestStep else {
            origin = (now, seconds)
            return !cancellation.isCancelled
        }
        return due <= 0 ? !cancellation.isCancelled : cancellation.pause(seconds: due)
    }
}
