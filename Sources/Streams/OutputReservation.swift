import Foundation

/// Keeps other runs from writing an unfinished file, by an advisory lock on it. Ends with its last reference, or with the
/// process, however that ends; an unfinished file that is still empty then goes, too.
public final class OutputReservation: Sendable {
    private let descriptor: Int32
    private let writingPath: String

    /// The file may get its final name between opening and locking, and a new one take its place; so often is it tried again.
    private static let attempts = 10

    init(_ path: String, writingPath: String) throws {
        for _ in 0..<Self.attempts {
            let descriptor = open(writingPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
            guard descriptor >= 0 else {
                throw OutputError(path, "cannot be created: \(systemMessage())", whileCreating: true)
            }
            // Some network file systems know no locks: there it is as without one.
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK {
                close(descriptor)
                throw OutputError(
                    path, "another run writes \(writingPath) now; wait for its end, or name another file", .busy)
            }
            if FileIdentity(descriptor: descriptor) == FileIdentity(path: writingPath) {
                self.descriptor = descriptor
                self.writingPath = writingPath
                return
            }
            close(descriptor)
        }
        throw OutputError(path, "other runs write \(writingPath) again and again; name another file", .busy)
    }

    deinit {
        var information = stat()
        if fstat(descriptor, &information) == 0, information.st_size == 0,
            FileIdentity(descriptor: descriptor) == FileIdentity(path: writingPath)
        {
            unlink(writingPath)
        }
        close(descriptor)
    }
}
