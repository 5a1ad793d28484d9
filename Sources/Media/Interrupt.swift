import CFFmpeg
import Glibc
import Synchronization

/// Ends blocking libav calls: at once when `cancel()` was called from any thread, or when a call's time limit is over.
public final class Interrupt: Sendable {
    private let cancelled = Atomic(false)
    /// Monotonic nanoseconds at which the present call is given up; 0 for no limit.
    private let deadline = Atomic<UInt64>(0)

    /// The time limit of the last `limited` call ran out. libav's own status for it may be any.
    private let expired = Atomic(false)
    var hasExpired: Bool { expired.load(ordering: .relaxed) }

    public init() {}

    public func cancel() { cancelled.store(true, ordering: .relaxed) }
    public var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func checkCancelled(_ subject: String) throws(MediaError) {
        if isCancelled { throw MediaError(.interrupted, subject, "stopped on request") }
    }

    /// Runs `body` with a time limit in seconds (`nil`: none).
    func limited<Result>(to seconds: Double?, _ body: () -> Result) -> Result {
        expired.store(false, ordering: .relaxed)
        if let seconds {
            // Also for those that are no number of nanoseconds: negative, infinite, not a number.
            let limit = seconds > 0 ? UInt64(min(seconds, 1e9) * 1e9) : 0
            deadline.store(Self.now() + limit, ordering: .relaxed)
        }
        defer { deadline.store(0, ordering: .relaxed) }
        return body()
    }

    /// Cancelled, or out of time.
    var shouldStop: Bool {
        if isCancelled { return true }
        let limit = deadline.load(ordering: .relaxed)
        guard limit != 0 && Self.now() > limit else { return false }
        expired.store(true, ordering: .relaxed)
        return true
    }

    private static func now() -> UInt64 { monotonicNanoseconds() }

    /// libav polls this while it blocks. The pointer is unretained: whoever installs it keeps the object alive.
    var callback: AVIOInterruptCB {
        AVIOInterruptCB(
            callback: { opaque in
                guard let opaque else { return 0 }
                return Unmanaged<Interrupt>.fromOpaque(opaque).takeUnretainedValue().shouldStop ? 1 : 0
            },
            opaque: Unmanaged.passUnretained(self).toOpaque()
        )
    }
}

private func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
