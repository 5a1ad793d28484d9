import Foundation
import TestSupport
import Testing

@testable import Streams

@Suite("Line writer") struct LineWriterTests {
    private let bench: EventFileBench

    init() throws { bench = try EventFileBench() }

    private func writing(_ flags: Int32, _ body: (inout LineWriter) throws -> Void) throws {
        let descriptor = open(bench.path, O_WRONLY | O_CREAT | flags, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var writer = LineWriter(descriptor, calls: bench.calls)
        try body(&writer)
    }

    @Test func aLineIsOneWrite() throws {
        try writing(0) { try $0.write(EventFileBench.line(1)) }
        #expect(bench.writes == 1)
        #expect(try bench.text() == EventFileBench.text([1]))
    }

    @Test func shortAndInterruptedWritesGoOn() throws {
        bench.write([.takes(3), .fails(EINTR), .takes(1), .takes(20), .fails(EINTR)])
        try writing(0) { try $0.write(EventFileBench.line(1)) }
        #expect(bench.writes == 6)
        #expect(try bench.text() == EventFileBench.text([1]))
    }

    @Test(arguments: [O_APPEND, 0], [1, 7, EventFileBench.line(1).count - 1])
    func whatWasWrittenOfALostLineIsTakenBack(_ flags: Int32, _ taken: Int) throws {
        try writing(flags) { writer in
            try writer.write(EventFileBench.line(0))
            bench.write([.takes(taken), .fails(ENOSPC)])
            let error = #expect(throws: SystemError.self) { try writer.write(EventFileBench.line(1)) }
            #expect(error?.code == ENOSPC)
            #expect(try bench.text() == EventFileBench.text([0]))
            try writer.write(EventFileBench.line(2))
        }
        #expect(try bench.text() == EventFileBench.text([0, 2]))
    }

    /// It would be tried for ever.
    @Test func aWriteThatTakesNothingIsAnError() throws {
        try writing(0) { writer in
            bench.write([.takes(5), .takes(0)])
            let error = #expect(throws: SystemError.self) { try writer.write(EventFileBench.line(1)) }
            #expect(error?.code == EIO)
        }
        #expect(try bench.text().isEmpty)
    }

    @Test func whatSomebodyElseAppendedStays() throws {
        try writing(O_APPEND) { writer in
            let other = open(bench.path, O_WRONLY | O_APPEND)
            defer { close(other) }
            var calls = bench.calls
            // Between the part that is taken and the failure.
            let real = calls.write
            calls.write = { descriptor, bytes in
                let count = real(descriptor, bytes)
                if count == 4 { _ = Glibc.write(other, "other\n", 6) }
                return count
            }
            writer = LineWriter(writer.descriptor, calls: calls)
            bench.write([.takes(4), .fails(EIO)])
            #expect(throws: SystemError.self) { try writer.write(EventFileBench.line(1)) }
            try writer.write(EventFileBench.line(2))
        }
        #expect(try bench.text() == "{\"v\"other\n\n" + EventFileBench.text([2]))
    }

    @Test func inAPipeATornLineIsALineOfItsOwn() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        var writer = LineWriter(ends[1], calls: bench.calls)
        bench.write([.takes(4), .fails(EIO), .takes(1), .fails(EIO)])
        for _ in 0..<2 { #expect(throws: SystemError.self) { try writer.write(EventFileBench.line(1)) } }
        for number in [2, 3] { try writer.write(EventFileBench.line(number)) }
        close(ends[1])
        let text = try #require(
            try FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).readToEnd().map {
                String(decoding: $0, as: UTF8.self)
            })
        #expect(text == "{\"v\"\n\n" + EventFileBench.text([2, 3]))
    }
}
