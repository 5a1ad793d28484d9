import Foundation

/// Writes lines whole: what the system took of a line that it did not take to the end is taken back, since it would
/// spoil the log for programs that read it. One thread at a time.
struct LineWriter {
    let descriptor: Int32
    private let calls: FileCalls
    /// Something that is no line stands at the end: the next line starts with a line feed.
    private var isTorn: Bool

    init(_ descriptor: Int32, isTorn: Bool = false, calls: FileCalls = FileCalls()) {
        self.descriptor = descriptor
        self.isTorn = isTorn
        self.calls = calls
    }

    /// - Parameter line: with its line feed. One write(2), more only where the system takes less at once.
    mutating func write(_ line: [UInt8]) throws(SystemError) {
        let bytes = isTorn ? [UInt8(ascii: "\n")] + line : line
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                calls.write(descriptor, UnsafeRawBufferPointer(rebasing: $0[written...]))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                // No progress and no reason would be tried for ever.
                let error = SystemError(count < 0 ? errno : EIO)
                if written > 0 && !takeBack(written) { isTorn = true }
                throw error
            }
            written += count
        }
        isTorn = false
    }

    /// - Returns: false where that cannot be done: a pipe, or a file that somebody else wrote to since.
    private func takeBack(_ bytes: Int) -> Bool {
        let end = lseek(descriptor, 0, SEEK_CUR)
        var information = stat()
        guard end >= bytes, fstat(descriptor, &information) == 0, information.st_size == end else { return false }
        let start = end - off_t(bytes)
        // Without O_APPEND the next write would leave a hole.
        return ftruncate(descriptor, start) == 0 && lseek(descriptor, start, SEEK_SET) == start
    }
}

/// What a system call failed with.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    init(_ code: Int32 = errno) { self.code = code }

    var description: String { String(cString: strerror(code)) }
}

/// The system calls and clocks that tests replace. They set `errno` as the system's do.
struct FileCalls: Sendable {
    var open: @Sendable (_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 = { Glibc.open($0, $1, $2) }
    var write: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int = {
        Glibc.write($0, $1.baseAddress, $1.count)
    }
    /// Does not follow changes of the wall clock.
    var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// Stamps records.
    var date: @Sendable () -> Date = { Date() }
}
