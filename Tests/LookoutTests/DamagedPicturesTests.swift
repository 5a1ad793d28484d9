import Foundation
import TestSupport
import Testing

/// Damaged pictures never look like ones in which nothing was found.
@Suite("Damaged pictures", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct DamagedPicturesTests {
    private let bench: Bench
    private let whole: Data
    /// Without its end, which is all that a JPEG of one colour can lack.
    private let cut: String

    init() throws {
        bench = try Bench()
        whole = try Data(contentsOf: URL(fileURLWithPath: Clips.picture("white.jpg")))
        cut = try bench.folder.write(whole.dropLast(2), to: "cut.jpg")
    }

    @Test func detectWarnsAndMarks() throws {
        let outcome = try bench.detect(cut)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.text.hasPrefix("\(cut): 64x48, damaged\n"))
        #expect(outcome.stderr == "lookout: warning: \(cut): is cut off; what it lacks cannot be found in it\n")
        let images = try #require(
            bench.detect("--json", cut, Clips.picture("white.jpg")).json()["images"] as? [[String: Any]])
        #expect(images.map { $0["corrupt"] as? Bool } == [true, nil])
    }

    @Test func detectNamesWhatANumberedPatternHolds() throws {
        let first = try bench.folder.write(whole, to: "n1.jpg")
        let last = try bench.folder.write(whole, to: "n3.jpg")
        try bench.folder.write([], to: "n2.jpg")
        let outcome = try bench.detect("--json", bench.file("n%d.jpg"))
        #expect(outcome.code == 65, "\(outcome)")
        #expect(outcome.stderr.contains("n2.jpg: is an empty file"))
        let images = try #require(outcome.json()["images"] as? [[String: Any]])
        #expect(images.map { $0["image"] as? String } == [first, last])
    }

    @Test func processCountsAndNamesThem() throws {
        let one = try bench.process("--json", cut)
        #expect(one.code == 0, "\(one)")
        #expect(try one.json()["corrupt"] as? Int == 1)
        #expect((try one.json()["warnings"] as? [String])?.count == 1)
        for name in ["p1.jpg", "p3.jpg"] { try bench.folder.write(whole, to: name) }
        try bench.folder.write([], to: "p2.jpg")
        let many = try bench.process("--json", bench.file("p*.jpg"), "--events", bench.file("e.jsonl"))
        #expect(many.code == 65, "\(many)")
        #expect(many.stderr.contains("p2.jpg: is an empty file; left out"))
        #expect(many.stderr.contains("1 of 3 pictures could not be read"))
        #expect(try many.json()["frames"] as? Int == 2)
        #expect(!bench.exists("e.jsonl"))
    }

    @Test func theSummaryForPeopleTellsThem() throws {
        let outcome = try bench.process(cut, "--events", bench.file("e.jsonl"))
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stderr.contains(" fps, 1 of them damaged\n"))
    }
}
