import Detection
import Foundation

extension EventRecord {
    /// How the line of every record begins, up to its type.
    static let beginning = Array("{\"v\":\(version),\"type\":\"".utf8)
    private static let endBeginning = beginning + "stream_end\"".utf8

    static func isStreamEnd(_ line: [UInt8]) -> Bool { line.starts(with: endBeginning) }

    /// The record as a line of JSON, with its line feed.
    public func line() -> [UInt8] {
        var json = JSONLine()
        encode(into: &json)
        return json.terminated
    }

    /// All but the line feed.
    func encode(into json: inout JSONLine) {
        json.object { json in
            json.put("v", Self.version)
            json.put("type", type)
            stamp.encode(into: &json)
            switch self {
            case .streamUp(let up): up.encode(into: &json)
            case .streamDown(let down): down.encode(into: &json)
            case .gap(let gap): gap.encode(into: &json)
            case .frame(let frame): frame.encode(into: &json)
            case .streamEnd(let end): end.encode(into: &json)
            }
        }
    }
}

extension EventStamp {
    fileprivate func encode(into json: inout JSONLine) {
        json.put("stream", stream)
        guard let time, let text = RFC3339(time) else { return }
        json.put("time", text)
        json.put("time_source", timeSource.rawValue)
    }
}

extension StreamUp {
    fileprivate func encode(into json: inout JSONLine) {
        json.put("source", source)
        json.put("codec", codec)
        json.put("width", width)
        json.put("height", height)
        if let framesPerSecond { json.put("fps", framesPerSecond, decimals: 3) }
        json.put("network", network)
        json.put("input_width", inputWidth)
        json.put("input_height", inputHeight)
        json.put("threshold", threshold, decimals: 3)
    }
}

extension StreamDown {
    fileprivate func encode(into json: inout JSONLine) {
        json.put("reason", reason.rawValue)
        json.put("message", message)
    }
}

extension Gap {
    fileprivate func encode(into json: inout JSONLine) {
        json.put("reason", reason.rawValue)
        if let seconds { json.put("seconds", seconds, decimals: 3) }
        if let frames { json.put("frames", frames) }
        if let records { json.put("records", records) }
        if let message { json.put("message", message) }
    }
}

extension FrameRecord {
    fileprivate func encode(into json: inout JSONLine) {
        json.put("frame", frame)
        json.put("pts", pts, decimals: 3)
        json.put("width", width)
        json.put("height", height)
        if isCorrupt { json.put("corrupt", true) }
        json.put("dropped", dropped)
        json.put("latency_ms", latency.seconds * 1000, decimals: 1)
        json.object("input") { json in
            json.put("w", input.width)
            json.put("h", input.height)
        }
        json.array("detections", detections) { json, detection in
            json.object { detection.encode(width: width, height: height, into: &$0) }
        }
    }
}

extension NamedDetection {
    /// The detection's keys; boxes in pixels of a picture of this size.
    public func encode(width: Int, height: Int, into json: inout JSONLine) {
        json.put("class", name)
        json.put("class_id", detection.classID)
        json.put("confidence", Double(detection.confidence), decimals: 4)
        let box = clipped
        json.object("box") { json in
            json.put("x", box.x * Double(width), decimals: 1)
            json.put("y", box.y * Double(height), decimals: 1)
            json.put("w", box.width * Double(width), decimals: 1)
            json.put("h", box.height * Double(height), decimals: 1)
        }
        json.object("box_norm") { json in
            json.put("x", box.x, decimals: 4)
            json.put("y", box.y, decimals: 4)
            json.put("w", box.width, decimals: 4)
            json.put("h", box.height, decimals: 4)
        }
    }
}

extension StreamEnd {
    fileprivate func encode(into json: inout JSONLine) {
        json.put("reason", reason.rawValue)
        if let message { json.put("message", message) }
        json.put("decoded", decoded)
        json.put("analysed", analysed)
        json.put("dropped", dropped)
        encode(droppedBy, as: "dropped_by", into: &json)
        encode(skipped, as: "skipped", into: &json)
        json.put("decode_errors", decodeErrors)
        if let reconnects { json.put("reconnects", reconnects) }
        json.put("seconds", seconds, decimals: 3)
    }

    private func encode(_ counts: [String: Int], as key: String, into json: inout JSONLine) {
        guard !counts.isEmpty else { return }
        json.object(key) { json in
            for (reason, count) in counts.sorted(by: { $0.key < $1.key }) { json.put(reason, count) }
        }
    }
}

extension Duration {
    /// As a fraction of seconds.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
