import Foundation
import Streams

/// What people read: everything goes to stderr, a line at a time.
enum Diagnostics {
    static let isTerminal = isatty(STDERR_FILENO) == 1

    static func error(_ message: String) { note("lookout: error: \(message)") }
    static func warning(_ message: String) { note("lookout: warning: \(message)") }
    static func note(_ message: String) { write(visible(message, keepsLines: true) + "\n") }

    /// Writes as it is. A stderr that is gone or full leaves nothing to be done.
    static func write(_ text: String) { FileHandle.standardError.writeIfPossible(Data(text.utf8)) }
}

extension FileHandle {
    fileprivate func writeIfPossible(_ data: Data) {
        data.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(fileDescriptor, bytes.baseAddress! + written, bytes.count - written)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return }
                written += count
            }
        }
    }
}

/// Writes a result to stdout; throws when nobody takes it.
func printResult(_ text: String) throws {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw ResultError(message: String(cString: strerror(errno))) }
        bytes = bytes.dropFirst(count)
    }
}

/// Stdout could not be written.
struct ResultError: Error, CustomStringConvertible {
    let message: String
    var description: String { "standard output: \(message)" }
}
