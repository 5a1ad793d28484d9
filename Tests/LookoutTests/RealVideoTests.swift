import Foundation
import TestSupport
import Testing

/// Real recordings with real models.
@Suite(
    "Real recordings", .enabled(if: TestData.available, TestData.skipMessage),
    .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
struct RealVideoTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func process(_ video: String, model: String, _ arguments: String...) throws -> Tool.Outcome {
        try Tool(
            [
                "process", TestData.path("videos/\(video).mp4"), "--weights", TestData.path("models/\(model).weights"),
                "--json",
            ]
                + arguments
        ).wait()
    }

    @Test func carsWithSound() throws {
        let video = folder.file("cars.mp4")
        let outcome = try process(
            "car-detection", model: "yolo-lite-coco", "--size", "224x128", "--video", video, "--events",
            folder.file("e.jsonl"))
        #expect(outcome.code == 0, "\(outcome)")
        let summary = try outcome.json()
        #expect(summary["frames"] as? Int == 377)
        #expect(summary["decode_errors"] as? Int == 0)
        let source = TestData.path("videos/car-detection.mp4")
        for entries in ["packet=pts_time", "packet=size"] {
            let sound = try FFmpegTool.probe(video, entries, streams: "a").compactMap(\.first)
            #expect(try sound == FFmpegTool.probe(source, entries, streams: "a").compactMap(\.first))
        }
        let times = { (path: String) in
            try FFmpegTool.probe(path, "frame=best_effort_timestamp_time", streams: "v").compactMap(\.first)
        }
        #expect(try times(video) == times(source))
        let schema = try JSONSchema(Tool.run("schema").stdout)
        let lines = try String(contentsOfFile: folder.file("e.jsonl"), encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 379)
        for line in lines { try schema.validate(line: line) }
    }

    @Test func people() throws {
        let outcome = try process("one-by-one-person-detection", model: "yolo-lite-voc-bn", "--size", "64x64")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try outcome.json()["frames"] as? Int == 1394)
    }
}
