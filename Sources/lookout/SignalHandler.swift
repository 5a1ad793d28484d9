import Foundation
import Streams
import Synchronization

/// SIGINT and SIGTERM ask for a clean end; a second one ends the process at once.
final class SignalHandler {
    private let state = State()
    private let sources: SignalSources

    var stop: StopSignal { state.stop }

    /// The signal that ended the run, 0 for none.
    var signalNumber: Int32 { state.received.load(ordering: .relaxed) }

    /// - Parameter onStop: called once `stop` is requested, on some thread; for what cannot ask `stop` itself.
    init(onStop: @escaping @Sendable () -> Void = {}) {
        sources = SignalSources([SIGINT, SIGTERM]) { [state] in state.handle($0, then: onStop) }
    }

    /// Owned by the signals' handler too: one may already be on its way when the last reference to this one goes.
    private final class State: Sendable {
        let stop = StopSignal()
        let received = Atomic<Int32>(0)

        func handle(_ number: Int32, then onStop: () -> Void) {
            guard received.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged else {
                _exit(128 + number)
            }
            // The terminal has just shown ^C, or holds a line of progress.
            Diagnostics.note((Diagnostics.isTerminal ? "\n" : "") + "lookout: stopping; once more to stop at once")
            stop.request()
            onStop()
        }
    }
}
