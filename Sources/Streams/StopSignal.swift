import Media
import Pipeline

/// Asks a run to end cleanly: what was decoded is finished, nothing more is read. May be requested from any thread.
public final class StopSignal: Sendable {
    /// Wakes what pauses.
    let cancellation = Cancellation()
    private let interrupt = Locked<Interrupt?>(nil)

    public init() {}

    public var isRequested: Bool { cancellation.isCancelled }

    public func request() {
        cancellation.cancel()
        interrupt.withLock { $0?.cancel() }
    }

    /// Also ends a read that blocks, from now on the given input's.
    public func attach(_ interrupt: Interrupt) {
        self.interrupt.withLock { $0 = interrupt }
        // The request may have come before there was anything to interrupt.
        if isRequested { interrupt.cancel() }
    }
}
