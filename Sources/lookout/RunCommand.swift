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

    @OptionGroup var file: ConfigurationFile

    func run() throws {
        LoggingSystem.bootstrap { _ in JournalLog() }
        let logger = Logger(label: "lookout")
        // What ends it is told through the logger: the journal then knows it as an error.
        do {
            let service = Service(configuration: try file.path(), version: Lookout.version, logger: logger)
            let signals = ServiceSignals(service)
            // Nothing is to be run on the way out: what hangs would hang it, too.
            try service.run { _exit(EX_TEMPFAIL) }
            withExtendedLifetime(signals) {}
        } catch let errors as SettingsErrors {
            for warning in errors.warnings { logger.warning("\(warning)") }
            for problem in errors.problems { logger.error("\(problem)") }
            throw Stopped(exitCode: EX_CONFIG)
        } catch {
            guard let code = sysexit(for: error) else { throw error }
            logger.error("\(error)")
            throw Stopped(exitCode: code)
        }
    }
}
