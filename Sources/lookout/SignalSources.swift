import Dispatch
import Foundation

/// Has signals handled instead of ending the process, for as long as it lives.
final class SignalSources {
    /// Kept alive; they are never read.
    private let sources: [any DispatchSourceSignal]

    /// - Parameter handle: told the signal's number, on some thread; may be on its way when this goes.
    init(_ numbers: [Int32], handle: @escaping @Sendable (Int32) -> Void) {
        sources = numbers.map { number in
            // The source sees the signal; the default action would still kill.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { handle(number) }
            source.activate()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }
}
