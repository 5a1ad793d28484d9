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
            bytes.append(UInt8(ascii: "\n"))
            defer { bytes = [] }
            return bytes
        }
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
        bytes += String(value).utf8
    }

    public mutating func put(_ key: String, _ value: Bool) {
        put(key: key)
        bytes += (value ? "true" : "false").utf8
    }

    /// An element of an array.
    public mutating func put(_ value: String) {
        separate()
        put(string: value)
    }

    /// Rounded to `decimals`. JSON has no infinities: what is not finite is null.
    public mutating func put(_ key: String, _ value: Double, decimals: Int) {
        put(key: key)
        bytes += Self.fixed(value, decimals: decimals).utf8
    }

    static func fixed(_ value: Double, decimals: Int) -> String {
        let scale = pow(10, Double(decimals))
        let scaled = (value * scale).rounded()
        guard scaled.magnitude < 9e15 else { return value.isFinite ? "\(value)" : "null" }
        let digits = String(Int64(scaled.magnitude))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = scaled < 0 ? "-" : ""
        return decimals == 0 ? sign + padded : sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
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
