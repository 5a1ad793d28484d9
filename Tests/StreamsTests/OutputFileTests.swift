import Foundation
import TestSupport
import Testing

@testable import Streams

@Suite("Output files") struct OutputFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [
        ("a.mp4", "a.partial.mp4"), ("a", "a.partial"), ("x.tar.gz", "x.tar.partial.gz"),
        (".hidden", ".hidden.partial"),
        ("with space.jsonl", "with space.partial.jsonl"), ("./a.mkv", "./a.partial.mkv"),
    ]) func partialNamesKeepTheExtension(_ path: String, _ partial: String) throws {
        #expect(try OutputFile(path).writingPath == partial)
        #expect(try OutputFile("a.folder/" + path).writingPath == "a.folder/" + partial)
    }

    @Test func thePartialFileBecomesTheWholeOne() throws {
        try folder.write("old".utf8, to: "out.txt")
        let output = try OutputFile(folder.file("out.txt"))
        try folder.write("new".utf8, to: "out.partial.txt")
        #expect(try String(contentsOfFile: output.path, encoding: .utf8) == "old")
        try output.commit()
        #expect(try String(contentsOfFile: output.path, encoding: .utf8) == "new")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.txt"])
    }

    @Test func aWholeFileAtOnce() throws {
        try OutputFile(folder.file("out.txt")).write(Data("all".utf8))
        #expect(try String(contentsOfFile: folder.file("out.txt"), encoding: .utf8) == "all")
        #expect(throws: OutputError.self) { try OutputFile(folder.file("none/out.txt")).write(Data("all".utf8)) }
    }

    @Test(arguments: ["-", "/dev/null", "/dev/full"]) func devicesAndStdoutAreWrittenDirectly(_ path: String) throws {
        let output = try OutputFile(path)
        #expect(output.writingPath == path)
        #expect(!output.isTemporary)
        #expect(output.leftover() == nil)
        try output.commit()
    }

    @Test func aFolderIsNoFile() throws {
        for path in ["", folder.path, folder.path + "/", folder.file("new/")] {
            let error = #expect(throws: OutputError.self) { try OutputFile(path) }
            #expect(error?.kind == .creation)
            #expect(error?.description.contains("name a file") == true)
        }
    }

    @Test func aMissingPartialFileCannotBeCommitted() throws {
        let output = try OutputFile(folder.file("out.txt"))
        let error = #expect(throws: OutputError.self) { try output.commit() }
        #expect(error?.description.contains("out.partial.txt: No such file") == true)
    }

    @Test func whatIsLeftOverIsToldAndEmptyRemoved() throws {
        let output = try OutputFile(folder.file("out.txt"))
        #expect(output.leftover() == nil)
        try folder.write([], to: "out.partial.txt")
        #expect(output.leftover() == nil)
        #expect(!FileManager.default.fileExists(atPath: output.writingPath))
        try folder.write([1], to: "out.partial.txt")
        #expect(output.leftover() == output.writingPath)
    }

    @Test func anInputIsKnownUnderItsOtherNames() throws {
        let input = try folder.write([1], to: "in.mp4")
        try FileManager.default.createSymbolicLink(atPath: folder.file("link.mp4"), withDestinationPath: input)
        for path in [input, folder.path + "/./in.mp4", folder.file("link.mp4")] {
            #expect(try OutputFile(path).replaces(anyOf: identities([input])))
            #expect(try OutputFile(input).replaces(anyOf: identities([path, "none"])))
        }
        #expect(try OutputFile(input).replaces(anyOf: identities(["file:" + input])))
        try folder.write([1], to: "other.mp4")
        #expect(try !OutputFile(folder.file("other.mp4")).replaces(anyOf: identities([input])))
        #expect(try !OutputFile(folder.file("new.mp4")).replaces(anyOf: identities([input])))
        #expect(try !OutputFile("/dev/null").replaces(anyOf: identities(["/dev/null"])))
    }

    @Test func anInputMayHaveTheUnfinishedFilesName() throws {
        let input = try folder.write([1], to: "in.partial.mp4")
        #expect(try OutputFile(folder.file("in.mp4")).replaces(anyOf: identities([input])))
        #expect(try !OutputFile(folder.file("in.mkv")).replaces(anyOf: identities([input])))
    }

    @Test func oneFileUnderTwoNamesCollides() throws {
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: folder.path)
        let output = try OutputFile(folder.file("x.mp4"))
        for name in ["x.mp4", "./x.mp4", "link/x.mp4", "x.partial.mp4"] {
            let other = try OutputFile(folder.file(name))
            #expect(output.collides(with: other))
            #expect(other.collides(with: output))
        }
        #expect(try !output.collides(with: OutputFile(folder.file("y.mp4"))))
        #expect(try OutputFile("x.mp4").collides(with: OutputFile("./x.mp4")))
        #expect(try !OutputFile("/dev/null").collides(with: OutputFile("/dev/null")))
    }

    private func identities(_ inputs: [String]) -> Set<FileIdentity> {
        Set(inputs.compactMap(FileIdentity.init(input:)))
    }
}
