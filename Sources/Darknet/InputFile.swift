import Foundation

/// A regular file open for reading, whose size is known before anything is allocated for its content; or a file that the
/// program carries.
package struct InputFile: ~Copyable {
    private enum Source {
        case descriptor(Int32)
        case builtIn(BuiltInFile.Cursor)
    }

    package let path: String
    package let byteCount: Int
    private let source: Source

    /// Throws `.cannotRead` for what is missing, not permitted, or not a regular file.
    package init(_ path: String) throws(DarknetError) {
        if BuiltInFile.isNamed(by: path) {
            let cursor = BuiltInFile.Cursor(try BuiltInFile.bytes(of: path))
            self.path = path
            byteCount = cursor.rest.count
            source = .builtIn(cursor)
            return
        }
        // O_NONBLOCK: a FIFO without a writer must be refused, not waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot open: \(systemMessage(errno))") }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let message = systemMessage(errno)
            close(descriptor)
            throw Self.failure(path, "cannot look up its size: \(message)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device, pipe or socket"
            throw Self.failure(path, "is \(kind); expected a regular file")
        }
        self.path = path
        self.byteCount = Int(status.st_size)
        source = .descriptor(descriptor)
    }

    deinit { if case .descriptor(let descriptor) = source { close(descriptor) } }

    /// Whether there is something of that name: a file, a folder, or what the program carries.
    package static func exists(_ path: String) -> Bool {
        BuiltInFile.isNamed(by: path) ? BuiltInFile.exists(path) : FileManager.default.fileExists(atPath: path)
    }

    /// Whether there is a file of that name, and no folder, device or pipe.
    package static func isRegular(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The next `count` values, read straight into the array. Every bit pattern must be a `Value`.
    package func read<Value: BitwiseCopyable>(_ count: Int, of type: Value.Type) throws(DarknetError) -> [Value] {
        var failure: DarknetError?
        let values = [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            failure = fill(
                UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[..<(count * MemoryLayout<Value>.stride)]))
            initialized = failure == nil ? count : 0
        }
        if let failure { throw failure }
        return values
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> DarknetError? {
        switch source {
        case .descriptor(let descriptor): fill(buffer, from: descriptor)
        case .builtIn(let cursor):
            cursor.fill(buffer) ? nil : Self.failure(path, "ends before the \(buffer.count) bytes that are asked for")
        }
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32) -> DarknetError? {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let status = Foundation.read(descriptor, rest.baseAddress, rest.count)
            if status > 0 {
                filled += status
            } else if status == 0 {
                return Self.failure(path, "ended \(buffer.count - filled) bytes early: it shrank while it was read")
            } else if errno != EINTR {
                return Self.failure(path, "cannot read: \(systemMessage(errno))")
            }
        }
        return nil
    }

    private static func failure(_ path: String, _ message: String) -> DarknetError {
        DarknetError(.cannotRead, file: path, message: message)
    }
}

/// No text file of the family comes near it.
package let textByteLimit = 4 << 20

/// The text of a file of at most `byteLimit`, which must be UTF-8; a byte order mark is dropped.
package func readText(_ path: String, byteLimit: Int = textByteLimit) throws(DarknetError) -> String {
    let file = try InputFile(path)
    guard file.byteCount <= byteLimit else {
        throw DarknetError(
            .malformed, file: path,
            message: "holds \(file.byteCount) bytes; at most \(byteLimit) are expected of such a text file")
    }
    let bytes = try file.read(file.byteCount, of: UInt8.self)
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw DarknetError(.malformed, file: path, message: "is not UTF-8 text; expected a text file, saved as UTF-8")
    }
    return text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
}

/// What the system says to `code`, an `errno`.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
