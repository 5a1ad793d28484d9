import Foundation

/// Appends records to a file, whole lines at a time, each handed to the system at once so that it can be followed.
/// One thread at a time.
public final class EventLog {
    private let name: String
    private let descriptor: Int32

    /// - Parameter path: created or emptied; `-` is stdout.
    public init(path: String, name: String) throws {
        self.name = name
        guard path != "-" else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw OutputError(name, "cannot be created: \(systemMessage())", whileCreating: true)
        }
    }

    deinit {
        if descriptor != STDOUT_FILENO { close(descriptor) }
    }

    public func write(_ record: EventRecord) throws {
        let line = record.line()
        var written = 0
        while written < line.count {
            let count = line.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + written, line.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                let failure = OutputError(name, "cannot be written: \(systemMessage())", whileCreating: false)
                removeTornLine(bytes: written)
                throw failure
            }
            written += count
        }
    }

    /// A line that a full disk cut short would spoil the log for programs that read it.
    private func removeTornLine(bytes: Int) {
        guard bytes > 0, descriptor != STDOUT_FILENO else { return }
        let end = lseek(descriptor, 0, SEEK_CUR)
        if end >= bytes { ftruncate(descriptor, end - off_t(bytes)) }
    }
}
