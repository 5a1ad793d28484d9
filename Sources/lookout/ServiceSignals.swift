import Foundation
import Pipeline
import Service

/// SIGHUP reloads; SIGTERM and SIGINT stop, and a second one of these ends the process at once.
final class ServiceSignals {
    private let sources: SignalSources

    init(_ service: Service) {
        let stopping = Locked(false)
        sources = SignalSources([SIGHUP, SIGINT, SIGTERM]) { number in
            if number == SIGHUP { return service.command(.reload) }
            let isSecond = stopping.withLock { stopping in
                defer { stopping = true }
                return stopping
            }
            if isSecond { _exit(128 + number) }
            service.command(.stop)
        }
    }
}
