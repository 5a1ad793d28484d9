import Foundation
import Logging
import Pipeline

/// Feeds systemd's watchdog for as long as every stage moves. When one hangs, it says which, and stops feeding: systemd
/// then ends the service and starts it afresh (`WatchdogSec=`, `Restart=`).
public final class Watchdog: Sendable {
    /// Whether the stages move.
    public enum Health: Hashable, Sendable {
        case ok
        /// These have been at one piece of work for longer than the limit.
        case stuck([Heartbeats.Stuck])
    }

    private let heartbeats: Heartbeats
    private let notifier: Notifier
    private let logger: Logger
    private let limit: Double
    /// Seconds from one look at the stages to the next.
    let period: Double
    /// Whether systemd waits to be told.
    let feeds: Bool
    /// Names of stages whose hanging was logged.
    private let reported = Locked<Set<String>>([])
    private let cancellation = Cancellation()
    private let thread = Locked<StageThread?>(nil)

    /// - Parameter limit: seconds that a stage may take for one piece of work; more than 0.
    public init(
        heartbeats: Heartbeats, notifier: Notifier, limit: Double = 30, logger: Logger,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.heartbeats = heartbeats
        self.notifier = notifier
        self.limit = limit
        self.logger = logger
        let interval = Self.interval(environment, logger)
        feeds = interval != nil
        // A ping may come late on a busy machine; every third of the interval leaves room for two that do.
        period = min(interval.map { $0 / 3 } ?? .infinity, limit / 3)
    }

    /// Starts looking, on a thread of its own.
    public func start() throws(ThreadError) {
        let thread = try StageThread("watchdog") { [self] in
            repeat { check() } while cancellation.pause(seconds: period)
        }
        self.thread.withLock { $0 = thread }
    }

    /// Ends the thread; once it returned, systemd is told nothing more.
    public func stop() {
        cancellation.cancel()
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    /// How the stages are at this moment. May be asked from any thread.
    public var health: Health {
        let stuck = heartbeats.stuck(longerThan: limit)
        return stuck.isEmpty ? .ok : .stuck(stuck)
    }

    /// Looks at the stages once.
    func check() {
        let stuck = heartbeats.stuck(longerThan: limit)
        if stuck.isEmpty && feeds { notifier.watchdog() }
        let (news, recovered) = reported.withLock { reported in
            let before = reported
            reported = Set(stuck.map(\.name))
            return (stuck.filter { !before.contains($0.name) }, before.subtracting(reported).sorted())
        }
        for stage in news {
            let consequence = feeds ? "; unless it moves, systemd will restart the service" : ""
            logger.critical(
                "\(stage.name) hangs: busy with one piece of work for \(Int(stage.seconds)) s\(consequence)")
        }
        for name in recovered { logger.notice("\(name) moves again, or is gone") }
    }

    /// The watchdog's interval in seconds; `nil`: there is none, or it is for another process.
    private static func interval(_ environment: [String: String], _ logger: Logger) -> Double? {
        guard let text = environment["WATCHDOG_USEC"] else { return nil }
        if let process = environment["WATCHDOG_PID"], process != "\(getpid())" { return nil }
        guard let microseconds = UInt64(text), microseconds > 0 else {
            logger.warning("WATCHDOG_USEC is \(text), not a number of microseconds; systemd's watchdog is not fed")
            return nil
        }
        return Double(microseconds) / 1e6
    }
}
