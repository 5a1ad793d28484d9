/// The lines of a text one by one, counted from 1, without their line feeds. None for an empty text.
package struct Lines: Sequence, IteratorProtocol {
    private var rest: Substring.UTF8View?
    private var number = 0

    package init(_ text: Substring.UTF8View) { rest = text.isEmpty ? nil : text }

    package mutating func next() -> (number: Int, bytes: Substring.UTF8View)? {
        guard let bytes = rest else { return nil }
        number += 1
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
            rest = nil
            return (number, bytes)
        }
        rest = bytes[bytes.index(after: end)...]
        return (number, bytes[..<end])
    }

    /// The lines of a list, without white space around them and without the empty ones at the end.
    package static func trimmed(of text: String) -> some Sequence<(line: Int, content: String)> {
        Lines(text.utf8[...].trimmingEnd { $0.isBlank || $0 == UInt8(ascii: "\n") }).lazy.map { number, bytes in
            (number, String(decoding: bytes.drop(while: \.isBlank).trimmingEnd(while: \.isBlank), as: UTF8.self))
        }
    }
}

extension UInt8 {
    /// Space, tab or carriage return.
    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\r") }
}

extension Substring.UTF8View {
    fileprivate func trimmingEnd(while predicate: (UInt8) -> Bool) -> Substring.UTF8View {
        var result = self
        while let last = result.last, predicate(last) { result.removeLast() }
        return result
    }
}
