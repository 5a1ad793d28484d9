import Foundation
import TestSupport
import Testing

@testable import Media

struct PublishingChecksTests {
    @Test(arguments: ["http://host/live", "out.mp4", "rtsp:/host", "file:///rtsp://"])
    func `publishes over RTSP only`(_ url: String) throws {
        #expect(try mediaError { try VideoWriter.check(publishingTo: url) }.kind == .unsupported)
        try VideoWriter.check(publishingTo: "rtsp://host/live")
        try VideoWriter.check(publishingTo: "RTSPS://host/live")
    }
}

@Suite(
    .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage),
    .enabled(if: RTSPServer.available, RTSPServer.skipMessage), .timeLimit(.minutes(60)))
struct PublishingTests {
    private let folder: TemporaryFolder
    private let video: ReadVideo
    private let source: VideoSource

    init() throws {
        folder = try TemporaryFolder()
        let clip = Clip("push.mp4", from: "testsrc2=s=320x240:r=25:d=2", "-c:v libx264 -preset ultrafast")
        (video, source) = (try ReadVideo(clip.path()), try VideoSource(clip.path()))
    }

    private func publisher(
        _ url: String, credentials: Credentials? = nil,
        limits: Muxer.Limits = Muxer.Limits(connect: 600, write: 600), interrupt: Interrupt = Interrupt()
    ) throws -> VideoWriter {
        try VideoWriter(
            publishingTo: url, credentials: credentials, source: source.info, first: video.frames[0],
            options: VideoWriter.Options(), limits: limits, interrupt: interrupt)
    }

    @Test func `a server gets every picture`() throws {
        let server = try RTSPServer(recordingTo: folder.file("got.h264"))
        let writer = try publisher(server.url)
        for frame in video.frames { try writer.write(writer.canvas(for: frame)) }
        #expect(writer.storedFrames == video.frames.count)
        #expect(server.waits(for: "picture", count: video.frames.count))
        try writer.finish()
        #expect(server.waits(for: "ended"))
        let got = try ReadVideo(server.file)
        #expect(got.frames.count == video.frames.count)
        #expect(got.decodeErrors == 0)
        #expect(try Pixels(got.frames[30]).meanError(to: Pixels(video.frames[30])) < 12)
    }

    @Test func `a server gets the password and nobody else`() throws {
        let password = "p@ss:w/ord?#%"
        let server = try RTSPServer(recordingTo: folder.file("got.h264"), user: "cam era", password: password)
        let writer = try publisher(server.url, credentials: Credentials(username: "cam era", password: password))
        try writer.write(writer.canvas(for: video.frames[0]))
        #expect(server.waits(for: "picture"))
        for credentials in [nil, Credentials(username: "cam era", password: "Sword")] {
            let error = try mediaError { try publisher(server.url, credentials: credentials) }
            #expect(error.description.contains("401 Unauthorized"), "\(error)")
            #expect(!"\(error)".contains("ord"), "\(error)")
        }
    }

    @Test func `tells that nobody takes it`() throws {
        let server = try RTSPServer(recordingTo: folder.file("got.h264"))
        #expect(try mediaError { try publisher(server.url + "/none") }.description.contains("404"))
        server.end()
        let error = try mediaError { try publisher(server.url) }
        #expect(error.kind == .unavailable)
        #expect(error.description.contains("Connection refused"), "\(error)")
    }

    @Test func `a server that goes away is an error`() throws {
        let server = try RTSPServer(recordingTo: folder.file("got.h264"))
        let writer = try publisher(server.url)
        try writer.write(writer.canvas(for: video.frames[0]))
        server.end()
        let error = try mediaError {
            for _ in 0..<100 { try writer.write(writer.canvas(for: video.frames[0])) }
        }
        #expect(error.kind == .cannotWrite || error.kind == .unavailable, "\(error)")
    }

    @Test func `a server that hangs is given up`() throws {
        let server = try RTSPServer(recordingTo: folder.file("got.h264"))
        let writer = try publisher(server.url, limits: Muxer.Limits(connect: 600, write: 0.3))
        server.freeze()
        let noise = try ReadVideo(
            Clip("noise.mkv", from: "nullsrc=s=320x240:r=25:d=2,geq=random(1)*255:128:128", "-c:v mjpeg -q:v 2").path())
        let error = try mediaError {
            // What the kernel holds is some megabytes.
            for _ in 0..<100 { for frame in noise.frames { try writer.write(writer.canvas(for: frame)) } }
        }
        #expect(error.kind == .unavailable)
        #expect(error.message == "did not answer within 0.3 s")
        // The connection is closed without waiting for an answer.
        let connecting = try mediaError { try publisher(server.url, limits: Muxer.Limits(connect: 0.3, write: 600)) }
        #expect(connecting.message == "did not answer within 0.3 s")
    }

    @Test func `ends when it is told to`() throws {
        let server = try RTSPServer(recordingTo: folder.file("got.h264"))
        server.freeze()
        let interrupt = Interrupt()
        interrupt.cancel()
        #expect(try mediaError { try publisher(server.url, interrupt: interrupt) }.kind == .interrupted)
    }
}
