import ArgumentParser
import Foundation
import Logging
import Service
import Settings

/// `lookout run`: watches the streams of a configuration file until it is stopped.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch cameras and files, as streams.conf says, until stopped.",
        discussion: """
            Made to run for months as a service (systemd/lookout.service). SIGHUP applies a changed streams.conf and opens \
            the logs anew; SIGTERM and SIGINT end it within 5 seconds, every log on a whole record; a second one at once.
            """
    )

    @Option(
        help: ArgumentHelp("Default: ./streams.conf if it is there, else /etc/lookout/streams.conf.", valueName: "file")
    )
    var config: String?

    func run() throws {
        LoggingSystem.bootstrap { _ in JournalLog() }
        do {
            let service = Service(
                configuration: try ServiceSettings.path(named: config), version: Lookout.version,
                logger: Logger(label: "lookout"))
            let signals = ServiceSignals(service)
            try service.run()
            withExtendedLifetime(signals) {}
        } catch let errors as SettingsErrors {
            errors.report()
            throw Stopped(exitCode: EX_CONFIG)
        }
    }
}
