import Foundation
import Streams

/// A regular file of a few pages, read whole.
struct SmallFile {
    let bytes: [UInt8]
    /// Everybody on this machine may read it.
    let isOpenToAll: Bool

    /// Why it could not be read, without its name.
    struct Failure: Error { let message: String }

    init(_ path: String, limit: Int) throws(Failure) {
        // O_NONBLOCK: a FIFO without a writer must be refused, not waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(message: systemMessage()) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw Failure(message: systemMessage()) }
        guard information.st_mode & S_IFMT == S_IFREG else {
            let isFolder = information.st_mode & S_IFMT == S_IFDIR
            throw Failure(message: isFolder ? "is a folder; expected a file" : "is no regular file")
        }
        isOpenToAll = information.st_mode & S_IROTH != 0
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            let status = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + count, $0.count - count) }
            if status < 0 && errno == EINTR { continue }
            guard status >= 0 else { throw Failure(message: systemMessage()) }
            if status == 0 { break }
            count += status
        }
        guard count <= limit else { throw Failure(message: "holds more than the \(limit) bytes expected of it") }
        self.bytes = Array(bytes.prefix(count))
    }
}
