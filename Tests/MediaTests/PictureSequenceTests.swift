import Foundation
import TestSupport
import Testing

@testable import Media

/// Every picture of a pattern comes, or is told by name.
@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct PictureSequenceTests {
    private let folder: TemporaryFolder
    private let jpeg: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        jpeg = try Clip.still.bytes()
    }

    /// What a pattern gave.
    private struct Seen {
        var frames: [Frame] = []
        var problems: [MediaError] = []
        var gap: String?
    }

    private func read(_ pattern: String) throws -> Seen {
        var seen = Seen()
        var options = Demuxer.Options()
        options.frameRate = Rational(10, 1)
        let source = try VideoSource(folder.file(pattern), options: options) { seen.problems.append($0) }
        while let item = try source.next() {
            if case .frame(let frame) = item { seen.frames.append(frame) }
            try #require(seen.frames.count <= 100)
        }
        seen.gap = source.gap
        return seen
    }

    @Test func `a gap in the numbers ends nothing and is told`() throws {
        for number in [1, 2, 4, 5, 9] { try folder.write(jpeg, to: "a0\(number).jpg") }
        let seen = try read("a%02d.jpg")
        #expect(seen.frames.map(\.index) == [0, 1, 2, 3, 4])
        #expect(seen.frames.map { Int(($0.seconds * 10).rounded()) } == [0, 1, 2, 3, 4])
        #expect(seen.problems.isEmpty)
        let gap = "there is no \(folder.file("a03.jpg")), nor those of 3 other numbers; "
        #expect(seen.gap == gap + "the pictures around follow each other")
    }

    @Test func `numbers count, not letters, and only those that the pattern makes`() throws {
        let others = ["a1.jpg", "a007.jpg", "a11b.jpg", "a12.png", "b13.jpg"]
        for name in ["a09.jpg", "a10.jpg", "a100.jpg"] + others { try folder.write(jpeg, to: name) }
        let pattern = try #require(PicturePattern(folder.file("a%02d.jpg")))
        #expect(pattern.files == ["a09.jpg", "a10.jpg", "a100.jpg"].map(folder.file))
        let plain = try #require(PicturePattern(folder.file("a%d.jpg")))
        #expect(plain.files == ["a1.jpg", "a10.jpg", "a100.jpg"].map(folder.file))
    }

    @Test func `other signs of a numbered pattern are letters`() throws {
        for name in ["[x]{1,2}*1.jpg", "x1*1.jpg"] { try folder.write(jpeg, to: name) }
        #expect(try #require(PicturePattern(folder.file("[x]{1,2}*%d.jpg"))).files == [folder.file("[x]{1,2}*1.jpg")])
    }

    @Test func `a file that is there, a URL and a plain name are no patterns`() throws {
        let path = try folder.write(jpeg, to: "a%d[1]*.jpg")
        for input in [path, "rtsp://camera/a*%d", "-", folder.file("none.jpg")] {
            #expect(PicturePattern(input) == nil, "\(input)")
        }
    }

    @Test func `what is no sound picture is told by name, and the others keep their times`() throws {
        let sound = ["00.jpg", "05.png", "08.jpg"]
        for name in sound { try folder.write(name.hasSuffix("png") ? Clip.png.bytes() : jpeg, to: name) }
        let wrong = [
            ("01.jpg", "is an empty file"), ("02.jpg", "holds no picture that can be decoded"),
            ("03.jpg", "is cut off"), ("04.jpg", "holds more than one picture; name it as an input of its own"),
            ("06.jpg", "No such file or directory"), ("07.jpg", "is no file"),
        ]
        try folder.write([], to: "01.jpg")
        try folder.write("words\n".utf8, to: "02.jpg")
        try folder.write(jpeg.prefix(jpeg.count / 2), to: "03.jpg")
        try folder.write(Clip.matroska.bytes(), to: "04.jpg")
        try FileManager.default.createSymbolicLink(atPath: folder.file("06.jpg"), withDestinationPath: "none")
        #expect(mkfifo(folder.file("07.jpg"), 0o600) == 0)
        for pattern in ["*.{jpg,png}", "0[0-9].*"] {
            let seen = try read(pattern)
            #expect(seen.frames.map(\.index) == [0, 1, 2])
            #expect(seen.problems.map(\.subject) == wrong.map { folder.file($0.0) }.sorted())
            #expect(seen.problems.map(\.message) == wrong.map { $0.1 })
        }
        let seconds = try read("0[0-9].*").frames.map { Int(($0.seconds * 10).rounded()) }
        #expect(seconds == [0, 5, 8])
    }

    @Test func `without anyone to tell, a problem is thrown, and reading may go on`() throws {
        for name in ["1.jpg", "3.jpg"] { try folder.write(jpeg, to: name) }
        try folder.write([], to: "2.jpg")
        let source = try VideoSource(folder.file("%d.jpg"))
        #expect(try hasNext(source))
        #expect(try mediaError { try source.next() } == MediaError(.badData, folder.file("2.jpg"), "is an empty file"))
        #expect(try hasNext(source))
        #expect(try !hasNext(source))
    }

    @Test func `a pattern of nothing sound is an error`() throws {
        for name in ["a.jpg", "b.jpg"] { try folder.write([], to: name) }
        let error = try mediaError { try VideoSource(folder.file("*.jpg")) }
        #expect(error.kind == .badData)
        #expect(
            error.message == "none of 2 files is a sound picture; the first: \(folder.file("a.jpg")): is an empty file")
        #expect(try mediaError { try VideoSource(folder.file("a*")) }.message == "is an empty file")
    }

    @Test func `it tells of itself before it is read`() throws {
        try folder.write([], to: "a.jpg")
        try folder.write(jpeg, to: "b.jpg")
        let source = try VideoSource(folder.file("*.jpg"))
        #expect(source.info.codecName == "mjpeg")
        #expect(source.info.frameRate == Rational(25, 1))
        #expect(source.info.expectedFrames == 2)
        #expect(abs(source.displayAspect - 128.0 / 96) < 1e-9)
    }

    /// Also while pictures wait to be taken.
    @Test func `reading can be stopped, and left off`() throws {
        for number in 0..<40 { try folder.write(jpeg, to: "\(number).jpg") }
        let interrupt = Interrupt()
        let source = try VideoSource(folder.file("%d.jpg"), interrupt: interrupt)
        #expect(try hasNext(source))
        interrupt.cancel()
        let error = try mediaError { while try hasNext(source) {} }
        #expect(error.kind == .interrupted)
    }
}

private func hasNext(_ source: VideoSource) throws -> Bool { try source.next() != nil }

/// What is damaged says so.
@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct DamageTests {
    @Test func `a picture that is cut off`() throws {
        let bytes = try Clip.still.bytes()
        let folder = try TemporaryFolder()
        let source = try VideoSource(folder.write(bytes.prefix(bytes.count / 2), to: "cut.jpg"))
        #expect(source.damage == "is cut off; what it lacks cannot be found in it")
        guard case .frame(let frame) = try source.next() else {
            Issue.record("no picture")
            return
        }
        #expect(frame.isCorrupt && frame.isTainted)
        #expect(source.corruptFrames == 1)
    }

    @Test(arguments: Clip.all) func `what is sound says nothing`(_ clip: Clip) throws {
        let source = try VideoSource(clip.path(), decoderThreads: 1)
        while try hasNext(source) {}
        #expect(source.corruptFrames == 0)
        #expect(source.damage == nil)
    }

    @Test func `a recording with damage in it`() throws {
        var bytes = try Clip.h264TS.bytes()
        var random = SplitMix64(seed: 3)
        for _ in 0..<20 { bytes[Int.random(in: bytes.count / 3..<bytes.count, using: &random)] ^= 0x55 }
        let folder = try TemporaryFolder()
        let source = try VideoSource(folder.write(bytes, to: "damaged.ts"), decoderThreads: 1)
        var (frames, tainted) = (0, 0)
        while let item = try source.next() {
            guard case .frame(let frame) = item else { continue }
            frames += 1
            tainted += frame.isTainted ? 1 : 0
        }
        #expect(tainted > 0)
        #expect(source.corruptFrames == tainted)
        #expect(source.damage?.hasPrefix("\(tainted) of \(frames) frames damaged, or built on damage;") == true)
    }

    @Test func `a header tells where the pictures end, were the rest of the file gone`() throws {
        let bytes = try Clip.matroska.bytes()
        let folder = try TemporaryFolder()
        let cut = try folder.write(bytes.prefix(bytes.count * 2 / 3), to: "cut.mkv")
        for path in [try Clip.matroska.path(), cut] {
            #expect(try abs(#require(try VideoSource(path).info.toldEnd) - 0.6) < 0.01)
        }
        #expect(try VideoSource(Clip.h264TS.path()).info.toldEnd == nil)
    }
}
