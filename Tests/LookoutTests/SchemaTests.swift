import Foundation
import TestSupport
import Testing

@Suite("lookout schema") struct SchemaTests {
    private static func schema() throws -> JSONSchema { try JSONSchema(Tool.run("schema").stdout) }

    @Test("Real records fit it", .enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
    func realRecords() throws {
        let schema = try Self.schema()
        let bench = try Bench()
        let plain = try bench.process(Clips.short())
        let timed = try bench.process(Clips.short(), "--start-time", "2026-11-20T20:24:35.5+01:00")
        for (outcome, hasTime) in [(plain, false), (timed, true)] {
            #expect(outcome.code == 0)
            #expect(outcome.lines.count == Clips.shortFrames + 2)
            #expect(outcome.lines.filter { $0.contains(#""time":""#) }.count == (hasTime ? Clips.shortFrames + 1 : 0))
            for line in outcome.lines { #expect(throws: Never.self) { try schema.validate(line: line) } }
        }
        #expect(timed.lines[1].contains(#""time":"2026-11-20T19:24:35.500Z","time_source":"file""#))
        #expect(timed.lines[2].contains(#""time":"2026-11-20T19:24:35.600Z""#))
    }

    private static let frame =
        #""v":1,"type":"frame","stream":"a","frame":0,"pts":0,"width":2,"height":2,"dropped":0,"latency_ms":1"#

    private static let end =
        #""v":1,"type":"stream_end","stream":"a","reason":"interrupted","decoded":5,"analysed":3,"dropped":2,"#
        + #""decode_errors":0,"seconds":1"#

    @Test(arguments: [
        "{\(frame),\"detections\":[]}",
        "{\(frame),\"detections\":[],\"later\":[1]}",
        #"{"v":1,"type":"stream_down","stream":"a","reason":"timeout","time":"2026-11-20T20:24:35.284Z","time_source":"rtcp"}"#,
        #"{"v":1,"type":"gap","stream":"a","reason":"lost_packets","seconds":1.5}"#,
        #"{"v":1,"type":"gap","stream":"a","reason":"write_failed","records":3,"message":"No space left on device"}"#,
        "{\(end),\"dropped_by\":{\"busy\":2},\"skipped\":{\"nonref\":3},\"reconnects\":1}",
    ]) func itTakes(_ line: String) throws {
        try Self.schema().validate(line: line)
    }

    /// Were the checker blind, real records would fit anything.
    @Test(arguments: [
        "[]", "{}", "{\(frame)}", #"{"v":2,"type":"gap","stream":"a","reason":"x"}"#,
        #"{"v":1,"type":"gop","stream":"a","reason":"x"}"#, #"{"v":1,"type":"gap","stream":"","reason":"x"}"#,
        #"{"v":true,"type":"gap","stream":"a","reason":"x"}"#,
        #"{"v":1,"type":"gap","stream":"a","reason":"x","seconds":-1}"#,
        #"{"v":1,"type":"gap","stream":"a","reason":"x","time":"2026-11-20T20:24:35Z","time_source":"rtcp"}"#,
        #"{"v":1,"type":"gap","stream":"a","reason":"x","time":"2026-11-20T20:24:35.284Z"}"#,
        #"{"v":1,"type":"gap","stream":"a","reason":"x","frames":1.5}"#,
        "{\(end),\"dropped_by\":{\"busy\":-1}}", "{\(end),\"skipped\":3}", "{\(end),\"reconnects\":-1}",
        "{\(frame),\"detections\":[{}]}", "{\(frame),\"detections\":[],\"corrupt\":1}",
        "{\(frame.replacing("\"frame\":0", with: "\"frame\":0.5")),\"detections\":[]}",
    ]) func itRefuses(_ line: String) throws {
        let schema = try Self.schema()
        #expect(throws: JSONSchema.Violation.self) { try schema.validate(line: line) }
    }
}
