import Foundation
import TestSupport
import Testing

@testable import Streams

@Suite("Event log") struct EventLogTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func record(_ stream: String) -> EventRecord {
        let stamp = EventStamp(stream: stream, time: nil, timeSource: .file)
        return .streamEnd(StreamEnd(stamp: stamp, reason: .end, decoded: 1, analysed: 1, decodeErrors: 0, seconds: 0))
    }

    @Test func everyRecordIsALineThatIsThereAtOnce() throws {
        let path = try folder.write("older".utf8, to: "log")
        let log = try EventLog(path: path, name: "log")
        var expected: [UInt8] = []
        for name in ["a", "b\nc", String(repeating: "long", count: 100_000)] {
            try log.write(record(name))
            expected += record(name).line()
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(expected))
        }
    }

    @Test func aPlaceThatCannotHoldALogIsNamed() throws {
        let error = #expect(throws: OutputError.self) {
            try EventLog(path: folder.file("none/log"), name: "none/log")
        }
        #expect(error?.kind == .creation)
        #expect(error?.description == "none/log: cannot be created: No such file or directory")
    }

    @Test func aFullDiskIsAnErrorOfItsOwn() throws {
        let log = try EventLog(path: "/dev/full", name: "events.jsonl")
        let error = #expect(throws: OutputError.self) { try log.write(record("a")) }
        #expect(error?.kind == .writing)
        #expect(error?.description == "events.jsonl: cannot be written: No space left on device")
    }
}
