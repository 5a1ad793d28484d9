import Foundation
import TestSupport
import Testing

@testable import Pipeline

struct SystemFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func permissions(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
    }

    @Test func thoseAboveAreMadeToo() throws {
        #expect(SystemFolder.make(folder.file("a/b/c"), permissions: 0o705) == nil)
        #expect(try [permissions("a"), permissions("a/b"), permissions("a/b/c")] == [0o705, 0o705, 0o705])
    }

    @Test func whatIsThereStaysAsItIs() throws {
        #expect(SystemFolder.make(folder.file("a"), permissions: 0o700) == nil)
        #expect(SystemFolder.make(folder.file("a"), permissions: 0o755) == nil)
        #expect(SystemFolder.make(folder.file("a/")) == nil)
        #expect(try permissions("a") == 0o700)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: folder.file("a"))
        #expect(SystemFolder.make(folder.file("link/b")) == nil)
        #expect(try permissions("a/b") != nil)
    }

    @Test func whyNot() throws {
        try folder.write("x".utf8, to: "file")
        #expect(SystemFolder.make(folder.file("file")) == "it is not a folder")
        #expect(SystemFolder.make(folder.file("file/a/b")) == "Not a directory")
        #expect(SystemFolder.make("/proc/none/a") == "No such file or directory")
        #expect(SystemFolder.make("") == "No such file or directory")
    }
}
