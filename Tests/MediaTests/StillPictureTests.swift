import Foundation
import TestSupport
import Testing

@testable import Media

@Suite struct StillPictureTests {
    private let folder: TemporaryFolder
    /// Of noise, so that its bits hold many FF.
    private let jpeg: [UInt8]

    init() throws {
        folder = try TemporaryFolder()
        var random = SplitMix64(seed: 5)
        let pixels = (0..<3 * 64 * 48).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let frame = try Frame(rgb: pixels, width: 64, height: 48)
        let writer = try PictureWriter(like: frame, format: .jpeg, subject: "made")
        jpeg = Array(try writer.encode(try writer.canvas(for: frame)))
    }

    private func read(_ bytes: [UInt8], _ name: String = "a.jpg") throws -> Frame {
        try StillPicture.read(try folder.write(bytes, to: name))
    }

    private func segment(_ mark: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, mark, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 0xFF)] + content
    }

    @Test func aCutPictureIsRefused() throws {
        #expect(try read(jpeg).width == 64)
        for part in stride(from: 2, to: jpeg.count, by: 61) {
            let error = #expect(throws: MediaError.self) { try read(Array(jpeg.prefix(part))) }
            #expect(error?.kind == .badData && error?.message == "is cut off", "\(part) of \(jpeg.count)")
        }
    }

    /// A motion photo's video, a second picture cut off: whatever it holds, the first picture is whole.
    @Test func whatLiesBehindThePictureIsNotLookedAt() throws {
        var random = SplitMix64(seed: 9)
        let noise = (0..<100_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        for trailer in [[0xFF, 0xDA], [0xFF, 0xD8, 0xFF, 0xDA, 0, 2], noise, Array(jpeg.prefix(600))] {
            let frame = try read(jpeg + trailer)
            #expect(frame.width == 64 && frame.height == 48)
        }
    }

    /// A thumbnail has an end of its own, which is not the picture's.
    @Test func aThumbnailsEndIsNotThePictures() throws {
        let whole = Array(jpeg.prefix(2)) + segment(0xE1, Array("Exif".utf8) + jpeg) + jpeg.dropFirst(2)
        #expect(try read(whole).height == 48)
        let error = #expect(throws: MediaError.self) { try read(whole.dropLast(40)) }
        #expect(error?.message == "is cut off")
    }

    @Test func marksAreFollowedAcrossBuffers() throws {
        // 150 KB of segments, filling before a mark, bytes between segments.
        let long = (0..<3).flatMap { segment(0xFE, [UInt8](repeating: UInt8($0), count: 50_000)) }
        let start = Array(jpeg.prefix(2))
        for between in [long, [0xFF, 0xFF, 0xFF], [0x00, 0x11], [0xFF, 0x00]] {
            let path = try folder.write(start + between + jpeg.dropFirst(2), to: "b.jpg")
            #expect(try JPEGEnd.isThere(path, interrupt: Interrupt()))
        }
        #expect(try read(start + long + jpeg.dropFirst(2)).width == 64)
    }

    @Test func damageOfOtherKindsIsRefused() throws {
        let frame = try StillPicture.read(try folder.write(jpeg, to: "a.jpg"))
        let writer = try PictureWriter(like: frame, format: .png, subject: "made")
        let png = Array(try writer.encode(try writer.canvas(for: frame)))
        #expect(try read(png, "a.png").width == 64)
        var damaged = png
        for index in png.count / 2..<png.count / 2 + 200 { damaged[index] ^= 0x55 }
        for bytes in [Array(png.prefix(png.count * 2 / 3)), damaged] {
            #expect(throws: MediaError.self) { try read(bytes, "b.png") }
        }
    }

    @Test(arguments: ["/dev/zero", "/", "/nowhere/a.jpg"])
    func onlyFilesAreRead(path: String) {
        let error = #expect(throws: MediaError.self) { try StillPicture.read(path) }
        #expect(error?.kind == .noInput)
    }

    @Test func aFIFOIsNotWaitedFor() throws {
        #expect(mkfifo(folder.file("fifo.jpg"), 0o600) == 0)
        #expect(throws: MediaError.self) { try StillPicture.read(folder.file("fifo.jpg")) }
    }

    @Test func readingCanBeStopped() throws {
        let path = try folder.write(jpeg, to: "c.jpg")
        let interrupt = Interrupt()
        interrupt.cancel()
        let error = #expect(throws: MediaError.self) { try StillPicture.read(path, interrupt: interrupt) }
        #expect(error?.kind == .interrupted)
    }

    /// Marks with any length and at any place: an answer, never a crash or a hang.
    @Test func hostileBytes() throws {
        var random = SplitMix64(seed: 2026)
        var answers: [Bool: Int] = [:]
        for _ in 0..<400 {
            var bytes = jpeg
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 2..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.replaceSubrange(place..<place, with: [0xFF, UInt8.random(in: 0...255, using: &random)])
                case 1: bytes.removeSubrange(place..<min(place + 30, bytes.count))
                default: bytes[place] = 0xFF
                }
            }
            let path = try folder.write(bytes, to: "hostile.jpg")
            answers[try JPEGEnd.isThere(path, interrupt: Interrupt()), default: 0] += 1
            _ = try? StillPicture.read(path)
        }
        #expect(answers[true, default: 0] > 20 && answers[false, default: 0] > 20, "\(answers)")
    }
}
