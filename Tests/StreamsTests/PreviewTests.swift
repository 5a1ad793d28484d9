import Detection
import Foundation
import Media
import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite("Preview", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage), .timeLimit(.minutes(30)))
struct PreviewTests {
    private let preview = Preview(names: ["person"])
    private let frame: Frame

    init() throws { frame = try Self.frame("testsrc2=s=1280x720") }

    private static func frame(_ source: String, options: [String] = []) throws -> Frame {
        let path = try FFmpegTool.clip(
            "preview.mkv", ["-f", "lavfi", "-i", "\(source):r=25:d=0.04", "-c:v", "ffv1"] + options)
        guard case .frame(let frame) = try VideoSource(path).next() else { throw NoFrame() }
        return frame
    }

    private struct NoFrame: Error {}

    private let found = [
        NamedDetection(
            Detection(classID: 0, confidence: 0.9, objectness: 1, box: Box(x: 0.5, y: 0.5, width: 0.5, height: 0.5)),
            names: ["person"])
    ]

    private func size(_ picture: [UInt8]) throws -> [String] {
        let folder = try TemporaryFolder()
        let path = try folder.write(picture, to: "picture.jpg")
        return try FFmpegTool.probe(path, "stream=codec_name,width,height", streams: "v:0").first ?? []
    }

    @Test func itIsWantedWhileSomebodyLooks() {
        #expect(!preview.isWanted)
        var viewers: [AsyncThrowingStream<[UInt8], any Error>] = [preview.pictures(), preview.pictures()]
        #expect(preview.isWanted)
        viewers.removeLast()
        #expect(preview.isWanted && preview.viewerCount == 1)
        viewers.removeLast()
        #expect(!preview.isWanted)
    }

    @Test(arguments: [
        ("testsrc2=s=1280x720", [], ["mjpeg", "640", "360"]),
        ("testsrc2=s=720x1280", [], ["mjpeg", "360", "640"]),
        ("testsrc2=s=321x241", [], ["mjpeg", "320", "240"]),
        ("testsrc2=s=2x2000", [], ["mjpeg", "2", "640"]),
        ("testsrc2=s=352x288", ["-vf", "setsar=16/11", "-c:v", "libx264"], ["mjpeg", "512", "288"]),
    ])
    func picturesAreSmallAndOfTheDisplayedShape(source: String, options: [String], expected: [String]) async throws {
        let picture = try await preview.picture(of: Self.frame(source, options: options))
        #expect(try size(picture) == expected)
    }

    @Test func framesMayChangeInSize() async throws {
        #expect(try await size(preview.picture(of: frame)) == ["mjpeg", "640", "360"])
        let small = try Self.frame("testsrc2=s=160x120")
        // One of the frames before may still be on its way.
        while try await size(preview.picture(of: small)) != ["mjpeg", "160", "120"] {}
    }

    @Test func detectionsAreDrawn() async throws {
        #expect(try await preview.picture(of: frame) != Preview(names: ["person"]).picture(of: frame, found))
    }

    @Test func aSlowViewerGetsTheNewestPictureOnly() async throws {
        let drawn = try await Preview(names: ["person"]).picture(of: frame, found)
        let slow = preview.pictures()
        #expect(try await preview.picture(of: frame) != drawn)
        // When somebody has the second one, all have the first.
        for _ in 0..<2 {
            while try await preview.picture(of: frame, found) != drawn {}
        }
        var newest = slow.makeAsyncIterator()
        #expect(try await newest.next() == drawn)
    }

    @Test func aStillTakesNoLongerThanItsLimit() async throws {
        #expect(try await preview.snapshot(within: .milliseconds(20)) == nil)
        #expect(!preview.isWanted)
        async let still = preview.snapshot(within: .seconds(3600))
        while !preview.isWanted { await Task.yield() }
        preview.offer(frame, [])
        #expect(try await size(#require(still)) == ["mjpeg", "640", "360"])
        #expect(!preview.isWanted)
    }

    @Test func viewersLeaveWithTheStream() async throws {
        var preview: Preview? = Preview(names: [])
        let viewer = try #require(preview).pictures()
        preview = nil
        for try await _ in viewer { Issue.record("a picture of nothing") }
    }

    @Test func noMoreThanEightPicturesASecond() {
        var pace = PicturePace()
        let start = ContinuousClock.now
        for rate in [10, 25, 30, 60] {
            let taken = (0..<rate * 10).filter { frame in
                pace.take(at: start + .seconds(rate * 100) + .seconds(Double(frame) / Double(rate)))
            }
            #expect((78...81).contains(taken.count), "\(taken.count) of \(rate) frames a second")
        }
        let slow = (0..<10).filter { pace.take(at: start + .seconds(10_000 + $0)) }
        #expect(slow.count == 10)
    }
}

@Suite("Once") struct OnceTests {
    private struct TooEarly: Error {}

    @Test func aFailureIsNotKept() throws {
        let tries = Locked(0)
        let once = Once {
            try tries.withLock { tries in
                tries += 1
                if tries == 1 { throw TooEarly() }
                return tries
            }
        }
        #expect(throws: TooEarly.self) { try once.value() }
        #expect(try once.value() == 2)
        #expect(try once.value() == 2)
    }
}

extension Preview {
    /// What a viewer of its own sees when a camera shows nothing but this frame.
    fileprivate func picture(of frame: Frame, _ detections: [NamedDetection] = []) async throws -> [UInt8] {
        let viewer = pictures()
        let camera = Task {
            while !Task.isCancelled {
                offer(frame, detections)
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        defer { camera.cancel() }
        var pictures = viewer.makeAsyncIterator()
        return try #require(try await pictures.next())
    }
}
