import Dispatch
import Foundation
import Pipeline
import Service

/// SIGHUP reloads; SIGTERM and SIGINT stop, and a second one of these ends the process at once.
final class ServiceSignals {
    /// Kept alive; they are never read.
    private let sources: [any DispatchSourceSignal]

    init(_ service: Service) {
        let stopping = Locked(false)
        sources = [SIGHUP, SIGINT, SIGTERM].map { number in
            // The source sees the signal; the default action would still kill.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if number == SIGHUP { return service.command(.reload) }
                let isSecond = stopping.withLock { stopping in
                    defer { stopping = true }
                    return stopping
                }
                if isSecond { _exit(128 + number) }
                service.command(.stop)
            }
            source.activate()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }
}
