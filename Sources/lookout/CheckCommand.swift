import ArgumentParser
import Detection
import Foundation
import Media
import Settings
import Streams

/// `lookout check`: everything that is wrong with a configuration, before a service reads it.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check streams.conf: every mistake in it, with its line and column.",
        discussion: """
            Looks at the files that it names, too, and at passwords, but opens no stream. Run it as the user whom the \
            service runs as. Where the syntax is wrong (the file is no TOML), it tells the first mistake alone: the \
            others show when that is right. Exit code: 0 sound, 78 not.
            """
    )

    @OptionGroup var file: ConfigurationFile

    func run() throws {
        do {
            let path = try file.path()
            let settings = try ServiceSettings(
                contentsOf: path, environment: ProcessInfo.processInfo.environment)
            for warning in settings.warnings { Diagnostics.warning("\(warning)") }
            try printResult(visible(Self.summary(of: settings, path: path), keepsLines: true))
        } catch let errors as SettingsErrors {
            errors.report()
            throw Stopped(exitCode: EX_CONFIG)
        }
    }

    /// What it watches, and with which network: `gate  rtsp://***@camera/stream1  yolov2`.
    private static func summary(of settings: ServiceSettings, path: String) -> String {
        let count = settings.streams.count
        let width = settings.streams.map(\.name.count).max() ?? 0
        let lines = settings.streams.map { stream in
            let network = stream.analysis.network
            let name = FileNames.stem(ofInput: network.cfg ?? network.weights ?? "")
            let padded = stream.name.padding(toLength: width, withPad: " ", startingAt: 0)
            return "  \(padded)  \(redacted(stream.source.url))  \(name)\n"
        }
        return "\(path) is sound: \(count) \(count == 1 ? "stream" : "streams")\n" + lines.joined()
    }
}

/// The file that `check` and `run` take, with or without `--config`.
struct ConfigurationFile: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The configuration. Default: ./streams.conf if it is there, else /etc/lookout/streams.conf.",
            valueName: "file"))
    var argument: String?

    @Option(help: ArgumentHelp("The same.", valueName: "file"))
    var config: String?

    func validate() throws {
        if argument != nil && config != nil {
            throw ValidationError("name the configuration once: as argument or with --config")
        }
    }

    func path() throws(SettingsErrors) -> String { try ServiceSettings.path(named: argument ?? config) }
}

extension SettingsErrors {
    /// Tells each problem and warning on a line of stderr.
    func report() {
        for warning in warnings { Diagnostics.warning("\(warning)") }
        for problem in problems { Diagnostics.error("\(problem)") }
    }
}
