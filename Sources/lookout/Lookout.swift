import ArgumentParser
import Foundation

/// The command line: `lookout COMMAND`.
@main
struct Lookout: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "lookout",
        abstract: "Watches cameras and recordings with YOLOv2: detections as JSON lines, and an annotated video.",
        discussion: """
            Results go to stdout or to the files named; progress and diagnostics go to stderr.
            Exit codes: 0 done, 64 wrong usage, 65 bad data, 66 no such input, 69 not available, 70 a bug or a failed \
            self-test, 71 no memory or thread to be had, 73 an output cannot be created, 74 reading or writing failed, \
            75 another run writes the same file (`run`: its end took too long), 78 a mistake in streams.conf, 130 and \
            143 stopped by a signal (`run`: 0, as that is how it ends).
            """,
        version: version,
        subcommands: [
            Process.self, Detect.self, Run.self, CheckCommand.self, TrainCommand.self, EvalCommand.self,
            AnchorsCommand.self, ModelCommand.self, BenchCommand.self, DemoCommand.self, SchemaCommand.self,
        ]
    )

    static func main() {
        // A reader of our stdout that goes away is an error to report (EPIPE), not a silent death.
        signal(SIGPIPE, SIG_IGN)
        // So is a file that grew beyond its limit (EFBIG).
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let stopped as Stopped {
            Foundation.exit(stopped.exitCode)
        } catch {
            if let code = sysexit(for: error) {
                Diagnostics.error("\(error)")
                Foundation.exit(code)
            }
            exit(withError: error)
        }
    }
}
