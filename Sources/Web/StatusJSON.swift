import Foundation
import Streams

/// Whether every stream does what it is there for.
struct Readiness {
    private let streams: [StreamSnapshot]

    init(_ board: Board) { streams = board.all.map(\.status.snapshot) }

    /// Before the first stream is there, nothing is.
    var isReady: Bool { !streams.isEmpty && streams.allSatisfy { $0.state == .up || $0.state == .ended } }

    var json: JSONLine {
        var json = JSONLine()
        json.object { json in
            json.put("ready", isReady)
            json.object("streams") { json in
                for stream in streams {
                    json.object(stream.name) { json in
                        stream.putState(into: &json)
                        json.object("sinks") { json in
                            for sink in stream.sinks { json.put(sink.kind.rawValue, sink.failure ?? "ok") }
                        }
                    }
                }
            }
        }
        return json
    }
}

/// All that the live page shows of the streams.
func streamsJSON(_ board: Board, version: String) -> JSONLine {
    var json = JSONLine()
    json.object { json in
        json.put("version", version)
        json.put("time", Date())
        json.array("streams", board.all) { json, entry in
            json.object { entry.status.snapshot.put(into: &$0, preview: entry.preview != nil) }
        }
    }
    return json
}

extension StreamSnapshot.State {
    var word: String {
        switch self {
        case .connecting: "connecting"
        case .up: "up"
        case .down: "down"
        case .ended: "ended"
        }
    }
}

extension StreamSnapshot {
    fileprivate func putState(into json: inout JSONLine) {
        json.put("state", state.word)
        json.put("since", since)
        guard case .down(let reason, let message, let retryAt) = state else { return }
        json.put("reason", reason)
        json.put("message", message)
        json.put("retry_at", retryAt)
    }

    fileprivate func put(into json: inout JSONLine, preview: Bool) {
        json.put("name", name)
        json.put("source", source)
        putState(into: &json)
        json.put("preview", preview)
        json.put("codec", codec)
        json.put("width", width)
        json.put("height", height)
        json.put("input_width", inputWidth)
        json.put("input_height", inputHeight)
        if let nominalFramesPerSecond { json.put("fps", nominalFramesPerSecond, decimals: 3) }
        if let timeSource { json.put("time_source", timeSource.rawValue) }
        if let lastFrame { json.put("last_frame", lastFrame) }
        json.put("decoded", frames.decoded)
        json.put("analysed", frames.analysed)
        json.put("dropped", FrameCounts.Drop.allCases.map { ($0.rawValue, frames.dropped[$0] ?? 0) })
        json.put("skipped", FrameCounts.Skip.allCases.map { ($0.rawValue, frames.skipped[$0] ?? 0) })
        json.put("decode_errors", decodeErrors)
        json.put("lost_packets", lostPackets)
        json.put("reconnects", reconnects)
        json.put("detections", detections.values.reduce(0, +))
        json.put("latency", latency)
        json.array("sinks", sinks) { json, sink in
            json.object { json in
                json.put("kind", sink.kind.rawValue)
                json.put("target", sink.target)
                if let failure = sink.failure { json.put("failure", failure) }
                json.put("written", sink.written)
                json.put("lost", sink.lost)
            }
        }
    }
}

extension JSONLine {
    fileprivate mutating func put(_ key: String, _ date: Date) {
        // A damaged file may claim a time that cannot be written.
        if let text = rfc3339(date) { put(key, text) }
    }

    fileprivate mutating func put(_ key: String, _ counts: [(String, Int)]) {
        object(key) { json in
            for (name, count) in counts { json.put(name, count) }
        }
    }

    /// Counts up to each bound in seconds, as Prometheus has them.
    fileprivate mutating func put(_ key: String, _ latency: LatencyHistogram) {
        object(key) { json in
            for (bound, count) in latency.cumulative { json.put(bound, count) }
        }
    }
}
