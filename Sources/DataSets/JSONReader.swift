import Darknet

/// Reads a JSON file front to back without keeping it: what is not asked for is passed over. COCO's files are half a
/// gigabyte, most of it outlines.
///
/// Keeps a mebibyte of the file, and no text longer than 64 KiB.
struct JSONReader: ~Copyable {
    private let file: InputFile
    private var chunk: [UInt8] = []
    private var position = 0
    /// Bytes of the file behind `chunk`.
    private var rest: Int
    /// Counted from 1.
    private(set) var line = 1

    static let byteLimit = 4 << 30
    private static let chunkSize = 1 << 20
    private static let textLimit = 1 << 16

    init(_ path: String) throws(DataProblem) {
        file = try Self.open(path)
        rest = file.byteCount
    }

    private static func open(_ path: String) throws(DataProblem) -> InputFile {
        let file: InputFile
        do { file = try InputFile(path) } catch { throw DataProblem(error) }
        guard file.byteCount <= byteLimit else {
            throw DataProblem(file: path, message: "holds \(file.byteCount) bytes; at most \(byteLimit) are read")
        }
        return file
    }

    func problem(_ message: String) -> DataProblem { DataProblem(file: file.path, line: line, message: message) }

    // MARK: Structure

    /// Calls `body` for each key; it must read or `skip()` the value.
    mutating func object(_ body: (String, inout JSONReader) throws(DataProblem) -> Void) throws(DataProblem) {
        try expect(UInt8(ascii: "{"), "an object")
        if try takes(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            try expect(UInt8(ascii: ":"), "':'")
            try body(key, &self)
        } while try takes(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "',' or '}'")
    }

    /// Calls `body` for each value, which it must read or `skip()`.
    mutating func array(_ body: (inout JSONReader) throws(DataProblem) -> Void) throws(DataProblem) {
        try expect(UInt8(ascii: "["), "an array")
        if try takes(UInt8(ascii: "]")) { return }
        repeat {
            // So that `line` is the value's.
            _ = try significant()
            try body(&self)
        } while try takes(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "',' or ']'")
    }

    /// Throws unless nothing but white space is left.
    mutating func finish() throws(DataProblem) {
        if try significant() != nil { throw problem("goes on behind its end; expected one JSON object") }
    }

    /// Passes over a value of any kind, looking only for where it ends.
    mutating func skip() throws(DataProblem) {
        var depth = 0
        repeat {
            guard let first = try significant() else { throw cutOff }
            switch first {
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"): position += 1
            default: try skipScalar()
            }
        } while depth > 0
        if depth < 0 { throw problem("a value is missing") }
    }

    // MARK: Values

    /// A number; `nil` for null. `true` and `false` are 1 and 0.
    mutating func number() throws(DataProblem) -> Double? {
        let text = try scalar()
        switch text {
        case "null": return nil
        case "true": return 1
        case "false": return 0
        default:
            guard let number = Double(text) else { throw problem("\(quoted(text)) stands where a number should") }
            return number
        }
    }

    /// A whole number, also one too long for a Double.
    mutating func integer() throws(DataProblem) -> Int {
        let text = try scalar()
        guard let number = Int(text) ?? Double(text).flatMap(Int.init(exactly:)) else {
            throw problem("\(quoted(text)) stands where a whole number should")
        }
        return number
    }

    mutating func string() throws(DataProblem) -> String {
        try expect(UInt8(ascii: "\""), "a text in quotes")
        var bytes: [UInt8] = []
        while let byte = try byte() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"): bytes += String(try escaped()).utf8
            case ..<0x20: throw problem("a text holds a control character")
            default: bytes.append(byte)
            }
            guard bytes.count <= Self.textLimit else { throw problem("a text is longer than \(Self.textLimit) bytes") }
        }
        throw cutOff
    }

    private mutating func escaped() throws(DataProblem) -> Unicode.Scalar {
        let kind = try byte()
        position += 1
        switch kind {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try hexadecimal()
            guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
            // The second half of a character beyond the first 65,536.
            guard try byte() == UInt8(ascii: "\\") else { return "\u{FFFD}" }
            position += 1
            guard try byte() == UInt8(ascii: "u") else { throw problem("half a character stands alone") }
            position += 1
            let second = try hexadecimal()
            guard (0xDC00..<0xE000).contains(second) else { return "\u{FFFD}" }
            return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
        default: throw problem("a text holds an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(DataProblem) -> UInt32 {
        var digits = ""
        for _ in 0..<4 {
            guard let byte = try byte() else { throw cutOff }
            position += 1
            digits.unicodeScalars.append(Unicode.Scalar(byte))
        }
        guard let value = UInt32(digits, radix: 16) else { throw problem("\\u\(quoted(digits)) is no character") }
        return value
    }

    // MARK: Bytes

    private var cutOff: DataProblem { problem("ends early: the file is cut off") }

    /// The next byte, which is not taken.
    private mutating func byte() throws(DataProblem) -> UInt8? {
        if position == chunk.count {
            guard rest > 0 else { return nil }
            let count = min(rest, Self.chunkSize)
            do {
                chunk = try file.read(count, of: UInt8.self)
            } catch {
                throw DataProblem(error)
            }
            // A byte order mark at the beginning.
            position = rest == file.byteCount && chunk.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            rest -= count
            if position == chunk.count { return nil }
        }
        return chunk[position]
    }

    /// The next byte that is no white space, which is not taken.
    private mutating func significant() throws(DataProblem) -> UInt8? {
        while let byte = try byte() {
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            default: return byte
            }
            position += 1
        }
        return nil
    }

    private mutating func takes(_ expected: UInt8) throws(DataProblem) -> Bool {
        guard try significant() == expected else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ expected: UInt8, _ what: String) throws(DataProblem) {
        guard let found = try significant() else { throw cutOff }
        guard found == expected else {
            throw problem("\(quoted(String(Unicode.Scalar(found)))) stands where \(what) should")
        }
        position += 1
    }

    /// The text of a number or a word.
    private mutating func scalar() throws(DataProblem) -> String {
        guard let first = try significant() else { throw cutOff }
        var bytes: [UInt8] = []
        while let byte = try byte(), Self.isScalar(byte) {
            position += 1
            bytes.append(byte)
            guard bytes.count <= 64 else { throw problem("a number is longer than 64 digits") }
        }
        guard !bytes.isEmpty else {
            throw problem("\(quoted(String(Unicode.Scalar(first)))) stands where a number should")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func skipScalar() throws(DataProblem) {
        guard let first = try byte(), Self.isScalar(first) else { throw problem("a value is missing") }
        while let byte = try byte(), Self.isScalar(byte) { position += 1 }
    }

    private mutating func skipString() throws(DataProblem) {
        position += 1
        while let byte = try byte() {
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\") {
                guard try self.byte() != nil else { break }
                position += 1
            }
        }
        throw cutOff
    }

    private static func isScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
