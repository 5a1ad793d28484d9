import Detection
import Foundation
import Media
import Streams
import TestSupport

/// A folder with the tiny network, in which recordings are processed in this process.
final class RecordingBench {
    let folder: TemporaryFolder
    private let detectors: DetectorPool

    /// What one run left.
    struct Result {
        var summary: RecordingSummary
        var records: [[String: Any]]
        var failure: (any Error)?

        var frames: [[String: Any]] { records.filter { $0["type"] as? String == "frame" } }
        var end: [String: Any]? { records.last { $0["type"] as? String == "stream_end" } }
    }

    init() throws {
        folder = try TemporaryFolder()
        let files = try TinyNetwork.write(to: folder)
        let network = try NetworkFiles(cfg: files.cfg, weights: files.weights).load()
        // Even black is found, the less likely class never; one thread does not wait for others.
        detectors = DetectorPool(network, size: .network, threads: 1, options: DetectionOptions(threshold: 0.01))
    }

    /// Runs a recording into `events.jsonl` (or `log`) and, if named, a video.
    func process(
        _ input: String, video: String? = nil, log: String? = nil, stop: StopSignal = StopSignal(),
        progress: RecordingSinks.Progress? = nil
    ) throws -> Result {
        let path = log ?? folder.file("events.jsonl")
        var options = Recording.Options(stream: "test")
        options.source.wantsAudio = video != nil
        var sinks = RecordingSinks(
            log: try EventLog(path: path, name: path), video: try video.map { try OutputFile($0) }, warn: { _ in })
        sinks.progress = progress
        let recording = try Recording(input, options: options, detectors: detectors, sinks: sinks, stop: stop)
        var failure: (any Error)?
        let summary: RecordingSummary
        do {
            summary = try recording.run()
        } catch let error as RecordingFailure {
            (summary, failure) = (error.summary, error.underlying)
        }
        return Result(summary: summary, records: try log == nil ? records(of: path) : [], failure: failure)
    }

    /// The log's lines; each must be a whole object.
    private func records(of path: String) throws -> [[String: Any]] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard text.isEmpty || text.hasSuffix("\n") else { throw TornLine() }
        return try text.split(separator: "\n").map { line in
            guard let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                throw TornLine()
            }
            return record
        }
    }

    struct TornLine: Error {}
}

enum Clips {
    static let rampFrames = 50

    /// An even grey that brightens from frame to frame, with sound. Lossless.
    static func ramp() throws -> String {
        try FFmpegTool.clip(
            "ramp.mkv",
            [
                "-f", "lavfi", "-i", "color=black:s=64x64:r=10,format=yuv420p,geq=lum='16+4*N':cb=128:cr=128", "-f",
                "lavfi", "-i", "sine=r=44100", "-t", "5", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0",
                "-c:a", "aac",
            ])
    }

    /// The grey of the ramp's frame, 0...1.
    static func grey(_ frame: Int) -> Double { Double(4 * frame) / 219 }

    /// Something that moves.
    static func moving(_ name: String, size: String, seconds: Int = 2) throws -> String {
        try FFmpegTool.clip(
            name,
            [
                "-f", "lavfi", "-i", "testsrc2=s=\(size):r=10", "-t", "\(seconds)", "-pix_fmt", "yuv420p", "-c:v",
                "libx264", "-preset", "ultrafast", "-g", "10",
            ])
    }
}

extension [String: Any] {
    func number(_ key: String) -> Double? { (self[key] as? NSNumber)?.doubleValue }
}
