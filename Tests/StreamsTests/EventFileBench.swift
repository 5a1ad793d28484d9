import Foundation
import Pipeline
import TestSupport

@testable import Streams

/// A folder with an event file whose clock stands still until it is told to go on, and whose writes can be made to fail.
final class EventFileBench: Sendable {
    enum Write {
        case fails(Int32)
        /// So many bytes of what it is given.
        case takes(Int)
    }

    let folder: TemporaryFolder
    private let began = ContinuousClock.now
    private let elapsed = Locked(Duration.zero)
    private let script = Locked<[Write]>([])
    private let openFailure = Locked<Int32?>(nil)
    private let told = Locked<[EventFileNotice]>([])
    private let writeCount = Locked(0)

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder.file("events.jsonl") }

    /// Messages since the last call.
    var notices: [String] {
        told.withLock { told in
            defer { told = [] }
            return told.map(\.message)
        }
    }

    /// Calls of write(2).
    var writes: Int { writeCount.withLock { $0 } }

    func file(_ path: String? = nil, rotateBytes: Int = 0, kept: Int = 3) -> EventFile {
        var settings = EventFileSettings(path: path ?? self.path)
        (settings.rotateBytes, settings.rotatedFiles) = (rotateBytes, kept)
        return EventFile(settings, calls: calls) { notice in self.told.withLock { $0.append(notice) } }
    }

    func pass(_ time: Duration) { elapsed.withLock { $0 += time } }

    /// What the next writes do; those after them are the system's own.
    func write(_ next: [Write]) { script.withLock { $0 = next } }

    /// `nil`: as the system does.
    func failOpening(_ code: Int32?) { openFailure.withLock { $0 = code } }

    var calls: FileCalls {
        var calls = FileCalls()
        calls.now = { self.began + self.elapsed.withLock { $0 } }
        calls.date = { Date(timeIntervalSince1970: 1_795_206_275.284) }
        calls.open = { path, flags, mode in
            guard let code = self.openFailure.withLock({ $0 }) else { return open(path, flags, mode) }
            errno = code
            return -1
        }
        calls.write = { descriptor, bytes in
            self.writeCount.withLock { $0 += 1 }
            switch self.script.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            case nil: return Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            case .takes(let count): return Glibc.write(descriptor, bytes.baseAddress, min(count, bytes.count))
            case .fails(let code):
                errno = code
                return -1
            }
        }
        return calls
    }

    // MARK: Lines

    static func line(_ number: Int, _ stream: String = "gate") -> [UInt8] {
        Array("{\"v\":1,\"type\":\"frame\",\"stream\":\"\(stream)\",\"frame\":\(number)}\n".utf8)
    }

    /// What a log of these frames holds.
    static func text(_ numbers: some Sequence<Int>) -> String {
        String(decoding: numbers.flatMap { line($0) }, as: UTF8.self)
    }

    func text(_ name: String = "events.jsonl") throws -> String {
        try String(contentsOfFile: folder.file(name), encoding: .utf8)
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

    /// Whether this process has the file open.
    var isOpen: Bool {
        get throws {
            let descriptors = "/proc/self/fd/"
            return try FileManager.default.contentsOfDirectory(atPath: descriptors).contains {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: descriptors + $0)) == path
            }
        }
    }
}
