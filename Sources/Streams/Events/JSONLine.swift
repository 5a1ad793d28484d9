import Foundation

/// Builds one line of JSON: keys in the order they are put, numbers with a fixed number of decimals, so that lines are
/// short, stable and cheap (a service writes millions of them).
public struct JSONLine {
    private(set) public var bytes: [UInt8] = []
    private var needsComma = false

    public init() { bytes.reserveCapacity(512) }

    /// The line with its line feed, which it is left without: moved out, not copied.
    public var terminated: [UInt8] {
        mutating get {
            terminate()
            defer { bytes = [] }
            return bytes
        }
    }

    /// Ends the line with its line feed.
    mutating func terminate() { bytes.append(UInt8(ascii: "\n")) }

    /// For the next line, which takes the memory of this one.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    public mutating func object(_ key: String? = nil, _ body: (inout JSONLine) -> Void) {
        open(key, "{")
        body(&self)
        close("}")
    }

    public mutating func array<Element>(
        _ key: String, _ elements: some Sequence<Element>, _ body: (inout JSONLine, Element) -> Void
    ) {
        open(key, "[")
        for element in elements { body(&self, element) }
        close("]")
    }

    public mutating func put(_ key: String, _ value: String) {
        put(key: key)
        put(string: value)
    }

    public mutating func put(_ key: String, _ value: Int) {
        put(key: key)
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(digitsOf: value.magnitude)
    }

    public mutating func put(_ key: String, _ value: UInt64) {
        put(key: key)
        bytes.append(digitsOf: UInt(value))
    }

    public mutating func put(_ key: String, _ value: Bool) {
        put(key: key)
        bytes += (value ? "true" : "false").utf8
    }

    mutating func put(_ key: String, _ value: RFC3339) {
        put(key: key)
        bytes.append(UInt8(ascii: "\""))
        value.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// An element of an array.
    public mutating func put(_ value: String) {
        separate()
        put(string: value)
    }

    /// Rounded to `decimals`. JSON has no infinities: what is not finite is null.
    public mutating func put(_ key: String, _ value: Double, decimals: Int) {
        put(key: key)
        append(value, decimals: decimals)
    }

    /// What `put` writes.
    static func fixed(_ value: Double, decimals: Int) -> String {
        var json = JSONLine()
        json.append(value, decimals: decimals)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private mutating func append(_ value: Double, decimals: Int) {
        let scaled = (value * pow(10, Double(decimals))).rounded()
        guard scaled.magnitude < 9e15 else {
            bytes += (value.isFinite ? "\(value)" : "null").utf8
            return
        }
        if scaled < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(digitsOf: UInt(scaled.magnitude), least: decimals + 1, decimals: decimals)
    }

    private mutating func open(_ key: String?, _ bracket: String) {
        if let key { put(key: key) } else { separate() }
        bytes += bracket.utf8
        needsComma = false
    }

    private mutating func close(_ bracket: String) {
        bytes += bracket.utf8
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func put(key: String) {
        separate()
        put(string: key)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func put(string: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += "\\n".utf8
            case 0..<0x20, 0x7F: bytes += ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension [UInt8] {
    /// In place: no text is made.
    ///
    /// - Parameters:
    ///   - least: how many at least, filled up with zeros.
    ///   - decimals: how many of them stand behind a point.
    mutating func append(digitsOf number: UInt, least: Int = 1, decimals: Int = 0) {
        let start = count
        var (rest, digits) = (number, 0)
        repeat {
            if digits == decimals && decimals > 0 { append(UInt8(ascii: ".")) }
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
            digits += 1
        } while rest > 0 || digits < least
        // They came from the right.
        withUnsafeMutableBufferPointer { $0[start...].reverse() }
    }
}
