import Foundation
import Service
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct NotifierTests {
    @Test(arguments: [false, true])
    func saysHowTheServiceIs(isAbstract: Bool) throws {
        let (socket, log) = (try NotifySocket(isAbstract: isAbstract), LogRecorder())
        let notifier = Notifier(environment: ["NOTIFY_SOCKET": socket.name], logger: log.logger)
        #expect(notifier.isActive)
        notifier.ready(status: "watching 2 streams")
        #expect(socket.next() == "READY=1\nSTATUS=watching 2 streams")
        notifier.status("gate is down")
        #expect(socket.next() == "STATUS=gate is down")
        notifier.watchdog()
        #expect(socket.next() == "WATCHDOG=1")
        notifier.extendTimeout(seconds: 1.5)
        #expect(socket.next() == "EXTEND_TIMEOUT_USEC=1500000")
        notifier.stopping(status: "finishing")
        #expect(socket.next() == "STOPPING=1\nSTATUS=finishing")
        #expect(log.lines.isEmpty)
    }

    @Test func reloadingComesWithTheTime() throws {
        let socket = try NotifySocket()
        let notifier = Notifier(environment: ["NOTIFY_SOCKET": socket.name], logger: LogRecorder().logger)
        let before = ProcessInfo.processInfo.systemUptime
        notifier.reloading()
        let after = ProcessInfo.processInfo.systemUptime
        let lines = try #require(socket.next()).split(separator: "\n")
        #expect(lines.first == "RELOADING=1")
        let time = try #require(lines.last?.split(separator: "=").last.flatMap { Double($0) }) / 1e6
        #expect(lines.last?.hasPrefix("MONOTONIC_USEC=") == true)
        #expect(time >= before - 1e-6 && time <= after)
    }

    @Test func aStatusIsOneLine() throws {
        let socket = try NotifySocket()
        let notifier = Notifier(environment: ["NOTIFY_SOCKET": socket.name], logger: LogRecorder().logger)
        notifier.status("gate\nMAINPID=1")
        #expect(socket.next() == #"STATUS=gate\nMAINPID=1"#)
    }

    @Test(arguments: [[:], ["NOTIFY_SOCKET": ""]])
    func saysNothingWhereNobodyListens(environment: [String: String]) {
        let log = LogRecorder()
        let notifier = Notifier(environment: environment, logger: log.logger)
        #expect(!notifier.isActive)
        notifier.ready(status: "up")
        #expect(log.lines.isEmpty)
    }

    @Test(arguments: ["vsock:2:1234", "notify", "/" + String(repeating: "x", count: 108)])
    func namesASocketThatItCannotUse(name: String) {
        let log = LogRecorder()
        let notifier = Notifier(environment: ["NOTIFY_SOCKET": name], logger: log.logger)
        notifier.ready(status: "up")
        #expect(!notifier.isActive)
        #expect(log.lines.count == 1)
        #expect(log.lines.allSatisfy { $0.hasPrefix("warning: ") && $0.contains(name) })
    }

    @Test func aLostManagerIsLoggedOnce() throws {
        let log = LogRecorder()
        var socket: NotifySocket? = try NotifySocket()
        let notifier = Notifier(environment: ["NOTIFY_SOCKET": try #require(socket).name], logger: log.logger)
        notifier.watchdog()
        #expect(socket?.next() == "WATCHDOG=1")
        socket = nil
        for _ in 0..<3 { notifier.watchdog() }
        #expect(log.lines == ["warning: systemd takes no notifications: No such file or directory"])
    }
}
