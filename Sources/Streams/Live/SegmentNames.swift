import Foundation

/// The names of a stream's video segments: `STEM-20261121T101500Z.EXTENSION` by the time (UTC) of the first picture, and
/// `-2`, `-3`, ... before the dot where a name is taken.
struct SegmentNames: Sendable {
    /// When a segment began, and its number among those of that second.
    struct Key: Hashable, Comparable {
        var time: Date
        var number: Int

        static func < (left: Key, right: Key) -> Bool { (left.time, left.number) < (right.time, right.number) }
    }

    let folder: String
    private let prefix: String
    /// With its dot.
    private let suffix: String

    /// - Parameter path: folder, stem and extension, such as `/var/lib/lookout/gate.mkv`.
    init(path: String) {
        let slash = path.lastIndex(of: "/")
        folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = path[(slash.map(path.index(after:)) ?? path.startIndex)...]
        // A name's first dot hides it; it starts no extension.
        let dot = name.dropFirst().lastIndex(of: ".") ?? name.endIndex
        (prefix, suffix) = (name[..<dot] + "-", String(name[dot...]))
    }

    func path(_ name: String) -> String { folder == "/" ? "/" + name : folder + "/" + name }

    func name(_ key: Key) -> String {
        // Of a time that has no four-digit year the nearest that has.
        let time = min(max(key.time, Self.earliest), Self.latest)
        return prefix + time.formatted(Self.style) + (key.number > 1 ? "-\(key.number)" : "") + suffix
    }

    /// What a file's name says; `nil` for any but exactly one that `name(_:)` gives.
    func key(of name: String) -> Key? {
        let middle = name.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)
        let parts = middle.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            let time = try? Date(String(decoding: parts[0], as: UTF8.self), strategy: Self.style)
        else { return nil }
        guard let number = parts.count == 1 ? 1 : Int(String(decoding: parts[1], as: UTF8.self)) else { return nil }
        let key = Key(time: time, number: number)
        // Byte by byte: Swift takes two spellings of one text for equal, the file system does not.
        return self.name(key).utf8.elementsEqual(name.utf8) ? key : nil
    }

    private static let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
    private static let earliest = Date(timeIntervalSince1970: -62_135_596_800)
    private static let latest = Date(timeIntervalSince1970: 253_402_300_799)
}

/// From when to when a segment lasts.
struct SegmentSpan {
    /// The next multiple of the length, counted from midnight UTC (and 1970).
    private let end: Date?
    /// Seconds of pictures; their clock may be set back while the segment is written.
    private let longest: Double

    /// - Parameter length: seconds; `nil`: it does not end by itself.
    init(from start: Date, length: Double?) {
        guard let length else {
            (end, longest) = (nil, .infinity)
            return
        }
        let whole = length >= 1 ? length : 1
        end = Date(timeIntervalSince1970: ((start.timeIntervalSince1970 / whole).rounded(.down) + 1) * whole)
        // The clock that pictures count by is not quite that of the day.
        longest = whole * 1.01 + 1
    }

    /// - Parameter seconds: from the segment's first picture to this one.
    func isOver(at captured: Date, after seconds: Double) -> Bool {
        end.map { captured >= $0 } ?? false || seconds >= longest
    }
}
