import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Streams
@testable import Web

@Suite("Metrics", .timeLimit(.minutes(10))) struct MetricsTests {
    private static let gate = {
        var gate = StreamSnapshot(name: "gate", source: "rtsp://gate")
        gate.state = .up
        (gate.frames.decoded, gate.frames.analysed) = (10, 6)
        (gate.frames.dropped, gate.frames.skipped) = ([.busy: 2, .rate: 1], [.nonReference: 4])
        (gate.decodeErrors, gate.lostPackets, gate.reconnects) = (1, 2, 3)
        (gate.inputWidth, gate.inputHeight) = (416, 256)
        gate.lastFrame = Date(timeIntervalSince1970: 1_795_206_275.25)
        for seconds in [0.0625, 0.03125, 0.5, 20] { gate.latency.add(seconds) }
        gate.detections = ["person": 3, "a \"b\"\\\nc": 1]
        gate.sinks = [SinkStatus(kind: .events, target: "-"), SinkStatus(kind: .video, target: "v.mkv")]
        (gate.sinks[0].written, gate.sinks[1].failure, gate.sinks[1].lost) = (6, "no space", 5)
        return gate
    }()

    @Test func theTextIsAsTheContractHasIt() {
        let yard = StreamSnapshot(name: "yard", source: "yard.mp4")
        #expect(metricsText([Self.gate, yard], version: "1.2.3").text == Self.golden)
    }

    @Test func noStreamsLeaveTheHeadings() {
        let lines = metricsText([], version: "1").text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines == ["lookout_build_info{version=\"1\"} 1"])
    }

    @Test func quotesAreEscapedWhateverFollowsThem() {
        var gate = StreamSnapshot(name: "gate", source: "")
        gate.detections = ["car\"\u{301}": 1, "a\\\u{301}b\r\n\u{301}": 2]
        let lines = metricsText([gate], version: "1").text.unicodeScalars.split(separator: "\n").map { Array($0) }
        for line in [
            #"lookout_detections_total{stream="gate",class="car\"\#u{301}"} 1"#,
            #"lookout_detections_total{stream="gate",class="a\\\#u{301}b\#r\n\#u{301}"} 2"#,
        ] {
            #expect(lines.contains(Array(line.unicodeScalars)), "\(line)")
        }
    }

    @Test func theProcessIsReadFromTheKernel() throws {
        let use = try ProcessUse.current()
        #expect(use.residentBytes > 1_000_000 && use.threads >= 1 && use.openFiles >= 3)
        #expect(abs(use.startSeconds - Date().timeIntervalSince1970) < 3600 && use.cpuSeconds >= 0)
    }

    @Test func aProgramsNameMayHoldAnything() throws {
        let stat = "7 (a) b (c) S " + (4...52).map(String.init).joined(separator: " ") + "\n"
        let use = try ProcessUse(stat: stat, bootSeconds: 1000, openFiles: 5, ticks: 10, pageBytes: 4096)
        #expect(use.cpuSeconds == 2.9 && use.threads == 20 && use.startSeconds == 1002.2)
        #expect(use.residentBytes == 24 * 4096)
        for damaged in ["", "7 (a) S 1 2"] {
            #expect(throws: WebError.self) {
                try ProcessUse(stat: damaged, bootSeconds: 1, openFiles: 0, ticks: 1, pageBytes: 1)
            }
        }
    }

    @Test(.enabled(if: Promtool.available, "promtool (of the package prometheus) is not installed"))
    func prometheusHasNoComplaint() async throws {
        let bench = WebBench()
        bench.add("gate") { $0 = Self.gate }
        let answer = try await bench.serve { try await get("/metrics", $0) }
        #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer.text.contains("\nprocess_resident_memory_bytes "))
        #expect(try Promtool.check(answer.text) == "")
    }

    private static let golden = #"""
        # HELP lookout_build_info The running version.
        # TYPE lookout_build_info gauge
        lookout_build_info{version="1.2.3"} 1
        # HELP lookout_stream_up Whether pictures arrive.
        # TYPE lookout_stream_up gauge
        lookout_stream_up{stream="gate"} 1
        lookout_stream_up{stream="yard"} 0
        # HELP lookout_frames_total Frames by what became of them.
        # TYPE lookout_frames_total counter
        lookout_frames_total{stream="gate",outcome="analysed"} 6
        lookout_frames_total{stream="gate",outcome="busy"} 2
        lookout_frames_total{stream="gate",outcome="rate"} 1
        lookout_frames_total{stream="gate",outcome="corrupt"} 0
        lookout_frames_total{stream="gate",outcome="stopped"} 0
        lookout_frames_total{stream="gate",outcome="failed"} 0
        lookout_frames_total{stream="yard",outcome="analysed"} 0
        lookout_frames_total{stream="yard",outcome="busy"} 0
        lookout_frames_total{stream="yard",outcome="rate"} 0
        lookout_frames_total{stream="yard",outcome="corrupt"} 0
        lookout_frames_total{stream="yard",outcome="stopped"} 0
        lookout_frames_total{stream="yard",outcome="failed"} 0
        # HELP lookout_frames_decoded_total Frames decoded.
        # TYPE lookout_frames_decoded_total counter
        lookout_frames_decoded_total{stream="gate"} 10
        lookout_frames_decoded_total{stream="yard"} 0
        # HELP lookout_packets_skipped_total Coded frames not decoded, to catch up.
        # TYPE lookout_packets_skipped_total counter
        lookout_packets_skipped_total{stream="gate",reason="nonref"} 4
        lookout_packets_skipped_total{stream="gate",reason="nonkey"} 0
        lookout_packets_skipped_total{stream="gate",reason="overflow"} 0
        lookout_packets_skipped_total{stream="yard",reason="nonref"} 0
        lookout_packets_skipped_total{stream="yard",reason="nonkey"} 0
        lookout_packets_skipped_total{stream="yard",reason="overflow"} 0
        # HELP lookout_packets_lost_total Packets lost by the network.
        # TYPE lookout_packets_lost_total counter
        lookout_packets_lost_total{stream="gate"} 2
        lookout_packets_lost_total{stream="yard"} 0
        # HELP lookout_decode_errors_total Packets and frames that could not be decoded.
        # TYPE lookout_decode_errors_total counter
        lookout_decode_errors_total{stream="gate"} 1
        lookout_decode_errors_total{stream="yard"} 0
        # HELP lookout_reconnects_total Connections after the first.
        # TYPE lookout_reconnects_total counter
        lookout_reconnects_total{stream="gate"} 3
        lookout_reconnects_total{stream="yard"} 0
        # HELP lookout_last_frame_timestamp_seconds Capture time of the newest frame, in seconds since 1970.
        # TYPE lookout_last_frame_timestamp_seconds gauge
        lookout_last_frame_timestamp_seconds{stream="gate"} 1795206275.25
        # HELP lookout_stream_input_width_pixels Width that frames are analysed at.
        # TYPE lookout_stream_input_width_pixels gauge
        lookout_stream_input_width_pixels{stream="gate"} 416
        # HELP lookout_stream_input_height_pixels Height that frames are analysed at.
        # TYPE lookout_stream_input_height_pixels gauge
        lookout_stream_input_height_pixels{stream="gate"} 256
        # HELP lookout_capture_to_log_seconds From a frame's arrival to its record.
        # TYPE lookout_capture_to_log_seconds histogram
        lookout_capture_to_log_seconds_bucket{stream="gate",le="0.01"} 0
        lookout_capture_to_log_seconds_bucket{stream="gate",le="0.025"} 0
        lookout_capture_to_log_seconds_bucket{stream="gate",le="0.05"} 1
        lookout_capture_to_log_seconds_bucket{stream="gate",le="0.1"} 2
        lookout_capture_to_log_seconds_bucket{stream="gate",le="0.25"} 2
        lookout_capture_to_log_seconds_bucket{stream="gate",le="0.5"} 3
        lookout_capture_to_log_seconds_bucket{stream="gate",le="1.0"} 3
        lookout_capture_to_log_seconds_bucket{stream="gate",le="2.5"} 3
        lookout_capture_to_log_seconds_bucket{stream="gate",le="5.0"} 3
        lookout_capture_to_log_seconds_bucket{stream="gate",le="10.0"} 3
        lookout_capture_to_log_seconds_bucket{stream="gate",le="+Inf"} 4
        lookout_capture_to_log_seconds_sum{stream="gate"} 20.59375
        lookout_capture_to_log_seconds_count{stream="gate"} 4
        lookout_capture_to_log_seconds_bucket{stream="yard",le="0.01"} 0
        lookout_capture_to_log_seconds_bucket{stream="yard",le="0.025"} 0
        lookout_capture_to_log_seconds_bucket{stream="yard",le="0.05"} 0
        lookout_capture_to_log_seconds_bucket{stream="yard",le="0.1"} 0
        lookout_capture_to_log_seconds_bucket{stream="yard",le="0.25"} 0
        lookout_capture_to_log_seconds_bucket{stream="yard",le="0.5"} 0
        lookout_capture_to_log_seconds_bucket{stream="yard",le="1.0"} 0
        lookout_capture_to_log_seconds_bucket{stream="yard",le="2.5"} 0
        lookout_capture_to_log_seconds_bucket{stream="yard",le="5.0"} 0
        lookout_capture_to_log_seconds_bucket{stream="yard",le="10.0"} 0
        lookout_capture_to_log_seconds_bucket{stream="yard",le="+Inf"} 0
        lookout_capture_to_log_seconds_sum{stream="yard"} 0.0
        lookout_capture_to_log_seconds_count{stream="yard"} 0
        # HELP lookout_detections_total Detections by class.
        # TYPE lookout_detections_total counter
        lookout_detections_total{stream="gate",class="a \"b\"\\\nc"} 1
        lookout_detections_total{stream="gate",class="person"} 3
        # HELP lookout_sink_up Whether an output takes what it is given.
        # TYPE lookout_sink_up gauge
        lookout_sink_up{stream="gate",sink="events"} 1
        lookout_sink_up{stream="gate",sink="video"} 0
        # HELP lookout_sink_written_total Records or frames written.
        # TYPE lookout_sink_written_total counter
        lookout_sink_written_total{stream="gate",sink="events"} 6
        lookout_sink_written_total{stream="gate",sink="video"} 0
        # HELP lookout_sink_lost_total Records or frames that could not be written.
        # TYPE lookout_sink_lost_total counter
        lookout_sink_lost_total{stream="gate",sink="events"} 0
        lookout_sink_lost_total{stream="gate",sink="video"} 5

        """#
}

/// Prometheus' own checker.
enum Promtool {
    private static let path = "/usr/bin/promtool"
    static let available = FileManager.default.isExecutableFile(atPath: path)

    /// What it has to complain of.
    static func check(_ metrics: String) throws -> String {
        let folder = try TemporaryFolder()
        let input = try folder.write(metrics.utf8, to: "metrics.txt")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["check", "metrics"]
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
        let pipe = Pipe()
        (process.standardOutput, process.standardError) = (pipe, pipe)
        try process.run()
        let said = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: said, as: UTF8.self) + (process.terminationStatus == 0 ? "" : "failed")
    }
}
