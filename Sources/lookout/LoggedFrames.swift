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

    /// `frame` records.
    private(set) var count = 0
    /// Whether they count the frames from 0 on, without a gap.
    private(set) var isInOrder = true
    private(set) var end: End?
    /// The first frame in which something was found, as it stands there.
    private(set) var example: String?

    private struct Line: Decodable {
        var type: String
    }

    /// Reads it line by line.
    ///
    /// - Parameter body: takes each frame.
    init(contentsOf path: String, _ body: (LoggedFrame) -> Void) throws {
        guard let file = fopen(path, "re") else {
            throw LoggedFramesError(description: "\(path): cannot be read back: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var (buffer, capacity): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
        defer { free(buffer) }
        var number = 0
        while case let length = getline(&buffer, &capacity, file), length > 0, let buffer {
            number += 1
            do {
                try add(Data(bytes: buffer, count: length), body)
            } catch {
                throw LoggedFramesError(
                    description: "\(path):\(number): is no record as the schema has it: \(error)")
            }
        }
        guard ferror(file) == 0 else {
            throw LoggedFramesError(description: "\(path): cannot be read back to its end")
        }
    }

    private mutating func add(_ line: Data, _ body: (LoggedFrame) -> Void) throws {
        let decoder = JSONDecoder()
        switch try decoder.decode(Line.self, from: line).type {
        case "frame":
            let frame = try decoder.decode(LoggedFrame.self, from: line)
            if example == nil && !frame.detections.isEmpty {
                example = String(decoding: line.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            }
            isInOrder = isInOrder && frame.frame == count
            count += 1
            body(frame)
        case "stream_end": end = try decoder.decode(End.self, from: line)
        default: break
        }
    }
}

/// The log that was just written cannot be read.
struct LoggedFramesError: Error, CustomStringConvertible {
    let description: String
}
