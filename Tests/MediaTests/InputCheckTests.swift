import Media
import TestSupport
import Testing

@Suite struct InputCheckTests {
    @Test func schemes() {
        #expect(Set(["rtsp", "rtsps", "http", "file", "tcp", "udp"]).isSubset(of: InputCheck.schemes))
        #expect(!InputCheck.schemes.contains("rstp"))
    }

    @Test func inputs() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "clip.mp4")
        try folder.write([], to: "empty.mp4")
        for input in [folder.file("clip.mp4"), folder.file("*.mp4"), "rtsp://nowhere.invalid/x", "-"] {
            try InputCheck.check(input)
        }
        for input in [folder.path, folder.file("empty.mp4"), folder.file("gone.mp4"), folder.file("*.png")] {
            #expect(throws: MediaError.self) { try InputCheck.check(input) }
        }
    }
}
