import Glibc

/// Follows a JPEG's marks to the end of its first picture, which libav does not miss where it was cut off.
///
/// What lies behind that end (a motion photo's video, a second picture) is not looked at, nor is the thumbnail inside of
/// a segment. Reads the file once, 64 KiB at a time.
struct JPEGEnd: ~Copyable {
    private let path: String
    private let interrupt: Interrupt
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var position = 0
    private var count = 0

    /// False for a JPEG that ends before its picture does; true for whatever is no JPEG.
    ///
    /// - Throws: `MediaError` for what is missing, no regular file, or cannot be read: libav would wait for it, or take
    ///   it for something else.
    static func isThere(_ path: String, interrupt: Interrupt) throws(MediaError) -> Bool {
        var file = try JPEGEnd(path, interrupt)
        guard try file.next() == 0xFF, try file.next() == Mark.start else { return true }
        return try file.findEnd()
    }

    private init(_ path: String, _ interrupt: Interrupt) throws(MediaError) {
        // O_NONBLOCK: a FIFO without a writer must be refused, not waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw MediaError(.noInput, path, "is no file")
        }
        self.path = path
        self.interrupt = interrupt
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private enum Mark {
        static let start: UInt8 = 0xD8
        static let end: UInt8 = 0xD9
        /// Without a length behind them: of restarts, of the start, and TEM.
        static func isBare(_ mark: UInt8) -> Bool { (0xD0...start).contains(mark) || mark == 0x01 }
    }

    /// From behind the start. A picture's bits hold no mark but those of restarts: a 0 follows each of their FF.
    private mutating func findEnd() throws(MediaError) -> Bool {
        while let mark = try nextMark() {
            if mark == Mark.end { return true }
            if Mark.isBare(mark) { continue }
            guard let high = try next(), let low = try next() else { return false }
            // The length counts itself. One below 2 is damage, which decoding will tell.
            try skip(max(Int(high) << 8 | Int(low), 2) - 2)
        }
        return false
    }

    /// The byte behind the next FF that is neither filling nor one of the picture's own.
    private mutating func nextMark() throws(MediaError) -> UInt8? {
        while try skipToFF() {
            var byte = try next()
            while byte == 0xFF { byte = try next() }
            guard let byte else { return nil }
            if byte != 0 { return byte }
        }
        return nil
    }

    // MARK: Bytes

    private mutating func next() throws(MediaError) -> UInt8? {
        guard try fill() else { return nil }
        defer { position += 1 }
        return buffer[position]
    }

    private mutating func skip(_ bytes: Int) throws(MediaError) {
        var rest = bytes
        while rest > 0, try fill() {
            let part = min(rest, count - position)
            position += part
            rest -= part
        }
    }

    /// To behind the next FF; false: there is none.
    private mutating func skipToFF() throws(MediaError) -> Bool {
        while try fill() {
            if let found = buffer[position..<count].firstIndex(of: 0xFF) {
                position = found + 1
                return true
            }
            position = count
        }
        return false
    }

    /// Whether there is another byte.
    private mutating func fill() throws(MediaError) -> Bool {
        while position == count {
            try interrupt.checkCancelled(path)
            let size = buffer.count
            let status = Glibc.read(descriptor, &buffer, size)
            if status == 0 { return false }
            if status > 0 {
                (position, count) = (0, status)
            } else if errno != EINTR {
                throw Self.failure(path)
            }
        }
        return true
    }

    private static func failure(_ path: String) -> MediaError {
        MediaError(.noInput, path, String(cString: strerror(errno)))
    }
}
