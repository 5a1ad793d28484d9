import CPlatform
import Foundation
import Logging
import Media
import Pipeline
import Settings
import Streams
import Web

/// `lookout run`: everything composed, from the configuration file to the last record.
///
/// One thread (the caller's of `run`) does all that changes the service: start, reload, stop. Signals only leave it a
/// word (`command`).
public final class Service: Sendable {
    /// What the world asks of it.
    public enum Command: Sendable {
        case reload
        case stop
    }

    private let path: String
    private let version: String
    private let logger: Logger
    private let commands = BoundedQueue<Command>(capacity: 16)
    private let board = Board()
    private let heartbeats = Heartbeats()

    /// Seconds that a stop may take; systemd is told of twice as much.
    static let stopLimit = 4.5

    /// - Parameter path: of the configuration file.
    public init(configuration path: String, version: String, logger: Logger) {
        self.path = path
        self.version = version
        self.logger = logger
    }

    /// From any thread; returns at once unless sixteen commands wait.
    public func command(_ command: Command) { _ = commands.push(command) }

    /// Runs until told to stop.
    ///
    /// - Throws: what keeps it from starting; `StopTimeout` when something did not end in time.
    public func run() throws {
        lk_limit_heaps(2)
        let settings = try ServiceSettings(contentsOf: path, environment: ProcessInfo.processInfo.environment)
        for warning in settings.warnings { logger.warning("\(warning)") }
        let notifier = Notifier(logger: logger)
        let watchdog = Watchdog(heartbeats: heartbeats, notifier: notifier, limit: 20, logger: logger)
        let engine = try InferenceEngine(engineOptions(settings), heartbeats: heartbeats)
        let files = EventFiles { [logger] notice in
            logger.log(level: notice.isProblem ? .warning : .info, "\(notice)")
        }
        let supervisor = Supervisor(
            LiveStream.Surroundings(
                engine: engine, events: files, board: board, heartbeats: heartbeats, logger: logger))
        let web = WebRunner(board: board, watchdog: watchdog, version: version, logger: logger)
        let status = Cancellation()
        do {
            // Loading a large network may take longer than systemd waits.
            notifier.extendTimeout(seconds: 60)
            try web.apply(settings.http)
            try supervisor.apply(settings.streams)
            try watchdog.start()
        } catch {
            supervisor.stopAll()
            engine.stop()
            web.stop()
            throw error
        }
        logger.notice("watching \(settings.streams.count) \(settings.streams.count == 1 ? "stream" : "streams")")
        notifier.ready(status: "\(StatusLine(board.snapshots))")
        let ticker = try StageThread("status") { [board] in
            while status.pause(seconds: 5) { notifier.status("\(StatusLine(board.snapshots))") }
        }

        var current = settings
        while let command = commands.pop(), command == .reload {
            notifier.reloading()
            files.reopen()
            reload(&current, supervisor, web)
            notifier.ready(status: "\(StatusLine(board.snapshots))")
        }

        notifier.stopping(status: "stopping")
        status.cancel()
        ticker.join()
        try within(Self.stopLimit) {
            supervisor.stopAll()
            engine.stop()
            web.stop()
            watchdog.stop()
        }
        logger.notice("stopped")
    }

    private func engineOptions(_ settings: ServiceSettings) -> InferenceEngine.Options {
        let threads = settings.threads ?? StageThread.availableCores
        return InferenceEngine.Options(
            lanes: min(settings.lanes ?? 8, threads), threads: threads, batch: settings.batch)
    }

    /// A bad file changes nothing and says why.
    private func reload(_ current: inout ServiceSettings, _ supervisor: Supervisor, _ web: WebRunner) {
        let settings: ServiceSettings
        do {
            settings = try ServiceSettings(contentsOf: path, environment: ProcessInfo.processInfo.environment)
        } catch {
            for problem in error.problems { logger.error("\(problem)") }
            logger.error("\(path) was not applied: nothing has changed")
            return
        }
        for warning in settings.warnings { logger.warning("\(warning)") }
        if engineOptions(settings) != engineOptions(current) {
            logger.warning("threads, lanes and batch are applied by a restart only")
        }
        do {
            let changes = try supervisor.apply(settings.streams)
            if settings.http != current.http { try web.apply(settings.http) }
            current = settings
            logger.notice("\(path) applied: \(changes) \(changes == 1 ? "change" : "changes") to streams")
        } catch {
            logger.error("\(path) was not applied: \(error)")
        }
    }

    /// Does `work` on a thread of its own and waits so many seconds for it.
    private func within(_ seconds: Double, _ work: @escaping () -> Void) throws {
        let done = Cancellation()
        let work = Handed(work)
        let thread = try StageThread("stop") {
            work.value()
            done.cancel()
        }
        if done.pause(seconds: seconds) {
            logger.error("not everything ended within \(seconds) s; leaving it")
            throw StopTimeout()
        }
        thread.join()
    }
}

/// Something hung when the service was told to stop.
public struct StopTimeout: Error, CustomStringConvertible {
    public var description: String { "stopped before everything had ended" }
}

/// Handed to the one thread that uses it from then on.
private struct Handed<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

extension Board {
    /// What is known of all streams now, by name.
    var snapshots: [StreamSnapshot] { all.map(\.status.snapshot) }
}
