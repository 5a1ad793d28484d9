import Media
import Pipeline

/// Coded packets between the reading and the decoding thread of a live stream, bounded by bytes and by time. The reader
/// never waits: when the bound is reached everything inside goes, and all that comes until the next key frame.
///
/// `@unchecked Sendable`: every stored property is read and written with `condition` held.
final class PacketQueue: @unchecked Sendable {
    struct Item: Sendable {
        let packet: Packet
        /// No other picture is built on it.
        let isDisposable: Bool
        let arrival: ContinuousClock.Instant
        /// Packets before it that were discarded: the decoder must begin anew.
        let discarded: Int
    }

    static let mostBytes = 32 << 20
    static let mostSeconds = 4.0

    private let condition = Condition()
    /// Those before `head` were taken and let go of.
    private var items: [Item?] = []
    private var head = 0
    private var bytes = 0
    /// Packets thrown away while a key frame is waited for; 0: none is.
    private var discarded = 0
    private var isFinished = false

    /// - Returns: how many packets were discarded, this one counted if it was.
    func push(_ packet: Packet, isDisposable: Bool) -> Int {
        let arrival = packet.arrival ?? .now
        return condition.withLock {
            guard !isFinished else { return 1 }
            let before = discarded
            if isFull(with: packet, arrival) {
                discarded += items.count - head
                removeAll()
            }
            if discarded > 0 && !packet.isKey {
                discarded += 1
                return discarded - before
            }
            defer { discarded = 0 }
            items.append(Item(packet: packet, isDisposable: isDisposable, arrival: arrival, discarded: discarded))
            bytes += packet.byteCount
            condition.broadcast()
            return discarded - before
        }
    }

    /// The oldest packet, waiting for one; `nil`: finished and drained.
    func pop() -> Item? {
        condition.withLock {
            while head == items.count && !isFinished { condition.wait() }
            guard head < items.count, let item = items[head] else { return nil }
            items[head] = nil
            head += 1
            bytes -= item.packet.byteCount
            // The places are let go of in pieces: each packet moves once at most.
            if head > 64 && head * 2 > items.count {
                items.removeFirst(head)
                head = 0
            }
            return item
        }
    }

    /// No more will come. What is inside is still to be taken, unless `discarding`.
    func finish(discarding: Bool) {
        condition.withLock {
            isFinished = true
            if discarding { removeAll() }
            condition.broadcast()
        }
    }

    private func isFull(with packet: Packet, _ arrival: ContinuousClock.Instant) -> Bool {
        guard head < items.count, let oldest = items[head] else { return false }
        return bytes + packet.byteCount > Self.mostBytes
            || (arrival - oldest.arrival).seconds > Self.mostSeconds
    }

    private func removeAll() {
        items.removeAll(keepingCapacity: true)
        (head, bytes) = (0, 0)
    }
}
