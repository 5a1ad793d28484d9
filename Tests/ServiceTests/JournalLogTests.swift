import Foundation
import Logging
import TestSupport
import Testing

@testable import Service

@Suite struct JournalLogTests {
    /// A file that stands for stderr.
    private final class Output {
        let folder: TemporaryFolder
        let descriptor: Int32

        init() throws {
            folder = try TemporaryFolder()
            descriptor = open(folder.file("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            try #require(descriptor >= 0)
        }

        deinit { close(descriptor) }

        /// As systemd names it in `JOURNAL_STREAM`.
        var identity: String {
            get throws {
                var information = stat()
                try #require(fstat(descriptor, &information) == 0)
                return "\(information.st_dev):\(information.st_ino)"
            }
        }

        var text: String { get throws { try String(contentsOfFile: folder.file("log"), encoding: .utf8) } }

        func logger(_ environment: [String: String] = [:]) -> Logger {
            var logger = Logger(label: "lookout") { _ in
                JournalLog(descriptor: self.descriptor, environment: environment)
            }
            logger.logLevel = .trace
            return logger
        }
    }

    private static let levels: [(Logger.Level, priority: String, word: String)] = [
        (.trace, "<7>", "trace: "), (.debug, "<7>", "debug: "), (.info, "<6>", ""), (.notice, "<5>", ""),
        (.warning, "<4>", "warning: "), (.error, "<3>", "error: "), (.critical, "<2>", "error: "),
    ]

    @Test func theJournalGetsPriorities() throws {
        let output = try Output()
        let logger = output.logger(["JOURNAL_STREAM": try output.identity])
        for (level, _, _) in Self.levels { logger.log(level: level, "message") }
        #expect(try output.text == Self.levels.map { $0.priority + "message\n" }.joined())
    }

    @Test func peopleGetWords() throws {
        let output = try Output()
        for (level, _, _) in Self.levels { output.logger().log(level: level, "message") }
        #expect(try output.text == Self.levels.map { "lookout: \($0.word)message\n" }.joined())
    }

    /// A shell of the service may have redirected stderr to a file.
    @Test(arguments: ["", "8:1", "8", "not numbers"])
    func aStderrThatIsNotTheJournalGetsWords(stream: String) throws {
        let output = try Output()
        output.logger(["JOURNAL_STREAM": stream]).warning("message")
        #expect(try output.text == "lookout: warning: message\n")
    }

    @Test func theStreamComesFirst() throws {
        let output = try Output()
        var logger = output.logger()
        logger[metadataKey: "stream"] = "gate"
        logger[metadataKey: "attempt"] = "1"
        logger.warning("connection lost", metadata: ["attempt": "2", "after": "10 s"])
        logger.info("up")
        #expect(
            try output.text
                == "lookout: warning: gate: connection lost after=10 s attempt=2\nlookout: gate: up attempt=1\n")
    }

    @Test func anErrorIsToldToo() throws {
        struct Failure: Error, CustomStringConvertible { let description = "no route\nto host" }
        let output = try Output()
        output.logger().error("no connection", error: Failure())
        #expect(try output.text == "lookout: error: no connection: no route\\nto host\n")
    }

    @Test func whatCamerasSayMakesNoLinesOfItsOwn() throws {
        let output = try Output()
        var logger = output.logger(["JOURNAL_STREAM": try output.identity])
        logger[metadataKey: "stream"] = "ga\u{1b}te"
        logger.warning("server says \"a\r\n<0>b\u{7}\u{9b}31m – ünï\"")
        #expect(try output.text == "<4>ga\\u{1B}te: server says \"a\\r\\n<0>b\\u{07}\\u{009B}31m – ünï\"\n")
    }

    @Test func aStderrThatIsGoneIsNoError() {
        Logger(label: "lookout") { _ in JournalLog(descriptor: -1, environment: [:]) }.error("message")
    }
}
