import Detection
import Foundation
import Testing

@testable import Streams

@Suite("Event records") struct EventEncoderTests {
    private let timed = EventStamp(
        stream: "gate", time: Date(timeIntervalSince1970: 1_795_206_275.284), timeSource: .file)
    private let untimed = EventStamp(stream: "gate", time: nil, timeSource: .file)

    private func text(_ record: EventRecord) -> String { String(decoding: record.line(), as: UTF8.self) }

    private func frame(_ stamp: EventStamp, corrupt: Bool = false, _ detections: [Detection]) -> EventRecord {
        .frame(
            FrameRecord(
                stamp: stamp, frame: 1234, pts: 41.1333, width: 1280, height: 720, isCorrupt: corrupt, dropped: 2,
                latency: .microseconds(38_140), input: InputShape(width: 416, height: 256),
                detections: detections.map { NamedDetection($0, names: ["person"]) }))
    }

    @Test func aFrameIsTheContractsLine() {
        let box = Box(x: 0.5, y: 0.25, width: 0.1, height: 0.5)
        let line = text(frame(timed, [Detection(classID: 0, confidence: 0.87, objectness: 1, box: box)]))
        #expect(
            line == #"{"v":1,"type":"frame","stream":"gate","time":"2026-11-20T20:24:35.284Z","time_source":"file","#
                + #""frame":1234,"pts":41.133,"width":1280,"height":720,"dropped":2,"latency_ms":38.1,"#
                + #""input":{"w":416,"h":256},"detections":["#
                + #"{"class":"person","class_id":0,"confidence":0.8700,"#
                + #""box":{"x":576.0,"y":0.0,"w":128.0,"h":360.0},"#
                + #""box_norm":{"x":0.4500,"y":0.0000,"w":0.1000,"h":0.5000}}]}"# + "\n")
    }

    @Test func anEmptyFrameWithoutTime() {
        #expect(
            text(frame(untimed, []))
                == #"{"v":1,"type":"frame","stream":"gate","frame":1234,"pts":41.133,"width":1280,"#
                + #""height":720,"dropped":2,"latency_ms":38.1,"input":{"w":416,"h":256},"detections":[]}"# + "\n")
    }

    @Test func onlyACorruptFrameSaysSo() {
        #expect(text(frame(untimed, corrupt: true, [])).contains(#""height":720,"corrupt":true,"dropped""#))
        #expect(!text(frame(untimed, [])).contains("corrupt"))
    }

    @Test func boxesAreClippedToThePicture() {
        let box = Box(x: 0.95, y: -0.1, width: 0.3, height: 0.6)
        let line = text(frame(untimed, [Detection(classID: 3, confidence: 1, objectness: 1, box: box)]))
        #expect(line.contains(#""box":{"x":1024.0,"y":0.0,"w":256.0,"h":144.0}"#))
        #expect(line.contains(#""class":"class 3","class_id":3,"confidence":1.0000"#))
    }

    @Test func aBoxOutsideIsEmptyNotNegative() {
        let outside = NamedDetection(
            Detection(classID: 0, confidence: 1, objectness: 1, box: Box(x: 2, y: -3, width: 0.5, height: 0.5)),
            names: [])
        #expect(outside.clipped == (1, 0, 0, 0))
    }

    @Test func aStartTellsWhatIsWatched() {
        let up = StreamUp(
            stamp: timed, source: "rtsp://***@gate/1", codec: "h264", width: 768, height: 432, framesPerSecond: 12.5,
            network: "yolov2", inputWidth: 608, inputHeight: 352, threshold: 0.25)
        #expect(
            text(.streamUp(up)) == #"{"v":1,"type":"stream_up","stream":"gate","time":"2026-11-20T20:24:35.284Z","#
                + #""time_source":"file","source":"rtsp://***@gate/1","codec":"h264","width":768,"height":432,"fps":12.500,"#
                + #""network":"yolov2","input_width":608,"input_height":352,"threshold":0.250}"# + "\n")
    }

    @Test func anEndTellsTheTotals() {
        var end = StreamEnd(
            stamp: untimed, reason: .end, decoded: 10, analysed: 8, decodeErrors: 1, seconds: 1.5)
        #expect(
            text(.streamEnd(end)) == #"{"v":1,"type":"stream_end","stream":"gate","reason":"end","decoded":10,"#
                + #""analysed":8,"dropped":2,"decode_errors":1,"seconds":1.500}"# + "\n")
        (end.reason, end.message) = (.error, "disk\nfull")
        #expect(text(.streamEnd(end)).contains(#""reason":"error","message":"disk\nfull","decoded""#))
    }

    @Test func theEndOfALiveStreamTellsMore() {
        let end = StreamEnd(
            stamp: untimed, reason: .interrupted, decoded: 10, analysed: 5, decodeErrors: 0, seconds: 2,
            droppedBy: ["rate": 2, "busy": 3], skipped: ["nonref": 7], reconnects: 0)
        #expect(
            text(.streamEnd(end)) == #"{"v":1,"type":"stream_end","stream":"gate","reason":"interrupted","decoded":10,"#
                + #""analysed":5,"dropped":5,"dropped_by":{"busy":3,"rate":2},"skipped":{"nonref":7},"#
                + #""decode_errors":0,"reconnects":0,"seconds":2.000}"# + "\n")
    }

    @Test func aFailureOfTheSourceHasItsReason() {
        let down = StreamDown(stamp: untimed, reason: .badData, message: "no picture in \"it\"")
        #expect(
            text(.streamDown(down)) == #"{"v":1,"type":"stream_down","stream":"gate","reason":"bad_data","#
                + #""message":"no picture in \"it\""}"# + "\n")
        #expect(
            StreamDown.Reason.allCases.map(\.rawValue).sorted() == [
                "bad_data", "ended", "error", "not_found", "refused", "reset", "stalled", "timeout", "unauthorized",
                "unsupported",
            ])
    }

    @Test func aGapTellsWhatIsKnownOfIt() {
        #expect(
            text(.gap(Gap(stamp: untimed, reason: .overflow, frames: 12)))
                == #"{"v":1,"type":"gap","stream":"gate","reason":"overflow","frames":12}"# + "\n")
        let all = Gap(
            stamp: timed, reason: .writeFailed, seconds: 1.25, frames: 1, records: 3, message: "disk full")
        #expect(
            text(.gap(all)) == #"{"v":1,"type":"gap","stream":"gate","time":"2026-11-20T20:24:35.284Z","#
                + #""time_source":"file","reason":"write_failed","seconds":1.250,"frames":1,"records":3,"#
                + #""message":"disk full"}"# + "\n")
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (0.0004, "1970-01-01T00:00:00.000Z"), (0.0006, "1970-01-01T00:00:00.001Z"),
        (0.9996, "1970-01-01T00:00:01.000Z"), (-0.001, "1969-12-31T23:59:59.999Z"), (-1, "1969-12-31T23:59:59.000Z"),
        (-86_400.5, "1969-12-30T23:59:59.500Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
        (253_402_300_799.999, "9999-12-31T23:59:59.999Z"), (-62_167_219_200, "0000-01-01T00:00:00.000Z"),
    ]) func timesAreUTCWithMilliseconds(_ seconds: Double, _ expected: String) {
        #expect(rfc3339(Date(timeIntervalSince1970: seconds)) == expected)
    }

    @Test(arguments: [253_402_300_800, -62_167_219_200.001, 1e300, -1e300, .infinity, .nan])
    func aTimeThatCannotBeWrittenIsLeftOut(_ seconds: Double) {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(rfc3339(date) == nil)
        #expect(!text(frame(EventStamp(stream: "gate", time: date, timeSource: .file), [])).contains("time"))
    }
}
