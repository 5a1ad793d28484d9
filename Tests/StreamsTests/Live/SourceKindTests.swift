import Foundation
import TestSupport
import Testing

@testable import Streams

@Suite struct SourceKindTests {
    @Test(arguments: [
        ("rtsp://camera/1", SourceKind.live), ("RTSPS://camera/1", .live), ("udp://239.0.0.1:5000", .live),
        ("http://host/a.mp4", .web), ("https://host/live.m3u8", .web), ("file:///a.mp4", .recording),
        ("/a/b.mp4", .recording), ("shots/%04d.jpg", .recording), ("-", .standardInput), ("/dev/null", .live),
        ("/dev/video99", .live),
    ]) func theAddressTells(_ url: String, _ kind: SourceKind) {
        #expect(SourceKind(url) == kind)
    }

    @Test func aFIFOIsWatchedLikeACamera() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(SourceKind(folder.file("pipe")) == .live)
    }

    /// Some cameras and servers give their streams a length; they have no end for all that.
    @Test func aCameraNeverEnds() {
        #expect(!SourceKind.live.hasEnd(isFinite: true) && !SourceKind.live.plays(isFinite: true))
        #expect(SourceKind.recording.hasEnd(isFinite: false) && SourceKind.recording.plays(isFinite: false))
        #expect(SourceKind.web.hasEnd(isFinite: true) && !SourceKind.web.hasEnd(isFinite: false))
        #expect(SourceKind.standardInput.hasEnd(isFinite: false) && !SourceKind.standardInput.plays(isFinite: true))
    }
}
