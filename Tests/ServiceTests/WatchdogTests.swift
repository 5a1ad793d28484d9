import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Service

@Suite(.timeLimit(.minutes(10))) struct WatchdogTests {
    /// A watchdog that is due every ten milliseconds, and what is around it.
    private struct Setup {
        let heartbeats = Heartbeats()
        let socket: NotifySocket
        let log = LogRecorder()
        let watchdog: Watchdog

        init(limit: Double, environment: [String: String] = ["WATCHDOG_USEC": "30000"]) throws {
            socket = try NotifySocket()
            let notifier = Notifier(environment: ["NOTIFY_SOCKET": socket.name], logger: log.logger)
            watchdog = Watchdog(
                heartbeats: heartbeats, notifier: notifier, limit: limit, logger: log.logger, environment: environment)
        }

        /// The log, without how long stages were busy: nobody knows how long a test is held up.
        var linesWithoutTimes: [String] {
            log.lines.map { $0.replacingOccurrences(of: "for [0-9]+ s", with: "for N s", options: .regularExpression) }
        }
    }

    @Test func feedsWhileAllIsWell() throws {
        let setup = try Setup(limit: 3600)
        #expect(setup.watchdog.period == 0.01)
        let busy = setup.heartbeats.make("infer-0")
        busy.begin()
        try setup.watchdog.start()
        for _ in 0..<5 { #expect(setup.socket.next() == "WATCHDOG=1") }
        setup.watchdog.stop()
        while setup.socket.pending() != nil {}
        #expect(setup.watchdog.health == .ok)
        #expect(setup.log.lines.isEmpty)
    }

    @Test func aStageThatHangsIsNamedOnceAndStarvesIt() throws {
        let setup = try Setup(limit: 0)
        let stage = setup.heartbeats.make("infer-0")
        setup.watchdog.check()
        #expect(setup.socket.pending() == "WATCHDOG=1")

        stage.begin()
        while stage.busySeconds == 0 {}
        for _ in 0..<3 { setup.watchdog.check() }
        #expect(setup.socket.pending() == nil)
        #expect(
            setup.linesWithoutTimes == [
                "critical: infer-0 hangs: busy with one piece of work for N s; unless it moves, systemd will restart the service"
            ])
        guard case .stuck(let stuck) = setup.watchdog.health else {
            Issue.record("health is \(setup.watchdog.health)")
            return
        }
        #expect(stuck.map(\.name) == ["infer-0"])

        stage.end()
        setup.watchdog.check()
        #expect(setup.socket.pending() == "WATCHDOG=1")
        #expect(setup.log.lines.dropFirst() == ["notice: infer-0 moves again, or is gone"])
        #expect(setup.watchdog.health == .ok)
    }

    @Test(arguments: [[:], ["WATCHDOG_USEC": "30000", "WATCHDOG_PID": "1"]])
    func looksWithoutSystemdToo(environment: [String: String]) throws {
        let setup = try Setup(limit: 0, environment: environment)
        #expect(!setup.watchdog.feeds)
        setup.watchdog.check()
        #expect(setup.socket.pending() == nil)
        let stage = setup.heartbeats.make("infer-0")
        stage.begin()
        while stage.busySeconds == 0 {}
        setup.watchdog.check()
        #expect(setup.linesWithoutTimes == ["critical: infer-0 hangs: busy with one piece of work for N s"])
    }

    @Test func isForTheProcessThatItNames() throws {
        let setup = try Setup(limit: 30, environment: ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"])
        #expect(setup.watchdog.feeds)
        #expect(setup.watchdog.period == 10)
    }

    @Test(arguments: ["", "0", "-1", "soon"])
    func aWrongIntervalIsNamed(text: String) throws {
        let setup = try Setup(limit: 30, environment: ["WATCHDOG_USEC": text])
        #expect(!setup.watchdog.feeds)
        #expect(setup.log.lines.count == 1)
        #expect(setup.log.lines.first?.contains("WATCHDOG_USEC is \(text),") == true)
    }

    @Test func endsAtOnceWhenStopped() throws {
        let setup = try Setup(limit: 3600, environment: ["WATCHDOG_USEC": "3600000000"])
        try setup.watchdog.start()
        #expect(setup.socket.next() == "WATCHDOG=1")
        // Its next look is twenty minutes away; the suite's limit is ten.
        setup.watchdog.stop()
        #expect(setup.socket.pending() == nil)
    }
}
