import Foundation
import TestSupport
import Testing

@testable import Media

/// Inputs that are not what they should be end in an error that names them.
@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct BadInputTests {
    private func error(of bytes: some Sequence<UInt8>, name: String) throws -> MediaError {
        let folder = try TemporaryFolder()
        let path = try folder.write(bytes, to: name)
        let error = try mediaError { try ReadVideo(path) }
        #expect(error.subject == path)
        return error
    }

    @Test func `audio only`() throws {
        let path = try Clip.soundOnly.path()
        #expect(
            try mediaError { try ReadVideo(path) } == MediaError(.badData, path, "has no video stream (only: audio)"))
    }

    @Test func `audio with a cover picture`() throws {
        let path = try FFmpegTool.clip(
            "cover.m4a",
            ["-i", Clip.soundOnly.path(), "-i", Clip.still.path(), "-map", "0", "-map", "1", "-c", "copy"]
                + ["-disposition:v", "attached_pic"])
        let expected = MediaError(.badData, path, "has no video stream (only: audio, cover picture)")
        #expect(try mediaError { try ReadVideo(path) } == expected)
    }

    @Test(arguments: ["notes.txt", "notes.mp4", "notes"])
    func `a text file`(_ name: String) throws {
        let text = String(repeating: "The quick brown fox jumps over the lazy dog.\n", count: 100)
        let error = try error(of: text.utf8, name: name)
        #expect(error.kind == .badData)
        #expect(error.message.hasPrefix("is not a video or picture"))
    }

    @Test(arguments: ["garbage.mp4", "garbage.mkv", "garbage.jpg", "garbage.ts", "garbage"])
    func `noise`(_ name: String) throws {
        var random = SplitMix64(seed: 7)
        let noise = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let folder = try TemporaryFolder()
        let path = try folder.write(noise, to: name)
        // An extension alone makes libav take noise for its format: then nothing decodes.
        do {
            let video = try ReadVideo(path)
            #expect(video.frames.isEmpty)
        } catch let error as MediaError {
            #expect(error.kind == .badData, "\(error)")
            #expect(error.subject == path)
        }
    }

    @Test func `a recording cut off before its index`() throws {
        let bytes = try Clip.h264MP4.bytes()
        let error = try error(of: bytes.dropLast(bytes.count / 3), name: "cut.mp4")
        #expect(error.kind == .badData)
        #expect(error.message.contains("its header is damaged"))
    }

    @Test func `a recording cut off behind its index gives what is left`() throws {
        let path = try FFmpegTool.clip(
            "faststart.mp4", ["-i", Clip.h264MP4.path(), "-c", "copy", "-movflags", "faststart"])
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        let folder = try TemporaryFolder()
        let video = try ReadVideo(folder.write(bytes.dropLast(bytes.count / 3), to: "cut.mp4"))
        #expect((1..<15).contains(video.frames.count))
    }

    @Test func `a picture cut off is decoded as far as it goes`() throws {
        let bytes = try Clip.still.bytes()
        let folder = try TemporaryFolder()
        let video = try ReadVideo(folder.write(bytes.prefix(bytes.count / 2), to: "cut.jpg"))
        #expect(video.frames.map(\.width) == [128])
    }

    /// The frame header claims 65,500 x 65,500 pixels: 13 GB if believed.
    @Test func `a picture that claims to be enormous`() throws {
        var bytes = try Clip.still.bytes()
        let header = try #require(bytes.firstRange(of: [0xFF, 0xC0]))
        bytes.replaceSubrange(header.upperBound + 3..<header.upperBound + 7, with: [0xFF, 0xDC, 0xFF, 0xDC])
        let folder = try TemporaryFolder()
        let before = try residentBytes()
        let video = try ReadVideo(folder.write(bytes, to: "huge.jpg"))
        #expect(video.frames.isEmpty)
        #expect(video.decodeErrors > 0)
        // What other tests take meanwhile is in it.
        #expect(try residentBytes() - before < 5_000_000_000)
    }

    @Test func `a recording that claims to be enormous`() throws {
        let error = try #require(throws: MediaError.self) {
            let bytes = try Clip("huge.avi", "-c:v rawvideo -pix_fmt yuv420p -frames:v 1").bytes()
            var huge = bytes
            let header = try #require(bytes.firstRange(of: Array("strf".utf8)))
            // BITMAPINFOHEADER: width and height behind its own size.
            huge.replaceSubrange(
                header.upperBound + 8..<header.upperBound + 16, with: [0xE0, 0x2E, 0, 0, 0xE0, 0x2E, 0, 0])
            let folder = try TemporaryFolder()
            _ = try ReadVideo(folder.write(huge, to: "huge.avi"))
        }
        #expect(error.kind == .unsupported)
        #expect(error.message == "has pictures of 12000x12000 pixels; more than 134217728 pixels are not decoded")
    }

    private func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * Int(getpagesize())
    }
}
