import Foundation
import TestSupport
import Testing

@testable import Media

/// Damaged files end in a `MediaError` or in frames: never in a crash, a hang or a flood of frames.
@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage), .timeLimit(.minutes(10)))
struct HostileVideoTests {
    private static let clips: [Clip] = [
        .h264MP4, .withSound, .matroska, .webm, .h264TS, .mpeg4AVI, .mjpegAVI, .gif, .still, .png,
        Clip("fragments.mp4", "-c:v libx264 -preset veryfast -threads 1 -movflags frag_keyframe+empty_moov -g 5"),
    ]

    /// One of: bits flipped, cut off, a stretch left out, a number made large, bytes of the header replaced.
    private func mutate(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var result = bytes
        let place = Int.random(in: result.indices, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                result[Int.random(in: result.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        case 1: result.removeLast(result.count - place)
        case 2: result.removeSubrange(place..<min(result.count, place + Int.random(in: 1...400, using: &random)))
        case 3:
            let large: [[UInt8]] = [
                [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0x7F],
                [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0, 0, 0, 0, 0],
            ]
            let number = large[Int.random(in: large.indices, using: &random)]
            result.replaceSubrange(place..<min(result.count, place + number.count), with: number)
        default:
            // Headers are at the start or, in MP4, at the end.
            let range =
                Bool.random(using: &random) ? 0..<min(600, result.count) : max(0, result.count - 900)..<result.count
            for _ in 0..<3 {
                result[Int.random(in: range, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return result
    }

    @Test(arguments: clips)
    func `mutations end in an error or in frames`(_ clip: Clip) throws {
        let original = try clip.bytes()
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 2026)
        for round in 0..<40 {
            let path = try folder.write(mutate(original, &random), to: clip.name)
            let begin = ContinuousClock.now
            do {
                if round % 4 == 0 {
                    try copyVideo(path, to: folder.file("copy.mkv"), codec: "mpeg4")
                } else {
                    let video = try ReadVideo(path)
                    #expect(
                        zip(video.timestamps, video.timestamps.dropFirst()).allSatisfy { $0 < $1 }, "round \(round)")
                }
            } catch let error as MediaError {
                #expect(!error.message.isEmpty)
            }
            #expect(ContinuousClock.now - begin < .seconds(60), "round \(round)")
        }
    }

    /// Times near the ends of 64 bits, where sums and differences overflow.
    @Test(arguments: [0x7FFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_0000, 0x4000_0000_0000_0000, -0x7FFF_FFFF_FFFF_FFFF])
    func `absurd times do not overflow`(_ time: Int) throws {
        let folder = try TemporaryFolder()
        var matroska = try Clip.matroska.bytes()
        // The cluster's time: id E7, a length, the number. That is made eight bytes long, and so the cluster's length
        // unknown.
        let cluster = try #require(matroska.firstRange(of: [0x1F, 0x43, 0xB6, 0x75]))
        let code = try #require(matroska[cluster.upperBound...].firstIndex(of: 0xE7))
        let length = Int(matroska[code + 1] & 0x7F)
        let bytes = withUnsafeBytes(of: time.bigEndian) { Array($0) }
        matroska.replaceSubrange(code..<code + 2 + length, with: [0xE7, 0x88] + bytes)
        matroska.replaceSubrange(cluster.upperBound..<code, with: [0x01] + Array(repeating: 0xFF, count: 7))
        let path = try folder.write(matroska, to: "absurd.mkv")
        let video = try ReadVideo(path)
        #expect(video.frames.count == 15)
        #expect(zip(video.timestamps, video.timestamps.dropFirst()).allSatisfy { $0 < $1 })
        do {
            for codec in ["h264", "mpeg4"] {
                try copyVideo(path, to: folder.file("copy.mkv"), codec: codec)
                try copyVideo(path, to: folder.file("copy.mp4"), codec: codec)
            }
        } catch let error as MediaError {
            #expect(!error.message.isEmpty)
        }
    }
}
