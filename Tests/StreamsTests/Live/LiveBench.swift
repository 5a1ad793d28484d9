import Detection
import Foundation
import Media
import Pipeline
import TestSupport

@testable import Streams

/// A folder with the tiny network and an engine, in which live streams run in this process.
final class LiveBench {
    let folder: TemporaryFolder
    let network: LoadedNetwork
    let files: NetworkFiles
    let engine: InferenceEngine
    let board = Board()
    let heartbeats = Heartbeats()
    let journal = LogRecorder()
    private let events = EventFiles { _ in }
    private var started: [LiveStream] = []

    init(lanes: Int = 1, batch: Int = 1) throws {
        folder = try TemporaryFolder()
        let names = try TinyNetwork.write(to: folder)
        files = NetworkFiles(cfg: names.cfg, weights: names.weights)
        network = try files.load()
        engine = try InferenceEngine(
            InferenceEngine.Options(lanes: lanes, threads: lanes, batch: batch), heartbeats: heartbeats)
    }

    deinit {
        for stream in started { stream.stop() }
        for stream in started { stream.wait() }
        engine.stop()
    }

    func settings(_ name: String, _ url: String) -> StreamSettings {
        var settings = StreamSettings(
            name: name, source: SourceSettings(url: url), analysis: AnalysisSettings(network: files))
        settings.analysis.detection.threshold = 0.01
        settings.source.longestRetry = 0.5
        settings.events = EventFileSettings(path: log(name))
        return settings
    }

    func log(_ name: String) -> String { folder.file("\(name).jsonl") }

    func start(_ settings: StreamSettings) throws -> LiveStream {
        let stream = try LiveStream(
            settings, network: network,
            in: LiveStream.Surroundings(
                engine: engine, events: events, board: board, heartbeats: heartbeats, outputBeats: Heartbeats(),
                logger: journal.logger))
        started.append(stream)
        return stream
    }

    func stop(_ stream: LiveStream) {
        stream.stop()
        stream.wait()
        started.removeAll { $0 === stream }
    }

    func snapshot(_ name: String) -> StreamSnapshot? { board[name]?.status.snapshot }

    /// Waits until the stream's snapshot is so. `nil`: it never was.
    func await(_ name: String, seconds: Double = 600, _ isSo: (StreamSnapshot) -> Bool) -> StreamSnapshot? {
        let (pause, deadline) = (Cancellation(), MonotonicTime.now + seconds)
        while MonotonicTime.now < deadline {
            if let snapshot = snapshot(name), isSo(snapshot) { return snapshot }
            _ = pause.pause(seconds: 0.01)
        }
        return nil
    }

    /// The log's records; each line must be a whole object.
    func records(_ name: String) throws -> [[String: Any]] {
        let text = try String(contentsOfFile: log(name), encoding: .utf8)
        guard text.isEmpty || text.hasSuffix("\n") else { throw RecordingBench.TornLine() }
        return try text.split(separator: "\n").map { line in
            guard let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                throw RecordingBench.TornLine()
            }
            return record
        }
    }
}

extension [[String: Any]] {
    var types: [String] { compactMap { $0["type"] as? String } }
    func ofType(_ type: String) -> [[String: Any]] { filter { $0["type"] as? String == type } }
    var end: [String: Any]? { last { $0["type"] as? String == "stream_end" } }
}
