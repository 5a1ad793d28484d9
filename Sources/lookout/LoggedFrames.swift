import Foundation

/// A `frame` record as a reader of the event log sees it.
struct LoggedFrame: Decodable, Equatable {
    struct Detection: Decodable, Equatable {
        var `class`: String
        var confidence: Double
        var box: Box
    }

    /// Left, top, width and height in pixels of the picture.
    struct Box: Decodable, Equatable {
        var x: Double
        var y: Double
        var w: Double
        var h: Double
    }

    var frame: Int
    var width: Int
    var height: Int
    var dropped: Int
    var detections: [Detection]
}

/// The event log of one recording, read back.
struct LoggedFrames {
    /// `stream_end`.
    struct End: Decodable, Equatable {
        var decoded: Int
        var analysed: Int
        var dropped: Int
    }

    private(set) var frames: [LoggedFrame] = []
    private(set) var end: End?
    /// The first frame in which something was found, as it stands there.
    private(set) var example: String?

    private struct Line: Decodable {
        var type: String
    }

    init(contentsOf path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LoggedFramesError(description: "\(path): cannot be read back")
        }
        let decoder = JSONDecoder()
        for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            do {
                switch try decoder.decode(Line.self, from: line).type {
                case "frame":
                    let frame = try decoder.decode(LoggedFrame.self, from: line)
                    if example == nil && !frame.detections.isEmpty { example = String(decoding: line, as: UTF8.self) }
                    frames.append(frame)
                case "stream_end": end = try decoder.decode(End.self, from: line)
                default: break
                }
            } catch {
                throw LoggedFramesError(
                    description: "\(path):\(index + 1): is no record as the schema has it: \(error)")
            }
        }
    }
}

/// The log that was just written cannot be read.
struct LoggedFramesError: Error, CustomStringConvertible {
    let description: String
}
