import Foundation
import TestSupport
import Testing

@testable import Streams

@Suite("Ends of logs") struct LogTailTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func tail<Result>(_ bytes: some Sequence<UInt8>, _ body: (LogTail) throws -> Result) throws -> Result {
        let path = try folder.write(bytes, to: "log")
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        return try body(LogTail(descriptor: descriptor, size: Array(bytes).count))
    }

    @Test(
        arguments: [
            ("", .whole), ("\n", .whole), ("{}\n", .whole), ("garbage\n", .whole),
            ("{", .torn(start: 0)), ("{}\n{\"v\":1,\"type\":\"fr", .torn(start: 3)),
            ("\n{\"v\":1,\"ty", .torn(start: 1)), ("{\"v\":1,\"type\":\"frame\0\0", .torn(start: 0)),
            ("{}\n\0", .torn(start: 3)), ("{}\n{\"v\0\0\0", .torn(start: 3)), ("\0\0\0\0", .torn(start: 0)),
            // A file that is not ours loses nothing.
            ("notes without an end", .foreign), ("{}\nnote", .foreign), ("\u{FEFF}{", .foreign),
            ("{\"precious\":1}", .foreign), ("{}\n{}", .foreign), ("{\"v\":2", .foreign), ("{\"v\0x", .foreign),
            ("{}\n\0\0\0{}", .foreign), ("\0\0\0precious\0", .foreign),
        ] as [(String, LogTail.End)]) func theEndIsTold(_ text: String, _ end: LogTail.End) throws
    {
        #expect(try tail(text.utf8) { try $0.end() } == end)
    }

    /// Around the blocks that are read.
    @Test(arguments: [65_535, 65_536, 65_537, 131_072, 1_000_000]) func longTornLinesAreFound(_ length: Int) throws {
        let beginning = EventRecord.beginning
        let torn = beginning + [UInt8](repeating: UInt8(ascii: "a"), count: length - beginning.count)
        #expect(try tail(torn) { try $0.end() } == .torn(start: 0))
        #expect(try tail("{}\n".utf8 + torn) { try $0.end() } == .torn(start: 3))
        #expect(try tail("{}\n".utf8 + torn + "\n".utf8) { try $0.end() } == .whole)
        let zeros = [UInt8](repeating: 0, count: length)
        #expect(try tail(zeros) { try $0.end() } == .torn(start: 0))
        #expect(try tail(zeros + "x".utf8) { try $0.end() } == .foreign)
    }

    @Test func everyRecordHasTheBeginning() {
        let stamp = EventStamp(stream: "a", time: nil, timeSource: .file)
        let line = EventRecord.streamDown(StreamDown(stamp: stamp, reason: .reset, message: "")).line()
        #expect(line.starts(with: EventRecord.beginning))
        #expect(!EventRecord.isStreamEnd(line))
    }

    /// Sparse: it takes no disk.
    @Test func theSearchHasABound() throws {
        let path = try folder.write("{}\n".utf8, to: "large")
        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        for (size, end) in [(60 << 20, LogTail.End.torn(start: 3)), (80 << 20, .foreign)] {
            try #require(ftruncate(descriptor, off_t(size)) == 0)
            #expect(try LogTail(descriptor: descriptor, size: size).end() == end)
        }
    }

    private func record(_ stream: String, _ type: String, _ time: String? = nil) -> String {
        #"{"v":1,"type":"\#(type)","stream":"\#(stream)""# + (time.map { #","time":"\#($0)""# } ?? "") + "}\n"
    }

    private let one = "2026-11-20T20:24:35.500Z"
    private let two = "2026-11-20T20:24:36.500Z"
    private let date = Date(timeIntervalSince1970: 1_795_206_275.5)

    private func unfinished(_ text: String) throws -> [String: UnfinishedStream] {
        try tail(text.utf8) { try $0.unfinished(older: folder.file("log.1")) }
    }

    @Test func streamsWithoutAnEndAreFound() throws {
        let found = try unfinished(
            record("a", "stream_up", one) + record("b", "frame", one) + record("a", "frame", two)
                + record("c", "frame", one) + record("a", "stream_end", two) + record("b", "frame", two)
                + record("d", "stream_end") + record("d", "stream_up") + record("c", "frame", one))
        #expect(
            found == [
                "b": UnfinishedStream(lastTime: date + 1), "c": UnfinishedStream(lastTime: date),
                "d": UnfinishedStream(lastTime: nil),
            ])
    }

    @Test func garbageIsPassedOver() throws {
        let found = try unfinished(
            "\n\nnot json\n[1]\n\"x\"\n{\"v\":1}\n{\"type\":3,\"stream\":\"x\"}\n{\"type\":\"frame\",\"stream\":[]}\n"
                + "\0\0\0\n" + String(repeating: "[", count: 100_000) + "\n{\"v\":1,\"type\":\"fra\n"
                + record("a", "frame", "yesterday") + record("b", "frame", one)
                + "{\"v\":1,\"type\":\"stream_end\",\"str")
        #expect(found == ["a": UnfinishedStream(lastTime: nil), "b": UnfinishedStream(lastTime: date)])
    }

    @Test func onlyTheNewestAreLookedAt() throws {
        let filler = String(repeating: record("filler", "frame"), count: 30_000)
        #expect(filler.utf8.count > LogTail.scanLimit)
        let found = try unfinished(record("old", "frame", one) + filler + record("new", "frame", one))
        #expect(found.keys.sorted() == ["filler", "new"])
    }

    @Test func aFileRotatedJustNowIsLookedAtToo() throws {
        let older = record("a", "frame", one) + record("b", "frame", one) + record("c", "stream_end", one)
        try folder.write(older.utf8, to: "log.1")
        #expect(try unfinished("").keys.sorted() == ["a", "b"])
        #expect(try unfinished(record("a", "stream_end")).keys.sorted() == ["b"])
        #expect(try unfinished(record("c", "stream_up")).keys.sorted() == ["a", "b", "c"])
    }
}
