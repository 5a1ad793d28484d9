import ArgumentParser
import Streams

/// `lookout schema`: the event log's format, for programs that read it.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of the event records.")

    func run() throws { try printResult(EventSchema.text) }
}
