import CPlatform
import Foundation
import Logging
import Pipeline
import Settings
import Streams
import Web

/// `lookout run`: everything composed, from the configuration file to the last record.
///
/// One thread (the caller's of `run`) does all that changes the service: start, reload, stop. Signals only leave it a
/// word.
public final class Service: Sendable {
    /// What the world asks of it.
    public enum Command: Sendable {
        case reload
        case stop
    }

    private let path: String
    private let version: String
    private let logger: Logger
    private let stopLimit: Double
    private let requests = Requests()
    private let board = Board()
    /// Of what must never stand still, and of what a disk or a reader can hold up.
    private let (heartbeats, outputBeats) = (Heartbeats(), Heartbeats())

    /// Seconds that a stop may take.
    static let stopLimit = 4.5
    /// Seconds that a stage may take for one piece of work before it counts as stuck.
    static let stuckLimit = 20.0

    /// - Parameter path: of the configuration file.
    public convenience init(configuration path: String, version: String, logger: Logger) {
        self.init(configuration: path, version: version, logger: logger, stopLimit: Service.stopLimit)
    }

    /// - Parameter stopLimit: seconds that a stop may take.
    init(configuration path: String, version: String, logger: Logger, stopLimit: Double) {
        self.path = path
        self.version = version
        self.logger = logger
        self.stopLimit = stopLimit
    }

    /// From any thread; returns at once.
    public func command(_ command: Command) { requests.add(command) }

    /// Runs until told to stop.
    ///
    /// - Parameter onTimeout: called when not everything ended in time after a stop; must not return.
    /// - Throws: what keeps it from starting.
    public func run(onTimeout: @escaping @Sendable () -> Void) throws {
        lk_limit_heaps(2)
        let deadline = try StopDeadline(after: requests, seconds: stopLimit) { [logger, stopLimit] in
            logger.error("not everything ended within \(stopLimit) s; leaving it")
            onTimeout()
        }
        defer { deadline.met() }
        let settings = try ServiceSettings(contentsOf: path, environment: ProcessInfo.processInfo.environment)
        for warning in settings.warnings { logger.warning("\(warning)") }
        let notifier = Notifier(logger: logger)
        let watchdog = Watchdog(heartbeats: heartbeats, notifier: notifier, limit: Self.stuckLimit, logger: logger)
        let engine = try InferenceEngine(engineOptions(settings), heartbeats: heartbeats)
        let files = EventFiles { [logger] notice in
            logger.log(level: notice.isProblem ? .warning : .info, "\(notice)")
        }
        let supervisor = Supervisor(
            LiveStream.Surroundings(
                engine: engine, events: files, board: board, heartbeats: heartbeats, outputBeats: outputBeats,
                logger: logger))
        let web = WebRunner(
            board: board, health: { [outputBeats] in Self.health(watchdog, outputBeats) }, version: version,
            logger: logger)
        let status = Cancellation()
        defer {
            status.cancel()
            supervisor.stopAll()
            engine.stop()
            web.stop()
            watchdog.stop()
        }
        // Loading a large network may take longer than systemd waits.
        notifier.extendTimeout(seconds: 60)
        try web.apply(settings.http)
        try supervisor.apply(settings.streams)
        try watchdog.start()
        logger.notice("watching \(settings.streams.count) \(settings.streams.count == 1 ? "stream" : "streams")")
        notifier.ready(status: "\(StatusLine(board.snapshots))")
        let ticker = try StageThread("status") { [board] in
            while status.pause(seconds: 5) { notifier.status("\(StatusLine(board.snapshots))") }
        }

        var current = settings
        while requests.next() == .reload {
            notifier.reloading()
            files.reopen()
            reload(&current, supervisor, web)
            notifier.ready(status: "\(StatusLine(board.snapshots))")
        }
        notifier.stopping(status: "stopping")
        status.cancel()
        ticker.join()
        logger.notice("stopping")
    }

    private func engineOptions(_ settings: ServiceSettings) -> InferenceEngine.Options {
        let threads = settings.threads ?? Processors.available
        return InferenceEngine.Options(
            lanes: min(settings.lanes ?? 8, threads), threads: threads, batch: settings.batch)
    }

    /// Also tells of outputs that hang, for which systemd is not to restart the service: that cures no disk.
    private static func health(_ watchdog: Watchdog, _ outputs: Heartbeats) -> Watchdog.Health {
        var stuck = outputs.stuck(longerThan: stuckLimit)
        if case .stuck(let stages) = watchdog.health { stuck += stages }
        return stuck.isEmpty ? .ok : .stuck(stuck)
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
            // The server first: where it cannot have its new address, nothing has changed.
            try web.apply(settings.http)
            let changes = try supervisor.apply(settings.streams)
            current = settings
            logger.notice("\(path) applied: \(changes) \(changes == 1 ? "change" : "changes") to streams")
        } catch {
            logger.error("\(path) was not applied: \(error)")
        }
    }
}

extension Board {
    /// What is known of all streams now, by name.
    var snapshots: [StreamSnapshot] { all.map(\.status.snapshot) }
}
