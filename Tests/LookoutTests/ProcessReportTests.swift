import Foundation
import Testing

@testable import Streams
@testable import lookout

@Suite("Summaries") struct ProcessReportTests {
    private func report(_ input: String, frames: Int, analysed: Int) throws -> [String: Any] {
        var report = ProcessReport()
        let summary = RecordingSummary(
            frames: frames, analysed: analysed, decodeErrors: 1, reason: .error, elapsed: .seconds(2), stages: [:],
            detections: ["cat": 3])
        report.add(summary, input: input)
        report.add(summary, input: input)
        return try #require(JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
    }

    @Test func inputsShowNoSecrets() throws {
        let inputs = try report("rtsp://user:secret@gate/live?token=secret", frames: 1, analysed: 1)["inputs"]
        let names = try #require(inputs as? [[String: Any]]).map { $0["input"] as? String }
        #expect(names == Array(repeating: "rtsp://***@gate/live?***", count: 2))
    }

    @Test func framesThatWereDecodedAndNotAnalysedAreDropped() throws {
        let json = try report("a.mp4", frames: 10, analysed: 8)
        #expect(json["frames"] as? Int == 20)
        #expect(json["analysed"] as? Int == 16)
        #expect(json["dropped"] as? Int == 4)
        #expect(json["fps"] as? Double == 4)
        #expect(json["detections"] as? [String: Int] == ["cat": 6])
    }
}
