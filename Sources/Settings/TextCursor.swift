/// A place in a TOML text that moves on, and the tokens that are read there.
struct TextCursor {
    private let bytes: [UInt8]
    private var index = 0
    /// Of `next`.
    private(set) var position = Position(line: 1, column: 1)

    /// What cannot be read, and where.
    struct SyntaxError: Error {
        let position: Position
        let message: String
    }

    /// - Throws: for the character U+0000, at which the TOML reader would cut the text off.
    init(_ text: String) throws(SyntaxError) {
        bytes = Array(text.utf8)
        guard let zero = bytes.firstIndex(of: 0) else { return }
        advance(zero)
        throw SyntaxError(position: position, message: "holds the character U+0000; expected a text file")
    }

    // MARK: Characters

    /// The byte that comes; 0 at the end.
    var next: Unicode.Scalar { Unicode.Scalar(byte(0)) }

    var isAtEnd: Bool { index == bytes.count }

    var isAtLineEnd: Bool { isAtEnd || next == "\n" || next == "\r" && byte(1) == UInt8(ascii: "\n") }

    private func byte(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }

    mutating func advance(_ count: Int = 1) {
        for byte in bytes[index...].prefix(count) {
            index += 1
            if byte == UInt8(ascii: "\n") {
                position = Position(line: position.line + 1, column: 1)
            } else if !byte.continuesCharacter {
                position.column += 1
            }
        }
    }

    func sees(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

    mutating func take(_ text: String) -> Bool {
        guard sees(text) else { return false }
        advance(text.utf8.count)
        return true
    }

    mutating func skipBlank() {
        while next == " " || next == "\t" { advance() }
    }

    /// Skips white space, comments and ends of lines.
    mutating func skipLines() {
        while true {
            skipBlank()
            if next == "#" { skipComment() }
            guard !isAtEnd, isAtLineEnd else { return }
            advance(next == "\r" ? 2 : 1)
        }
    }

    mutating func skipComment() {
        while next == "#" || !isAtLineEnd { advance() }
    }

    /// `expected "=" after the key, saw "x"`, here.
    func expected(_ what: String) -> SyntaxError {
        let saw =
            if isAtEnd { "the end of the file" } else if isAtLineEnd { "the end of the line" } else {
                quoted(
                    String(
                        decoding: bytes[index...].prefix(1) + bytes[(index + 1)...].prefix { $0.continuesCharacter },
                        as: UTF8.self))
            }
        return SyntaxError(position: position, message: "expected \(what), saw \(saw)")
    }

    // MARK: Tokens

    /// A word of letters, digits, - and _, or of `others` too; empty where none begins.
    mutating func word(_ others: String = "") -> String {
        let start = index
        while next.isBareKeyCharacter || !isAtEnd && others.unicodeScalars.contains(next) { advance() }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// The content of a string on one line.
    mutating func string() throws(SyntaxError) -> String {
        let start = position
        let quote = next
        advance()
        var content: [UInt8] = []
        while !isAtLineEnd {
            if next == quote {
                advance()
                return String(decoding: content, as: UTF8.self)
            }
            if quote == "\"" && next == "\\" {
                content += Array(String(try escape()).utf8)
            } else {
                content.append(byte(0))
                advance()
            }
        }
        throw SyntaxError(position: start, message: "a text begins here and does not end on its line")
    }

    /// - Parameter quotes: three of a kind.
    mutating func skipMultilineString(_ quotes: String) throws(SyntaxError) {
        let start = position
        advance(quotes.utf8.count)
        let quote = quotes.unicodeScalars.first ?? "\""
        while !isAtEnd {
            if take(quotes) {
                // Up to two more belong to the content.
                for _ in 0..<2 where next == quote { advance() }
                return
            }
            let isEscape = quote == "\"" && next == "\\"
            let continuesLine = [" ", "\t", "\r", "\n"].contains(Unicode.Scalar(byte(1)))
            if isEscape && !continuesLine { _ = try escape() } else { advance() }
        }
        throw SyntaxError(position: start, message: "a text begins here and does not end")
    }

    /// The character that an escape sequence stands for.
    private mutating func escape() throws(SyntaxError) -> Unicode.Scalar {
        let start = position
        advance()
        let letter = next
        advance()
        switch letter {
        case "b": return "\u{8}"
        case "t": return "\t"
        case "n": return "\n"
        case "f": return "\u{C}"
        case "r": return "\r"
        case "\"", "\\": return letter
        case "u", "U":
            let digits = bytes[index...].prefix(letter == "u" ? 4 : 8)
            if digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }), digits.count >= 4,
                let scalar = UInt32(String(decoding: digits, as: UTF8.self), radix: 16).flatMap(Unicode.Scalar.init)
            {
                guard scalar != "\0" else {
                    throw SyntaxError(position: start, message: "no text here may hold the character U+0000")
                }
                advance(digits.count)
                return scalar
            }
        default: break
        }
        throw SyntaxError(
            position: start, message: #"begins no escape that TOML has; \\ is a backslash, and in '...' it is itself"#)
    }
}

extension UInt8 {
    /// In UTF-8 all bytes of a character but its first begin with the bits 10.
    fileprivate var continuesCharacter: Bool { self & 0xC0 == 0x80 }
}

extension Unicode.Scalar {
    var isBareKeyCharacter: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        default: false
        }
    }
}
