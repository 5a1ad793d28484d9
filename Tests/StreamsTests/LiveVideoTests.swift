import Dispatch
import Foundation
import Media
import Pipeline
import TestSupport
import Testing

@testable import Streams

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage), .timeLimit(.minutes(30)))
struct LiveVideoTests {
    private let bench: VideoBench
    private let first = "gate-20261121T101455Z.mkv"

    init() throws { bench = try VideoBench() }

    @Test func whatWasOfferedIsInTheFileAtTheEnd() throws {
        let video = try bench.video(bench.settings("gate.mkv"))
        bench.offer(0..<8, to: video)
        video.close()
        #expect(try bench.frames(first) == 8)
        #expect(bench.status.written == 8)
        #expect(bench.status.lost == 0)
        #expect(bench.status.target == bench.path("gate.mkv"))
        #expect(bench.status.kind == .video)
    }

    @Test func whoeverOffersNeverWaits() throws {
        // The thread is held up while it looks for old segments.
        let gate = Cancellation()
        let video = try bench.video(bench.settings("gate.mkv")) { _ = gate.pause(seconds: 3600) }
        bench.offer(0..<50, to: video)
        #expect(bench.status.lost == 42)
        gate.cancel()
        video.close()
        #expect(bench.status.written == 8)
        #expect(bench.status.lost == 42)
        // The oldest are lost, the newest written.
        #expect(try bench.files() == ["gate-20261121T101459Z.mkv"])
    }

    @Test func afterTheEndFramesAreLost() throws {
        let video = try bench.video(bench.settings("gate.mkv"))
        bench.offer(0..<5, to: video)
        video.close()
        video.close()
        video.discontinuity()
        bench.offer(5..<6, to: video)
        #expect(bench.status.written == 5)
        #expect(bench.status.lost == 1)
    }

    @Test func aLostConnectionEndsTheFile() throws {
        // The thread gets the end with the frames: a second later, they would be in the file before it.
        let gate = Cancellation()
        let video = try bench.video(bench.settings("gate.mkv")) { _ = gate.pause(seconds: 3600) }
        bench.offer(0..<5, to: video)
        video.discontinuity()
        gate.cancel()
        // No frame follows.
        bench.wait { $0.written == 5 }
        #expect(try bench.duration(first) == "0.500000")
        for _ in 0..<20 { video.discontinuity() }
        bench.offer(0..<3, to: video)
        video.close()
        #expect(try bench.frames("gate-20261121T101455Z-2.mkv") == 3)
        #expect(bench.status.lost == 0)
    }

    @Test func framesAreInTheFileSoonThoughNoneFollows() throws {
        let video = try bench.video(bench.settings("gate.mkv"))
        bench.offer(0..<5, to: video)
        bench.wait { $0.written == 5 }
        // Not ended: it says no duration.
        #expect(try bench.duration(first) == "N/A")
        #expect(try bench.frames(first) == 5)
        video.close()
    }

    /// The camera is down.
    @Test func oldSegmentsGoThoughNoFrameComes() throws {
        let asked = DispatchSemaphore(value: 0)
        var settings = bench.settings("gate.mkv")
        settings.keepBytes = 1000
        let video = try bench.video(settings, longestRest: 0.01) { asked.signal() }
        asked.wait()
        try Data(count: 1 << 20).write(to: URL(fileURLWithPath: bench.path("gate-20261120T000000Z.mkv")))
        // When it looks for the second time, the first is over.
        for _ in 0..<2 {
            // Again where it counts the minute from now.
            repeat { bench.advance(60) } while asked.wait(timeout: .now() + 0.1) == .timedOut
        }
        #expect(try bench.files() == [])
        video.close()
    }

    /// The thread is held up by the system.
    @Test func theEndDoesNotWaitForAThreadThatHangs() throws {
        let gate = Cancellation()
        let video = try bench.video(bench.settings("gate.mkv"), drainLimit: LiveVideo.drainLimit) {
            _ = gate.pause(seconds: 3600)
        }
        bench.offer(0..<5, to: video)
        let begin = ContinuousClock.now
        video.close()
        #expect(ContinuousClock.now - begin < .seconds(600))
        #expect(bench.status.lost == 5)
        gate.cancel()
        video.close()
        #expect(bench.status.written == 0)
    }

    @Test func theNewestBoxesAreDrawnUntilThereAreNone() throws {
        let video = try bench.video(bench.settings("gate.mkv"))
        bench.newest.set([VideoBench.box])
        bench.offer(0..<3, to: video)
        bench.wait { $0.written == 3 }
        bench.newest.set([])
        video.discontinuity()
        bench.offer(0..<3, to: video)
        video.close()
        #expect(try bench.drawn(first) == [true, true, true])
        #expect(try bench.drawn("gate-20261121T101455Z-2.mkv") == [false, false, false])
    }

    @Test(.enabled(if: RTSPServer.available, RTSPServer.skipMessage)) func aServerGetsThePictures() throws {
        let server = try RTSPServer(recordingTo: bench.path("got.h264"), user: "cam", password: "pa:ss")
        let credentials = Credentials(username: "cam", password: "pa:ss")
        let video = try bench.video(
            VideoSettings(target: .push(url: server.url, credentials: credentials)))
        bench.offer(0..<8, to: video)
        #expect(server.waits(for: "picture", count: 8))
        video.discontinuity()
        #expect(server.waits(for: "ended"))
        bench.offer(8..<12, to: video)
        #expect(server.waits(for: "picture", count: 4))
        video.close()
        #expect(server.waits(for: "ended"))
        #expect(bench.status.written == 12)
        #expect(bench.status.target == server.url)
        #expect(bench.messages == [])
    }

    @Test(.enabled(if: RTSPServer.available, RTSPServer.skipMessage)) func aServerThatGoesAwayIsTriedAgain() throws {
        let server = try RTSPServer(recordingTo: bench.path("got.h264"))
        let video = try bench.video(VideoSettings(target: .push(url: server.url, credentials: nil)))
        bench.offer(0..<3, to: video)
        #expect(server.waits(for: "picture", count: 3))
        server.end()
        while bench.status.failure == nil { bench.offer(3..<4, to: video) }
        #expect(bench.messages.count == 1)
        let lost = bench.status.lost
        bench.advance(5)
        bench.offer(4..<5, to: video)
        bench.wait { $0.lost > lost }
        video.close()
        #expect(bench.status.failure?.contains("Connection refused") == true)
        #expect(bench.messages.count == 1)
    }

    /// It takes connections and says nothing.
    @Test(.enabled(if: RTSPServer.available, RTSPServer.skipMessage)) func theEndDoesNotWaitForAServerThatHangs() throws
    {
        let server = try RTSPServer(recordingTo: bench.path("got.h264"))
        server.freeze()
        let video = try bench.video(
            VideoSettings(target: .push(url: server.url, credentials: nil)), drainLimit: LiveVideo.drainLimit)
        bench.offer(0..<5, to: video)
        let begin = ContinuousClock.now
        video.close()
        #expect(ContinuousClock.now - begin < .seconds(600))
        // The frame that the thread is at is lost when its attempt has ended.
        bench.wait { $0.lost == 5 }
        #expect(bench.status.written == 0)
        #expect(bench.messages == [])
    }
}
