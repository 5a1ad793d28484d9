import Foundation
import TestSupport
import Testing

@testable import lookout

@Suite("Names of streams and videos") struct InputNamesTests {
    @Test(arguments: [
        ("a.mp4", "a"), ("/x/y/yard.2026.mkv", "yard.2026"), ("-", "stdin"), ("rtsp://user:secret@gate/live", "live"),
        ("rtsp://gate/live?password=secret", "live"),
        ("rtsp://user:secret@gate", "gate"), ("a", "a"), (".hidden", ".hidden"), ("folder/", "folder"), ("/", "input"),
    ]) func aStreamIsCalledAsItsInput(_ input: String, _ name: String) throws {
        #expect(try InputNames([input], video: nil).streams == [name])
    }

    @Test func namesAreDistinct() throws {
        let names = try InputNames(["a.mp4", "b/a.mkv", "a-2.ts", "a"], video: nil)
        #expect(names.streams == ["a", "a-2", "a-2-2", "a-3"])
        #expect(names.videos == [nil, nil, nil, nil])
    }

    @Test func videosOfSeveralInputsGoIntoAFolder() throws {
        let folder = try TemporaryFolder()
        let names = try InputNames(["a.avi", "b.avi"], video: folder.file("new/deep/"))
        #expect(names.videos == [folder.file("new/deep/a.mp4"), folder.file("new/deep/b.mp4")])
        #expect(try InputNames(["a.avi"], video: folder.path).videos == [folder.file("a.mp4")])
        #expect(try InputNames(["a.avi"], video: "v.mkv").videos == ["v.mkv"])
        #expect(throws: UsageError.self) { try InputNames(["a.avi", "b.avi"], video: folder.file("v.mp4")) }
    }
}
