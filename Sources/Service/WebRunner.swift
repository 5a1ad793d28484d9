import Foundation
import Logging
import Pipeline
import Settings
import Streams
import Web

/// Starts the HTTP server, and another one when what it is made of changes. One thread at a time.
final class WebRunner {
    /// What a server is made of, certificates as they were when it started.
    private struct Plan: Hashable {
        let http: HTTPSettings
        private let stamps: [FileStamp]

        init(_ http: HTTPSettings) {
            self.http = http
            stamps = [http.certificate, http.key].compactMap(\.self).compactMap(FileStamp.init)
        }
    }

    private struct Running {
        let plan: Plan
        let task: Task<Void, Never>
        let ended: Cancellation
    }

    private let board: Board
    private let health: @Sendable () -> Watchdog.Health
    private let version: String
    private let logger: Logger
    private var running: Running?

    init(board: Board, health: @escaping @Sendable () -> Watchdog.Health, version: String, logger: Logger) {
        self.board = board
        self.health = health
        self.version = version
        self.logger = logger
    }

    /// Has a server run with these settings (`nil`: none); returns when it listens. Where it cannot, the one that ran
    /// before runs on.
    func apply(_ http: HTTPSettings?) throws {
        guard let http else { return stop() }
        let plan = Plan(http)
        if let running, running.plan == plan, !running.ended.isCancelled { return }
        let server = try makeServer(http)
        let before = running?.plan.http
        // The old one may have the same address.
        stop()
        do {
            try start(server, plan)
        } catch {
            if let before { try start(makeServer(before), Plan(before)) }
            throw error
        }
    }

    private func makeServer(_ http: HTTPSettings) throws -> WebServer {
        try WebServer(http, board: board, version: version, logger: logger) { [health] in
            switch health() {
            case .ok: .ok
            case .stuck(let stages):
                .stuck(stages.map { "\($0.name) for \(Int($0.seconds)) s" }.joined(separator: ", "))
            }
        }
    }

    private func start(_ server: WebServer, _ plan: Plan) throws {
        let ended = Cancellation()
        let outcome = BoundedQueue<Result<Void, any Error>>(capacity: 2)
        let task = Task { [logger] in
            do {
                try await server.run { url, _ in
                    logger.notice("listening on \(url)")
                    _ = outcome.push(.success(()))
                }
            } catch {
                if !outcome.push(.failure(error)) { logger.error("\(error)") }
            }
            outcome.finish()
            ended.cancel()
        }
        defer { outcome.cancel() }
        try outcome.pop()?.get()
        running = Running(plan: plan, task: task, ended: ended)
    }

    /// Ends the server and waits for it.
    func stop() {
        guard let running else { return }
        running.task.cancel()
        if running.ended.pause(seconds: 3) { logger.error("the HTTP server did not end within 3 s") }
        self.running = nil
    }
}
