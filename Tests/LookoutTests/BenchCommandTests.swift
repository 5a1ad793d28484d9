import Foundation
import TestSupport
import Testing

@Suite("lookout bench") struct BenchCommandTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private func run(_ arguments: String...) throws -> Tool.Outcome {
        try Tool(["bench", "--seconds", "0.1"] + arguments).wait()
    }

    @Test func `one object for programs, of the default network`() throws {
        let outcome = try run("--json", "--size", "96x64", "--threads", "1", "--batch", "2")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stderr.contains("yolov2-tiny-voc") && outcome.stderr.contains("random"))
        let json = try outcome.json()
        #expect(json["network"] as? String == "yolov2-tiny-voc")
        #expect([json["width"], json["height"], json["batch"], json["threads"]].map { $0 as? Int } == [96, 64, 2, 1])
        #expect(json["precision"] as? String == "fp32")
        let times = try #require(json["ms_per_frame"] as? [String: Double])
        let (least, median, most) = (
            try #require(times["min"]), try #require(times["median"]), try #require(times["max"])
        )
        #expect(0 < least && least <= median && median <= most)
        let (gflop, rate) = (try #require(json["gflop"] as? Double), try #require(json["gflops_per_second"] as? Double))
        #expect(abs(gflop - 6.971041792 * 96 * 64 / (416 * 416)) < 1e-6)
        #expect(abs(rate / (gflop / median * 1e3) - 1) < 0.01)
        #expect(try #require(json["peak_share"] as? Double) > 0)
        #expect((json["layers"] as? [Any])?.count == 16)
        let machine = try #require(json["machine"] as? [String: Any])
        #expect(try #require(machine["cores"] as? Int) >= 1)
        #expect(try #require((machine["fp32"] as? [String: Any])?["gflops_per_second"] as? Double) > 0)
    }

    @Test func `text for people, of a network with weights`() throws {
        let outcome = try Tool(["bench", "--seconds", "0.1"] + bench.model).wait()
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stderr == "")
        #expect(outcome.text.contains("tiny at 32 x 32, batch 1, 1 thread, fp32\n"))
        #expect(outcome.lines.count { $0.contains("maxpool") } == 5)
    }

    @Test(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
    func `the stages of a file`() throws {
        // Of its own, as others use the shared one. There it puts the video that it throws away.
        let temporary = bench.file("tmp")
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: false)
        for input in [try Clips.short(), try Clips.picture("white.png")] {
            let outcome = try Tool(
                ["bench", "--json", "--seconds", "0.3", "--size", "auto", input] + bench.model,
                environment: ["TMPDIR": temporary]
            ).wait()
            #expect(outcome.code == 0, "\(outcome)")
            let pipeline = try #require(try outcome.json()["pipeline"] as? [String: Any])
            #expect(pipeline["input"] as? String == input)
            #expect(try #require(pipeline["frames"] as? Int) >= 1)
            #expect(try #require(pipeline["fps"] as? Double) > 0)
            let stages = try #require(pipeline["stage_ms_per_frame"] as? [String: Double])
            #expect(Set(stages.keys) == ["decode", "resize", "infer", "draw", "encode", "log"])
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
    }

    @Test func `what is wrong shows before anything is measured`() throws {
        #expect(try run("--batch", "0").code == 64)
        #expect(try run("--seconds", "-1").code == 64)
        #expect(try run("--seconds", "nan").code == 64)
        #expect(try run("--size", "auto").code == 64)
        #expect(try run("--size", "33x32", "--cfg", "yolov2-tiny").code == 64)
        #expect(try run("--cfg", "nosuch").code == 66)
        #expect(try run("--weights", bench.file("none.weights"), "--cfg", "yolov2-tiny").code == 66)
        let missing = try run(bench.file("none.mp4"))
        #expect(missing.code == 66 && missing.stdout.isEmpty, "\(missing)")
        let classifier = try run("--cfg", "darknet19", "--size", "32x32", bench.file("none.mp4"))
        #expect(classifier.code == 64 && classifier.stderr.contains("classifier"), "\(classifier)")
    }
}
