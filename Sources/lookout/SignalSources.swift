import Dispatch
import Foundation

/// Has signals handled instead of ending the process, for as long as it lives.
final class SignalSources {
    /// Kept alive.
    private let sources: [any DispatchSourceSignal]
    /// What the signals did before.
    private let previous: [(number: Int32, action: sigaction)]

    /// Returns when the signals are handled: one that comes sooner does what it did before, and none is lost.
    ///
    /// - Parameter handle: told the signal's number, on some thread; may be on its way when this goes.
    init(_ numbers: [Int32], handle: @escaping @Sendable (Int32) -> Void) {
        previous = numbers.map { number in
            var action = sigaction()
            sigaction(number, nil, &action)
            return (number, action)
        }
        let registered = DispatchGroup()
        // Nothing is to be ignored besides: on Linux a source sets an action of its own, which ignoring would undo.
        sources = numbers.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { handle(number) }
            registered.enter()
            source.setRegistrationHandler { registered.leave() }
            source.activate()
            return source
        }
        registered.wait()
    }

    deinit {
        // A source that is cancelled leaves its action behind.
        for (number, var action) in previous { sigaction(number, &action, nil) }
        for source in sources { source.cancel() }
    }
}
