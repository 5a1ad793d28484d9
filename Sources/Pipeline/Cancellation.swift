/// Tells threads to end what they do, and wakes those that pause.
///
/// `@unchecked Sendable`: `cancelled` is read and written with `condition` held.
public final class Cancellation: @unchecked Sendable {
    private let condition = Condition()
    private var cancelled = false

    public init() {}

    public var isCancelled: Bool { condition.withLock { cancelled } }

    public func cancel() {
        condition.withLock {
            cancelled = true
            condition.broadcast()
        }
    }

    /// Pauses the calling thread. `false`: it was told to end, before or meanwhile.
    public func pause(seconds: Double) -> Bool {
        let deadline = MonotonicTime.now + seconds
        return condition.withLock {
            while !cancelled, condition.wait(until: deadline) {}
            return !cancelled
        }
    }
}
