import Foundation
import Pipeline

/// What signals ask of the service: several reloads are one, and a stop overtakes them.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` held.
final class Requests: @unchecked Sendable {
    private let condition = Condition()
    private var reloads = false
    private var stops = false

    func add(_ command: Service.Command) {
        condition.withLock {
            switch command {
            case .reload: reloads = true
            case .stop: stops = true
            }
            condition.broadcast()
        }
    }

    /// The next one, waiting for it.
    func next() -> Service.Command {
        condition.withLock {
            while !reloads && !stops { condition.wait() }
            if stops { return .stop }
            reloads = false
            return .reload
        }
    }

    /// Waits for a stop, or until `isOver`.
    fileprivate func awaitStop(orWhen isOver: () -> Bool) -> Bool {
        condition.withLock {
            while !stops && !isOver() { condition.wait() }
            return stops
        }
    }

    fileprivate func wake() { condition.withLock { condition.broadcast() } }
}

/// Counts the time from a stop on, on a thread of its own: the one that should hear of it may be waiting for a disk.
final class StopDeadline {
    private let ended = Cancellation()
    private let requests: Requests
    private let thread: StageThread

    /// - Parameter onTimeout: called when the time is over and `met` was not called.
    init(after requests: Requests, seconds: Double, onTimeout: @escaping @Sendable () -> Void) throws {
        self.requests = requests
        thread = try StageThread("stop") { [ended] in
            guard requests.awaitStop(orWhen: { ended.isCancelled }) else { return }
            if ended.pause(seconds: seconds) { onTimeout() }
        }
    }

    /// Everything has ended.
    func met() {
        ended.cancel()
        requests.wake()
        thread.join()
    }
}
