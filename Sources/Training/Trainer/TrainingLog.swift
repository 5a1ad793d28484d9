import Foundation

/// A training's log: a `TrainingRecord` a line, appended. One writer at a time: the file is locked. One thread.
final class TrainingLog {
    let path: String
    private let descriptor: Int32

    /// - Throws: `TrainingError` where the file cannot be had, or another training writes it.
    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw TrainingError(.cannotCreate, "\(path): cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw TrainingError(
                .cannotCreate,
                "\(path): another training of this name writes here; wait for it, or choose another --output")
        }
        repairEnd()
    }

    deinit { close(descriptor) }

    /// Whole or not at all.
    ///
    /// - Throws: what the system says.
    func append(_ record: TrainingRecord) throws {
        let line = Array(try record.line()) + [UInt8(ascii: "\n")]
        let end = lseek(descriptor, 0, SEEK_END)
        var written = 0
        while written < line.count {
            let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(count < 0 ? errno : EIO))
                ftruncate(descriptor, end)
                throw TrainingError(.cannotWrite, "\(path): cannot be written: \(reason)")
            }
            written += count
        }
    }

    /// The records that hold, up to this iteration: those of a run that went beyond a checkpoint, and was killed, do not.
    static func records(of path: String, through iteration: Int) throws -> [TrainingRecord] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        var records: [TrainingRecord] = []
        for line in data.split(separator: UInt8(ascii: "\n")) {
            // What is no record of ours tells the curves nothing.
            guard let record = try? TrainingRecord(line: Data(line)) else { continue }
            if record.type == .start {
                while let last = records.last, last.iteration > record.iteration { records.removeLast() }
            }
            records.append(record)
        }
        return records.filter { $0.iteration <= iteration }
    }

    /// A kill may have left a part of a line, which would spoil the next one.
    private func repairEnd() {
        let size = lseek(descriptor, 0, SEEK_END)
        var tail = [UInt8](repeating: 0, count: Int(min(size, 1 << 16)))
        let count = pread(descriptor, &tail, tail.count, size - off_t(tail.count))
        guard count == tail.count, tail.last ?? UInt8(ascii: "\n") != UInt8(ascii: "\n") else { return }
        // Without a line feed far and wide it is no log of ours: nothing of it is taken away.
        let torn = tail.lastIndex(of: UInt8(ascii: "\n")).map { tail.count - 1 - $0 } ?? 0
        ftruncate(descriptor, size - off_t(torn))
    }
}

/// Why a training could not begin or go on, in words for people.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The options, cfg, weights and data do not go together.
        case mismatch
        /// A picture of the validation cannot be decoded, and is not to be skipped.
        case badPicture
        /// Loss or weights are no longer finite, or grow without end.
        case diverged
        case cannotCreate, cannotWrite
    }

    public let kind: Kind
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
