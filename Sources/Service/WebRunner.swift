import Foundation
import Logging
import Pipeline
import Settings
import Streams
import Web

/// Starts the HTTP server, and another one when its settings change. One thread at a time.
final class WebRunner {
    private let board: Board
    private let watchdog: Watchdog
    private let version: String
    private let logger: Logger
    private var task: Task<Void, Never>?
    private var ended = Cancellation()

    init(board: Board, watchdog: Watchdog, version: String, logger: Logger) {
        self.board = board
        self.watchdog = watchdog
        self.version = version
        self.logger = logger
    }

    /// Stops the server that runs, if any, and starts one with these settings; `nil`: none. Returns when it listens.
    func apply(_ http: HTTPSettings?) throws {
        guard let http else { return stop() }
        var options = WebOptions(host: http.host, port: http.port)
        (options.token, options.certificate, options.key) = (http.token?.value, http.certificate, http.key)
        let server = try WebServer(options, board: board, version: version, logger: logger) { [watchdog] in
            switch watchdog.health {
            case .ok: .ok
            case .stuck(let stages):
                .stuck(stages.map { "\($0.name) for \(Int($0.seconds)) s" }.joined(separator: ", "))
            }
        }
        // The old one may have the same address.
        stop()
        let ended = Cancellation()
        self.ended = ended
        let outcome = BoundedQueue<Result<Void, any Error>>(capacity: 2)
        task = Task { [logger] in
            do {
                try await server.run { url, _ in
                    logger.notice("listening on \(url)")
                    _ = outcome.push(.success(()))
                }
            } catch {
                if !outcome.push(.failure(error)) { logger.error("\(error)") }
            }
            ended.cancel()
        }
        defer { outcome.cancel() }
        try outcome.pop()?.get()
    }

    /// Ends the server and waits for it.
    func stop() {
        task?.cancel()
        if task != nil, ended.pause(seconds: 3) { logger.error("the HTTP server did not end within 3 s") }
        task = nil
    }
}
