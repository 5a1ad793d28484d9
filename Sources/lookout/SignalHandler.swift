import Dispatch
import Foundation
import Streams
import Synchronization

/// SIGINT and SIGTERM ask for a clean end; a second one ends the process at once.
final class SignalHandler {
    private let state = State()
    /// Kept alive; they are never read.
    private let sources: [any DispatchSourceSignal]

    var stop: StopSignal { state.stop }

    /// The signal that ended the run, 0 for none.
    var signalNumber: Int32 { state.received.load(ordering: .relaxed) }

    init() {
        sources = [SIGINT, SIGTERM].map { [state] number in
            // The source sees the signal; the default action would still kill.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { state.handle(number) }
            source.activate()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }

    /// Owned by the event handlers too: one may already be on its way when the last reference to the handler goes.
    private final class State: Sendable {
        let stop = StopSignal()
        let received = Atomic<Int32>(0)

        func handle(_ number: Int32) {
            guard received.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged else {
                _exit(128 + number)
            }
            // The terminal has just shown ^C, or holds a line of progress.
            Diagnostics.note((Diagnostics.isTerminal ? "\n" : "") + "lookout: stopping; once more to stop at once")
            stop.request()
        }
    }
}
