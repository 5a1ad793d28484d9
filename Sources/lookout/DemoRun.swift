import ArgumentParser
import Foundation

/// `lookout demo run`, which is `lookout demo`: the whole of it.
struct DemoRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Make the street, look at it, and judge what was found. The default.")

    @OptionGroup var scene: StreetSceneOptions

    @Option(help: ArgumentHelp("Where to write.", valueName: "folder"))
    var output = "."

    @Flag(help: "Prints the figures as one JSON object on stdout.")
    var json = false

    @Flag(help: "No progress on stderr.")
    var quiet = false

    @OptionGroup(title: "Model options")
    var model: DemoModel

    func validate() throws { try scene.checkLength() }

    func run() throws {
        let signals = SignalHandler()
        let report: DemoReport
        do {
            report = try DemoJob(self, stop: signals.stop).run()
        } catch {
            if signals.signalNumber != 0 { throw Stopped(exitCode: 128 + signals.signalNumber) }
            throw error
        }
        try printResult(json ? report.json() : report.text())
        guard report.problems.isEmpty else {
            for problem in report.problems { Diagnostics.error(problem) }
            throw Stopped(exitCode: EX_SOFTWARE)
        }
    }
}
