import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite("Event files that cannot be written") struct EventFileFailureTests {
    private let bench: EventFileBench

    init() throws { bench = try EventFileBench() }

    private func append(_ number: Int, _ stream: String = "gate", to file: EventFile) -> EventFile.Outcome {
        file.append(EventFileBench.line(number, stream), stream: stream)
    }

    private var full: String { "\(bench.path): cannot be written: No space left on device" }

    private func gap(_ stream: String, seconds: String, records: Int, _ message: String) -> String {
        #"{"v":1,"type":"gap","stream":"\#(stream)","time":"2026-11-20T20:24:35.284Z","time_source":"arrival","#
            + #""reason":"write_failed","seconds":\#(seconds),"records":\#(records),"message":"cannot be written: "#
            + message + "\"}\n"
    }

    @Test func aFailureIsCountedTriedAgainAndTold() throws {
        let file = bench.file()
        #expect(append(0, to: file) == .written)
        bench.write([.takes(9), .fails(ENOSPC), .takes(3), .fails(EIO)])
        #expect(append(1, to: file) == .lost(reason: full))
        #expect(try bench.text() == EventFileBench.text([0]))
        #expect(bench.notices == ["cannot be written: No space left on device; records are lost until that changes"])

        // Nobody tries within the second.
        let writes = bench.writes
        bench.pass(.milliseconds(999))
        #expect(append(2, to: file) == .lost(reason: full))
        #expect(append(0, "yard", to: file) == .lost(reason: full))
        #expect(bench.writes == writes)
        #expect(file.status.failure == full)

        // The gap that comes first fails in another way.
        bench.pass(.milliseconds(1))
        #expect(append(3, to: file) == .lost(reason: "\(bench.path): cannot be written: Input/output error"))
        #expect(bench.notices.isEmpty)
        #expect(try bench.text() == EventFileBench.text([0]))

        bench.pass(.milliseconds(1500))
        #expect(append(1, "yard", to: file) == .written)
        #expect(append(4, to: file) == .written)
        #expect(
            try bench.text() == EventFileBench.text([0])
                + gap("gate", seconds: "2.500", records: 3, "No space left on device")
                + gap("yard", seconds: "1.501", records: 1, "No space left on device")
                + String(decoding: EventFileBench.line(1, "yard"), as: UTF8.self) + EventFileBench.text([4]))
        #expect(bench.notices == ["can be written again; 4 records were lost in 2.5 s"])
        #expect(file.status.failure == nil)
        #expect(file.status.written == 3)
        #expect(file.status.lost == 4)
        #expect(file.status(of: "gate").written == 2)
        #expect(file.status(of: "gate").lost == 3)
        #expect(file.status(of: "yard").lost == 1)
        #expect(file.status(of: "none").lost == 0)
    }

    /// It cannot wait: nothing comes after it.
    @Test func theEndOfAStreamIsTriedAtOnce() throws {
        let file = bench.file()
        bench.write([.fails(ENOSPC)])
        #expect(append(0, to: file) == .lost(reason: full))
        #expect(append(1, to: file) == .lost(reason: full))
        let end = Array("{\"v\":1,\"type\":\"stream_end\",\"stream\":\"gate\"}\n".utf8)
        #expect(file.append(end, stream: "gate") == .written)
        #expect(
            try bench.text() == gap("gate", seconds: "0.000", records: 2, "No space left on device")
                + String(decoding: end, as: UTF8.self))
    }

    @Test func noLossIsToldTwice() throws {
        let file = bench.file()
        bench.write([.fails(ENOSPC)])
        for stream in ["a", "b"] { #expect(append(0, stream, to: file) == .lost(reason: full)) }
        // The gap of the first is written, that of the second not.
        bench.write([.takes(1000), .fails(ENOSPC)])
        bench.pass(.seconds(1))
        #expect(append(1, "b", to: file) == .lost(reason: full))
        // Both gaps are written, the record not.
        bench.write([.takes(1000), .fails(ENOSPC)])
        bench.pass(.seconds(1))
        #expect(append(2, "b", to: file) == .lost(reason: full))
        bench.pass(.seconds(1))
        #expect(append(3, "b", to: file) == .written)
        let message = "No space left on device"
        #expect(
            try bench.text() == gap("a", seconds: "1.000", records: 1, message)
                + gap("b", seconds: "2.000", records: 2, message) + gap("b", seconds: "1.000", records: 1, message)
                + String(decoding: EventFileBench.line(3, "b"), as: UTF8.self))
        #expect(file.status(of: "b").written == 1)
        #expect(file.status(of: "b").lost == 3)
    }

    @Test func theGapsAreRecords() throws {
        let file = bench.file()
        bench.write([.fails(EDQUOT)])
        _ = append(0, "a \"b\"", to: file)
        bench.pass(.seconds(1))
        _ = append(1, to: file)
        let first = try #require(try bench.text().split(separator: "\n").first)
        let record = try #require(try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any])
        #expect(record["stream"] as? String == "a \"b\"")
        #expect(record["message"] as? String == "cannot be written: Disk quota exceeded")
    }

    /// It may have to be unmounted.
    @Test func aDiskThatFailsIsLetGo() throws {
        let file = bench.file()
        #expect(append(0, to: file) == .written)
        #expect(try bench.isOpen)
        bench.write([.fails(EIO)])
        #expect(append(1, to: file) != .written)
        #expect(try !bench.isOpen)
    }

    @Test func aTornLineInAPipeIsSetApart() throws {
        try #require(mkfifo(bench.path, 0o600) == 0)
        let reader = FileHandle(
            fileDescriptor: open(bench.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), closeOnDealloc: true)
        let file = bench.file()
        bench.write([.takes(4), .fails(EIO)])
        #expect(append(0, to: file) != .written)
        bench.pass(.seconds(1))
        #expect(append(1, to: file) == .written)
        file.close()
        let text = try #require(try reader.readToEnd().map { String(decoding: $0, as: UTF8.self) })
        let told = gap("gate", seconds: "1.000", records: 1, "Input/output error")
        #expect(text == "{\"v\"\n" + told + EventFileBench.text([1]))
    }

    @Test func aDiskThatComesLaterIsWritten() throws {
        bench.failOpening(EROFS)
        let file = bench.file()
        for number in 0..<5 {
            #expect(
                append(number, to: file) == .lost(reason: "\(bench.path): cannot be opened: Read-only file system"))
            bench.pass(.milliseconds(400))
        }
        bench.failOpening(nil)
        bench.pass(.milliseconds(400))
        #expect(append(5, to: file) == .written)
        #expect(try bench.text().contains(#""seconds":2.400,"records":5,"message":"cannot be opened: Read-only"#))
        #expect(try bench.text().hasSuffix(EventFileBench.text([5])))
    }

    @Test("A disk that is really full", .enabled(if: SmallDisk.available, SmallDisk.skipMessage))
    func aFullDisk() throws {
        let disk = try SmallDisk(bytes: 1 << 16)
        let file = bench.file(disk.path + "/events.jsonl")
        let line = Array("{\"frame\":\"\(String(repeating: "x", count: 700))\"}\n".utf8)
        for _ in 0..<3 { #expect(file.append(line, stream: "gate") == .written) }
        try disk.fill()
        var written = 3
        // The rest of the page that is there already, then part of a line.
        while file.append(line, stream: "gate") == .written { written += 1 }
        #expect(written > 3)
        #expect(file.status.failure?.hasSuffix("cannot be written: No space left on device") == true)
        let log = disk.path + "/events.jsonl"
        #expect(try String(contentsOfFile: log, encoding: .utf8).utf8.count == written * line.count)

        // Gaps may find room where a record does not.
        for _ in 0..<3 {
            bench.pass(.seconds(1))
            #expect(file.append(line, stream: "gate") != .written)
        }
        try disk.empty()
        bench.pass(.seconds(1))
        #expect(file.append(line, stream: "gate") == .written)

        var (whole, lost) = (0, 0)
        for found in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") {
            let record = try #require(try JSONSerialization.jsonObject(with: Data(found.utf8)) as? [String: Any])
            whole += record["frame"] == nil ? 0 : 1
            lost += record["records"] as? Int ?? 0
        }
        #expect(whole == written + 1)
        #expect(lost == 4)
        #expect(file.status.written == whole)
        #expect(file.status.lost == lost)
        file.close()
    }
}
