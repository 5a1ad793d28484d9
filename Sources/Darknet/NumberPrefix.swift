/// A number at the beginning of a text, as C's `atoi` and `atof` take it (spec 1.1).
struct NumberPrefix<Value> {
    /// nil: the text starts with no number.
    var value: Value?
    /// Whether something else follows the number.
    var hasRest: Bool
}

extension NumberPrefix<Int> {
    /// Optional sign, digits. A number that no `Int` holds reads as `Int.max`, which no range of ours contains.
    init(_ text: String) {
        let bytes = text.utf8
        let start = bytes.endOfSign(from: bytes.startIndex)
        let end = bytes.endOfDigits(from: start)
        guard end > start else {
            value = nil
            hasRest = !text.isEmpty
            return
        }
        value = Int(text[..<end]) ?? .max
        hasRest = end < bytes.endIndex
    }
}

extension NumberPrefix<Float> {
    /// Optional sign, digits with at most one point, optional exponent. Too large reads as infinity.
    init(_ text: String) {
        let bytes = text.utf8
        let start = bytes.endOfSign(from: bytes.startIndex)
        let whole = bytes.endOfDigits(from: start)
        var end = whole
        var digits = bytes.distance(from: start, to: whole)
        if end < bytes.endIndex, bytes[end] == UInt8(ascii: ".") {
            let fraction = bytes.index(after: end)
            end = bytes.endOfDigits(from: fraction)
            digits += bytes.distance(from: fraction, to: end)
        }
        guard digits > 0 else {
            value = nil
            hasRest = !text.isEmpty
            return
        }
        if end < bytes.endIndex, bytes[end] | 0x20 == UInt8(ascii: "e") {
            let exponent = bytes.endOfSign(from: bytes.index(after: end))
            let exponentEnd = bytes.endOfDigits(from: exponent)
            if exponentEnd > exponent { end = exponentEnd }
        }
        value = Float(text[..<end])
        hasRest = end < bytes.endIndex
    }
}

extension String.UTF8View {
    fileprivate func endOfSign(from index: Index) -> Index {
        index < endIndex && (self[index] == UInt8(ascii: "-") || self[index] == UInt8(ascii: "+"))
            ? self.index(after: index) : index
    }

    fileprivate func endOfDigits(from index: Index) -> Index {
        self[index...].firstIndex { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? endIndex
    }
}
