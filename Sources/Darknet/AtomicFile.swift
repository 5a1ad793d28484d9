import Foundation

/// A file that takes its name only when it is complete: written beside it, then renamed.
package struct AtomicFile: ~Copyable {
    package let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isCommitted = false

    /// Throws `.cannotWrite`, as everything here.
    package init(_ path: String) throws(DarknetError) {
        // The process and a random number: several writers may share the folder.
        let temporaryPath = "\(path).\(getpid()).\(UInt32.random(in: 0...(.max))).tmp"
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let message = systemMessage(errno)
            throw DarknetError(.cannotWrite, file: path, message: "cannot create it: \(message)")
        }
        self.path = path
        self.temporaryPath = temporaryPath
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(temporaryPath) }
    }

    package func write<Value: BitwiseCopyable>(_ values: [Value]) throws(DarknetError) {
        let code = values.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let status = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if status >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[status...])
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
        guard code == 0 else { throw failure("cannot write", code) }
    }

    /// Puts the complete file on disk, in place of an earlier one.
    package mutating func commit() throws(DarknetError) {
        guard fsync(descriptor) == 0 else { throw failure("cannot write", errno) }
        guard rename(temporaryPath, path) == 0 else { throw failure("cannot put the finished file in place", errno) }
        isCommitted = true
    }

    private func failure(_ what: String, _ code: Int32) -> DarknetError {
        DarknetError(.cannotWrite, file: path, message: "\(what): \(systemMessage(code))")
    }
}

/// Writes a whole text file, as above.
func writeText(_ text: String, to path: String) throws(DarknetError) {
    var file = try AtomicFile(path)
    try file.write(Array(text.utf8))
    try file.commit()
}
