import Foundation

/// The log of recordings: a new file, whose records are each handed to the system at once so that it can be followed.
/// The first failure is the caller's to tell; `EventFile` is the log that outlives failures. One thread at a time.
public final class EventLog {
    private let name: String
    private var writer: LineWriter
    private var json = JSONLine()

    /// - Parameter path: created or emptied; `-` is stdout.
    public init(path: String, name: String) throws {
        self.name = name
        guard path != "-" else {
            writer = LineWriter(STDOUT_FILENO)
            return
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw OutputError(name, "cannot be created: \(systemMessage())", whileCreating: true)
        }
        writer = LineWriter(descriptor)
    }

    deinit {
        if writer.descriptor != STDOUT_FILENO { close(writer.descriptor) }
    }

    public func write(_ record: EventRecord) throws {
        do {
            json.clear()
            record.encode(into: &json)
            json.terminate()
            try writer.write(json.bytes)
        } catch {
            throw OutputError(name, "cannot be written: \(error)", whileCreating: false)
        }
    }
}
