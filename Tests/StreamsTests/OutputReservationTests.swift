import Foundation
import TestSupport
import Testing

@testable import Streams

struct OutputReservationTests {
    private let folder: TemporaryFolder
    private let file: OutputFile

    init() throws {
        folder = try TemporaryFolder()
        file = try OutputFile(folder.file("a.jsonl"))
    }

    private func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.file(name)) }

    @Test func oneAtATime() throws {
        do {
            let first = try file.reserve()
            defer { withExtendedLifetime(first) {} }
            #expect(exists("a.partial.jsonl"))
            let error = #expect(throws: OutputError.self) { try OutputFile(folder.file("a.jsonl")).reserve() }
            #expect(error?.kind == .busy)
            #expect(error?.path == folder.file("a.jsonl"))
            #expect(error?.message.contains("another run writes") == true)
            #expect(try OutputFile(folder.file("b.jsonl")).reserve() != nil)
        }
        #expect(try file.reserve() != nil)
    }

    @Test func whatIsEmptyGoesAndTheRestStays() throws {
        _ = try file.reserve()
        #expect(!exists("a.partial.jsonl"))
        try folder.write("{}\n".utf8, to: "a.partial.jsonl")
        _ = try file.reserve()
        #expect(exists("a.partial.jsonl"))
    }

    /// The finished file is nobody's any more, even while the run that made it goes on.
    @Test func theNextRunMayStartOnceTheFileHasItsName() throws {
        let first = try file.reserve()
        try file.commit()
        let second = try file.reserve()
        #expect(exists("a.partial.jsonl") && exists("a.jsonl"))
        withExtendedLifetime((first, second)) {}
    }

    @Test func pipesAndDevicesAreNobodys() throws {
        #expect(try OutputFile("-").reserve() == nil)
        #expect(try OutputFile("/dev/null").reserve() == nil)
    }

    @Test func whatCannotBeMade() throws {
        let error = #expect(throws: OutputError.self) { try OutputFile(folder.file("none/a.jsonl")).reserve() }
        #expect(error?.kind == .creation)
        #expect(error?.message == "cannot be created: No such file or directory")
    }
}
