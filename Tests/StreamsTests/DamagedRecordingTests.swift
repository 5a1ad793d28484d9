import Foundation
import Media
import TestSupport
import Testing

@testable import Streams

/// What of an input was damaged, missing or left out is told, and nothing else is lost by it.
@Suite("Damaged recordings", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct DamagedRecordingTests {
    private let bench: RecordingBench

    init() throws { bench = try RecordingBench() }

    private func bytes(_ path: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) }

    private func still() throws -> [UInt8] {
        try bytes(
            FFmpegTool.clip("noise.jpg", ["-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1", "-q:v", "2"]))
    }

    @Test func damagedFramesAreCountedWithOneWarning() throws {
        var damaged = try bytes(Clips.moving("moving.ts", size: "160x120", seconds: 4))
        var random = SplitMix64(seed: 3)
        for _ in 0..<60 { damaged[Int.random(in: damaged.count / 4..<damaged.count, using: &random)] ^= 0x55 }
        let path = try bench.folder.write(damaged, to: "damaged.ts")
        let result = try bench.process(path)
        let marked = result.frames.count { $0["corrupt"] as? Bool == true }
        #expect(marked > 0)
        #expect(result.summary.corrupt == marked)
        #expect(result.summary.warnings.count == 1)
        let warning = try #require(result.summary.warnings.first)
        #expect(warning.hasPrefix("\(path): \(marked) of \(result.summary.frames) frames damaged, or built on damage;"))
        #expect(try warning.hasSuffix(#require(result.end?["message"] as? String)))
        #expect(result.end?["reason"] as? String == "end")
    }

    @Test func aSoundRecordingHasNoWarnings() throws {
        let result = try bench.process(try Clips.ramp(), video: bench.folder.file("v.mkv"))
        #expect(result.summary.warnings == [])
        #expect(result.summary.corrupt == 0)
        #expect(result.end?["message"] == nil)
    }

    @Test func aCutMatroskaFileIsToldByItsHeader() throws {
        let whole = try bytes(Clips.ramp())
        let path = try bench.folder.write(whole.prefix(whole.count / 2), to: "cut.mkv")
        let result = try bench.process(path)
        #expect(result.failure == nil)
        #expect((1..<Clips.rampFrames).contains(result.summary.frames))
        let warning = try #require(result.summary.warnings.first)
        #expect(warning.hasPrefix("\(path): its pictures end after "))
        #expect(warning.contains(" s of the 5.0 s that its header tells; the file is cut short"))
        #expect((result.end?["message"] as? String)?.hasPrefix("its pictures end after ") == true)
    }

    @Test func aCutPictureIsAnalysedAndMarked() throws {
        let still = try still()
        let path = try bench.folder.write(still.prefix(still.count / 2), to: "cut.jpg")
        let result = try bench.process(path)
        #expect(result.failure == nil)
        #expect(result.frames.map { $0["corrupt"] as? Bool } == [true])
        #expect(result.summary.corrupt == 1)
        #expect(result.summary.warnings == ["\(path): is cut off; what it lacks cannot be found in it"])
    }

    @Test func picturesThatCannotBeReadAreNamedAndTheOthersDone() throws {
        let still = try still()
        for name in ["a1.jpg", "a3.jpg", "a4.jpg"] { try bench.folder.write(still, to: name) }
        let empty = try bench.folder.write([], to: "a2.jpg")
        let cut = try bench.folder.write(still.prefix(still.count / 2), to: "a5.jpg")
        let result = try bench.process(bench.folder.file("a*.jpg"), video: bench.folder.file("v.mkv"))
        let error = try #require(result.failure as? MediaError)
        #expect(error.kind == .badData)
        #expect(error.message == "2 of 5 pictures could not be read and are left out")
        #expect(result.summary.warnings == ["\(empty): is an empty file; left out", "\(cut): is cut off; left out"])
        #expect(result.summary.frames == 3 && result.summary.analysed == 3)
        #expect(result.frames.map { $0.number("frame") } == [0, 1, 2])
        #expect(result.end?["reason"] as? String == "error")
        // What was asked for is not all there.
        #expect(!FileManager.default.fileExists(atPath: bench.folder.file("v.mkv")))
        #expect(FileManager.default.fileExists(atPath: bench.folder.file("v.partial.mkv")))
    }

    @Test func aGapInTheNumbersIsToldAndNothingFails() throws {
        let still = try still()
        for name in ["b1.jpg", "b2.jpg", "b4.jpg"] { try bench.folder.write(still, to: name) }
        let result = try bench.process(bench.folder.file("b%d.jpg"))
        #expect(result.failure == nil)
        #expect(result.summary.frames == 3)
        let gap = "there is no \(bench.folder.file("b3.jpg")); the pictures around follow each other"
        #expect(result.summary.warnings == ["\(bench.folder.file("b%d.jpg")): \(gap)"])
        #expect(result.end?["message"] as? String == gap)
    }
}
