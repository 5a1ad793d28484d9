import CFFmpeg
import Foundation

/// The packets that went into a decoder last, for the pictures that come out of it later: a few dozen packets lie
/// between them at most, with reordering, frame threads and filters.
struct PacketOrigins {
    private struct Origin {
        var number = 0
        var timestamp: Int64 = lk_nopts
        var arrival: ContinuousClock.Instant?
        var producerTime: Date?
    }

    private var ring = Array(repeating: Origin(), count: 128)
    /// Packets so far; each one's number is its place among them, from 1 on.
    private(set) var count = 0
    /// Of those with a producer time and a timestamp, the newest.
    private var reference: Origin?

    /// Gives the packet its number.
    mutating func add(_ packet: Packet) {
        count += 1
        let origin = Origin(
            number: count, timestamp: packet.pointer.pointee.pts, arrival: packet.arrival,
            producerTime: packet.producerTime)
        ring[count % ring.count] = origin
        if origin.producerTime != nil && origin.timestamp != lk_nopts { reference = origin }
    }

    /// The number of the packet that a picture began in; the newest one's where the decoder does not tell.
    func number(of frame: Frame) -> Int {
        let tag = Int(lk_frame_tag(frame.pointer))
        return (1...max(1, count)).contains(tag) ? tag : count
    }

    /// Hands the times of its packet on to a picture, its timestamp being set.
    func mark(_ frame: Frame) {
        let number = number(of: frame)
        let origin = ring[number % ring.count]
        guard origin.number == number else { return }
        frame.arrival = origin.arrival
        frame.producerTime = origin.producerTime ?? reference.flatMap { producerTime(of: frame, after: $0) }
    }

    /// As far from the reference as the timestamps are.
    private func producerTime(of frame: Frame, after reference: Origin) -> Date? {
        let distance = frame.timeBase.seconds(frame.timestamp &- reference.timestamp)
        return reference.producerTime?.addingTimeInterval(distance)
    }
}
