import Foundation
import TestSupport
import Testing

@testable import lookout

@Suite("Progress line") struct ProgressLineTests {
    @Test(arguments: [
        (0, "0:00"), (9.4, "0:09"), (59.6, "1:00"), (3599, "59:59"), (3600, "1:00:00"), (7322, "2:02:02"),
        (1e12, "99:59:59"), (-5, "0:00"), (Double.infinity, "99:59:59"),
    ]) func timeLeftIsAClock(_ seconds: Double, _ expected: String) {
        #expect(ProgressLine.clock(seconds) == expected)
    }

    @Test(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
    func aTerminalShowsRateAndTimeLeftInOneLineAndThenTheSummary() throws {
        let bench = try Bench()
        let terminal = try Terminal(columns: 60)
        let clip = bench.file(String(repeating: "long", count: 20) + ".mkv")
        try FileManager.default.copyItem(atPath: Clips.long(), toPath: clip)
        let tool = try Tool(["process", "--events", "/dev/null"] + bench.model + [clip], stderr: terminal.slave)
        terminal.closeSlave()
        let shown = terminal.readToEnd()
        #expect(try tool.wait().code == 0)
        let updates = shown.split(separator: "\r\u{1B}[K")
        let line = try #require(updates.first)
        #expect(line.contains(/\d+\/3000 frames, \d+%, \d+\.\d fps, \d+:\d\d left$/), "\(shown)")
        for update in updates.dropLast() { #expect(update.count < 60) }
        #expect(updates.last?.hasPrefix("3000 frames in ") == true, "\(shown)")
    }
}
