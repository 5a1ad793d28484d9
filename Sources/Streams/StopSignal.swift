import Media
import Pipeline
import Synchronization

/// Asks a run to end cleanly: what was decoded is finished, nothing more is read. May be requested from any thread.
public final class StopSignal: Sendable {
    private let requested = Atomic(false)
    private let interrupt = Locked<Interrupt?>(nil)

    public init() {}

    public var isRequested: Bool { requested.load(ordering: .relaxed) }

    public func request() {
        requested.store(true, ordering: .relaxed)
        interrupt.withLock { $0?.cancel() }
    }

    /// Also ends a read that blocks, from now on the given input's.
    public func attach(_ interrupt: Interrupt) {
        self.interrupt.withLock { $0 = interrupt }
        if isRequested { interrupt.cancel() }
    }
}
