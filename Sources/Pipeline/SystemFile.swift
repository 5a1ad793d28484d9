import Glibc

/// The kernel's small text files, whose size nobody tells before they are read.
enum SystemFile {
    private static let mostBytes = 1 << 20

    /// `nil` where it cannot be read. What goes beyond a megabyte is left out, and bytes that are no text are replaced.
    static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: mostBytes)
        var count = 0
        while count < mostBytes {
            let more = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + count, mostBytes - count) }
            if more < 0 && errno == EINTR { continue }
            guard more >= 0 else { return nil }
            if more == 0 { break }
            count += more
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
