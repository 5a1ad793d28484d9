import Foundation

/// A stream that an earlier process left without its end: its newest record is not its `stream_end`.
public struct UnfinishedStream: Hashable, Sendable {
    /// The time of that record, where it has one. By the camera's clock it may be a little in the future.
    public let lastTime: Date?
}

/// What an earlier process left at the end of a log, after a crash or a power cut. For regular files.
struct LogTail {
    let descriptor: Int32
    let size: Int

    enum End: Hashable {
        /// At a line feed, or empty.
        case whole
        /// Part of a record: the last line starts here.
        case torn(start: Int)
        /// Something that no process of ours wrote.
        case foreign
    }

    private static let blockSize = 65_536
    /// More than the longest record, and than the zeros that a file system leaves of what it had no time to write.
    private static let searchLimit = 64 << 20
    /// Of the newest records, this many bytes are looked at.
    static let scanLimit = 1 << 20

    init(descriptor: Int32, size: Int) {
        self.descriptor = descriptor
        self.size = size
    }

    /// The end of the file of this name; `nil` where it cannot be read.
    private init?(path: String) {
        descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var information = stat()
        guard descriptor >= 0 else { return nil }
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        size = Int(information.st_size)
    }

    func end() throws(SystemError) -> End {
        var (start, end) = (0, size)
        while end > 0 {
            guard size - end < Self.searchLimit else { return .foreign }
            let begin = max(0, end - Self.blockSize)
            if let lineFeed = try read(begin..<end).lastIndex(of: UInt8(ascii: "\n")) {
                start = begin + lineFeed + 1
                break
            }
            end = begin
        }
        guard start < size else { return .whole }
        return try isRecord(from: start) ? .torn(start: start) : .foreign
    }

    /// Whether what begins here is the beginning of a record, or the zeros that a power cut leaves of one, or both.
    /// Anything else is not ours to remove.
    private func isRecord(from start: Int) throws(SystemError) -> Bool {
        let first = EventRecord.beginning
        let head = try read(start..<min(size, start + first.count)).prefix { $0 != 0 }
        guard first.starts(with: head) else { return false }
        if head.count == first.count { return true }
        return try isZero(from: start + head.count)
    }

    private func isZero(from start: Int) throws(SystemError) -> Bool {
        for begin in stride(from: start, to: size, by: Self.blockSize) {
            guard try read(begin..<min(size, begin + Self.blockSize)).allSatisfy({ $0 == 0 }) else { return false }
        }
        return true
    }

    /// - Parameter older: name of the file that goes before this one, if there is one.
    func unfinished(older: String) throws(SystemError) -> [String: UnfinishedStream] {
        var found: [String: UnfinishedStream] = [:]
        if size < Self.scanLimit, let before = LogTail(path: older) {
            defer { close(before.descriptor) }
            try before.scan(last: Self.scanLimit - size, into: &found)
        }
        try scan(last: Self.scanLimit, into: &found)
        return found
    }

    private func scan(last count: Int, into found: inout [String: UnfinishedStream]) throws(SystemError) {
        let begin = max(0, size - count)
        // The first line may be part of one: then it is no JSON.
        for line in try read(begin..<size).split(separator: UInt8(ascii: "\n")) {
            guard let record = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
                let type = record["type"] as? String, let stream = record["stream"] as? String
            else { continue }
            let time = (record["time"] as? String).flatMap { try? Date($0, strategy: Self.timeFormat) }
            found[stream] = type == "stream_end" ? nil : UnfinishedStream(lastTime: time)
        }
    }

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private func read(_ range: Range<Int>) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + done, $0.count - done, off_t(range.lowerBound + done))
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError() }
            // Somebody made it shorter meanwhile.
            guard count > 0 else { return Array(bytes.prefix(done)) }
            done += count
        }
        return bytes
    }
}
