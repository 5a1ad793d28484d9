/// The forms of TOML's values that stand without quotes. (Regular expressions take their time.)
enum BareValue {
    static func isNumber(_ word: String) -> Bool {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where word.hasPrefix(prefix) {
            return isDigits(word.dropFirst(2), radix: radix)
        }
        let magnitude = withoutSign(word[...])
        if magnitude == "inf" || magnitude == "nan" { return true }
        let parts = magnitude.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, mantissa.count <= 2,
            (mantissa + parts.dropFirst().map(withoutSign)).allSatisfy({ isDigits($0) })
        else { return false }
        return mantissa[0] == "0" || !mantissa[0].hasPrefix("0")
    }

    static func isDate(_ word: some StringProtocol) -> Bool { shape(word) == "0000-00-00" }

    /// - Parameter offset: it may end with one from UTC.
    static func isTime(_ word: some StringProtocol, offset: Bool) -> Bool {
        var time = word[...]
        if offset, time.last == "Z" || time.last == "z" {
            time.removeLast()
        } else if offset, ["+00:00", "-00:00"].contains(shape(time.suffix(6))) {
            time.removeLast(6)
        }
        let parts = time.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, shape(parts[0]) == "00:00:00" else { return false }
        return parts.count == 1 || (1...9).contains(parts[1].count) && parts[1].allSatisfy { $0.isASCII && $0.isNumber }
    }

    static func isDateOrTime(_ word: String) -> Bool {
        if isDate(word) || isTime(word, offset: false) { return true }
        let separator = word.dropFirst(10).first
        return isDate(word.prefix(10)) && (separator == "T" || separator == "t")
            && isTime(word.dropFirst(11), offset: true)
    }

    private static func withoutSign(_ word: Substring) -> Substring {
        word.hasPrefix("+") || word.hasPrefix("-") ? word.dropFirst() : word
    }

    /// Digits with single underscores between them.
    private static func isDigits(_ word: Substring, radix: Int = 10) -> Bool {
        word.split(separator: "_", omittingEmptySubsequences: false).allSatisfy { group in
            !group.isEmpty && group.allSatisfy { $0.isASCII && $0.hexDigitValue.map { $0 < radix } ?? false }
        }
    }

    /// With every digit as 0.
    private static func shape(_ word: some StringProtocol) -> String {
        String(word.map { $0.isASCII && $0.isNumber ? "0" : $0 })
    }
}
