import Foundation
import TestSupport
import Testing

@Suite("lookout model quantize", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct QuantizeTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private func quantize(_ arguments: String...) throws -> Tool.Outcome {
        let model = ["--cfg", bench.file("tiny.cfg"), "--weights", bench.file("tiny.weights"), "--threads", "1"]
        return try Tool(["model", "quantize"] + model + arguments).wait()
    }

    @Test func makesWhatInt8Needs() throws {
        let white = try Clips.picture("white.png")
        let missing = try bench.detect("--precision", "int8", white)
        #expect(missing.code == 66)
        #expect(missing.stderr.contains("lookout model quantize --weights"))

        let outcome = try quantize(white, Clips.picture("black.png", color: "black", size: "64x64"))
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.text.contains("from 2 pictures"))
        #expect(FileManager.default.fileExists(atPath: bench.file("tiny.int8")))

        let detected = try bench.detect("--precision", "int8", white)
        #expect(detected.code == 0, "\(detected)")
        #expect(detected.text.contains("98%  left 16 top 16 width 32 height 16  class 0"))
        #expect(detected.stderr.contains("computing in"))
    }

    @Test func tellsPrograms() throws {
        let outcome = try quantize(try Clips.short(), "--json", "--output", bench.file("other.int8"), "--limit", "1")
        #expect(outcome.code == 0, "\(outcome)")
        let object = try outcome.json()
        #expect(object["images"] as? Int == 1)
        #expect(object["file"] as? String == bench.file("other.int8"))
        #expect(object["comparison"] != nil)
        #expect(outcome.stderr.contains("took the first 1"), "\(outcome)")
        let detected = try bench.detect(
            "--precision", "int8", "--calibration", bench.file("other.int8"), try Clips.picture("white.png"))
        #expect(detected.code == 0, "\(detected)")
    }

    @Test func otherWeightsNeedAnotherFile() throws {
        let white = try Clips.picture("white.png")
        #expect(try quantize(white).code == 0)
        let path = bench.file("tiny.weights")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let outcome = try bench.detect("--precision", "int8", white)
        #expect(outcome.code == 65)
        #expect(outcome.stderr.contains("belongs to other weights"))
    }

    @Test func looksAtAllInputs() throws {
        let video = try Clips.short()
        let outcome = try quantize(
            video, bench.file("none.png"), try Clips.picture("white.png"), "--limit", "\(Int.max)")
        #expect(outcome.code == 66)
        #expect(outcome.text.contains("from 3 pictures"), "\(outcome)")
        #expect(!outcome.stderr.contains("took the first"))
        #expect(outcome.stderr.contains("none.png"))
        #expect(outcome.stderr.contains("from 3 pictures only"))
        #expect(bench.exists("tiny.int8"))
    }

    @Test func picturesAndVideosShareTheLimit() throws {
        let white = try Clips.picture("white.png")
        let pictures = (0..<30).map { bench.file("\($0).png") }
        for picture in pictures { try FileManager.default.copyItem(atPath: white, toPath: picture) }
        func run(limit: Int) throws -> Tool.Outcome {
            try Tool(["model", "quantize"] + bench.model + pictures + [Clips.short(), "--limit", "\(limit)"]).wait()
        }
        let few = try run(limit: 2)
        #expect(few.code == 0 && few.text.contains("from 2 pictures"), "\(few)")
        #expect(few.stderr.contains("short.mkv: took the first 1;"), "\(few)")
        #expect(few.stderr.contains("took 1 of 30 pictures"), "\(few)")
        // The clip has two seconds where a minute was reckoned with: what it leaves is the pictures'.
        let all = try run(limit: 32)
        #expect(all.code == 0 && all.text.contains("from 32 pictures"), "\(all)")
        #expect(!all.stderr.contains("took"), "\(all)")
        let one = try run(limit: 1)
        #expect(one.code == 0 && one.text.contains("from 1 picture\n"), "\(one)")
    }

    @Test func refusesWhatItCannotUse() throws {
        #expect(try quantize("--output", "-", try Clips.picture("white.png")).code == 64)
        #expect(try bench.detect("--calibration", "x.int8", try Clips.picture("white.png")).code == 64)
        #expect(try quantize(self.bench.file("none.png")).code == 66)
        #expect(try quantize("--precision", "int8", try Clips.picture("white.png")).code == 64)
        #expect(try quantize(try Clips.picture("white.png"), "--output", bench.file("tiny.weights")).code == 64)
    }
}
