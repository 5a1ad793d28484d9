import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Media

@Suite struct PipeInputTests {
    @Test(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
    func `a FIFO is read to its end`() throws {
        let folder = try TemporaryFolder()
        let clip = try FFmpegTool.clip(
            "pipe.ts", ["-f", "lavfi", "-i", "testsrc2=s=128x96:r=10:d=2", "-c:v", "mpeg2video"])
        let fifo = folder.file("fifo")
        #expect(mkfifo(fifo, 0o600) == 0)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: clip))
        let writer = try StageThread("writer") {
            do { try bytes.write(to: URL(fileURLWithPath: fifo)) } catch { Issue.record(error) }
        }
        let source = try VideoSource(fifo)
        var frames = 0
        while let item = try source.next() {
            if case .frame = item { frames += 1 }
        }
        writer.join()
        #expect(frames == 20)
    }

    /// An MP4 has its index at the end: it can only be read where it can be sought in.
    @Test(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
    func `stdin that is a file is read like one`() throws {
        let file = open(try Clip.h264MP4.path(), O_RDONLY)
        #expect(file >= 0)
        defer { close(file) }
        let address = try InputAddress("-", frameRate: nil, standardInput: file)
        #expect(address.pipe == nil)
        #expect(try ReadVideo(address.url).frames.count == 15)
    }

    /// The FIFO is held open for writing and stays silent: only the interrupt can end the read.
    @Test func `a silent FIFO is given up when cancelled`() throws {
        let folder = try TemporaryFolder()
        let fifo = folder.file("fifo")
        #expect(mkfifo(fifo, 0o600) == 0)
        let held = open(fifo, O_RDWR)
        #expect(held >= 0)
        defer { close(held) }
        let interrupt = Interrupt()
        let canceller = try StageThread("cancel") { interrupt.cancel() }
        let error = #expect(throws: MediaError.self) { try Demuxer(fifo, interrupt: interrupt) }
        canceller.join()
        #expect(error?.kind == .interrupted)
    }

    /// Half a second of silence as WAV: libav knows it, and it has no picture.
    private static let sound =
        "RIFF\u{24}\u{10}\0\0WAVEfmt \u{10}\0\0\0\u{1}\0\u{1}\0@\u{1F}\0\0@\u{1F}\0\0\u{1}\0\u{8}\0data\0\u{10}\0\0"
        + String(repeating: "\0", count: 4096)

    @Test(
        arguments: zip(
            [String(repeating: "The quick brown fox jumps over the lazy dog.\n", count: 90), PipeInputTests.sound],
            ["is not a video", "has no video stream"]))
    func `a socket that holds no video is closed`(_ text: String, _ reason: String) throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        let (writing, reading) = (ends[0], ends[1])
        defer { close(writing) }
        let bytes = Array(text.utf8)
        #expect(send(writing, bytes, bytes.count, 0) == bytes.count && shutdown(writing, Int32(SHUT_WR)) == 0)
        let error = try mediaError { try Demuxer(descriptor: reading, name: "camera") }
        #expect(error.subject == "camera" && error.message.hasPrefix(reason), "\(error)")
        // It hangs up when the reading end is closed. That end's number may be another test's file by now.
        var state = pollfd(fd: writing, events: 0, revents: 0)
        let ready = poll(&state, 1, 60_000)
        #expect(ready == 1 && state.revents & Int16(POLLHUP) != 0)
    }
}
