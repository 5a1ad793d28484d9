/// Finds where the keys, table headers and list elements of a TOML text stand: the TOML reader tells places of syntax
/// errors only.
///
/// It checks the structure as it goes, before the TOML reader sees the text. The reader aborts the process on some that
/// is wrong (`[=]`, `x = [}`, `x = 07:3`) and overflows its stack on deep nesting. What numbers and dates mean, and keys
/// that are there twice, is left to it.
struct KeyScanner {
    /// By path; a list's elements go by their index. Of a table that is opened in several places, its own header.
    private(set) var positions: [[String]: Position] = [:]
    private var cursor: TextCursor

    /// Of tables and lists in each other. Ours need 4.
    static let deepest = 32

    typealias SyntaxError = TextCursor.SyntaxError

    /// - Throws: the first thing that is wrong.
    init(_ text: String) throws(SyntaxError) {
        cursor = try TextCursor(text)
        var table: [String] = []
        cursor.skipLines()
        while !cursor.isAtEnd {
            if cursor.next == "[" {
                table = try header()
            } else {
                try keyAndValue(in: table)
            }
            cursor.skipBlank()
            guard cursor.isAtLineEnd || cursor.next == "#" else {
                throw cursor.expected("the end of the line or a comment")
            }
            cursor.skipLines()
        }
    }

    // MARK: Tables

    private mutating func header() throws(SyntaxError) -> [String] {
        let position = cursor.position
        cursor.advance()
        let isArray = cursor.take("[")
        let path = try dottedKey()
        try note(path, at: position)
        guard cursor.take(isArray ? "]]" : "]") else {
            throw cursor.expected("\"\(isArray ? "]]" : "]")\" after the section's name")
        }
        return path
    }

    private mutating func keyAndValue(in table: [String]) throws(SyntaxError) {
        let position = cursor.position
        let path = try table + dottedKey()
        try note(path, at: position)
        guard cursor.take("=") else { throw cursor.expected("\"=\" after the key") }
        cursor.skipBlank()
        try value(at: path)
    }

    private mutating func dottedKey() throws(SyntaxError) -> [String] {
        var parts: [String] = []
        repeat {
            cursor.skipBlank()
            if cursor.next == "\"" || cursor.next == "'" {
                parts.append(try cursor.string())
            } else {
                let word = cursor.word()
                guard !word.isEmpty else { throw cursor.expected("a key or a section's name") }
                parts.append(word)
            }
            cursor.skipBlank()
        } while parts.count <= Self.deepest && cursor.take(".")
        return parts
    }

    /// Notes a path, and the tables above it that have no header of their own so far.
    private mutating func note(_ path: [String], at position: Position) throws(SyntaxError) {
        guard path.count <= Self.deepest else {
            throw SyntaxError(position: position, message: "is nested deeper than \(Self.deepest) tables and lists")
        }
        for count in 1..<max(1, path.count) where positions[Array(path.prefix(count))] == nil {
            positions[Array(path.prefix(count))] = position
        }
        positions[path] = position
    }

    // MARK: Values

    private mutating func value(at path: [String]) throws(SyntaxError) {
        switch cursor.next {
        case "[": try list(at: path)
        case "{": try inlineTable(at: path)
        case "\"" where cursor.sees("\"\"\""): try cursor.skipMultilineString("\"\"\"")
        case "'" where cursor.sees("'''"): try cursor.skipMultilineString("'''")
        case "\"", "'": _ = try cursor.string()
        default: try bareValue()
        }
    }

    /// A number, a date or time, or true or false.
    private mutating func bareValue() throws(SyntaxError) {
        let start = cursor.position
        let word = cursor.word("+.:")
        guard !word.isEmpty else { throw cursor.expected("a value; a text stands in quotes") }
        let flags = ["true", "false"]
        guard flags.contains(word) || BareValue.isNumber(word) || BareValue.isDateOrTime(word) else {
            let meant = word.lowercased()
            throw SyntaxError(
                position: start,
                message: flags.contains(meant)
                    ? "expected \(meant)" : #"neither a number nor true or false; a text stands in quotes: "...""#)
        }
        // A date and its time may have a space between them.
        guard BareValue.isDate(word), cursor.sees(" ") else { return }
        let end = cursor
        cursor.advance()
        if !BareValue.isTime(cursor.word("+.:"), offset: true) { cursor = end }
    }

    private mutating func list(at path: [String]) throws(SyntaxError) {
        cursor.advance()
        cursor.skipLines()
        var count = 0
        while !cursor.take("]") {
            let element = path + [String(count)]
            try note(element, at: cursor.position)
            try value(at: element)
            count += 1
            cursor.skipLines()
            if cursor.take(",") {
                cursor.skipLines()
            } else if cursor.next != "]" {
                throw cursor.expected("\",\" or \"]\" in the list")
            }
        }
    }

    private mutating func inlineTable(at path: [String]) throws(SyntaxError) {
        cursor.advance()
        cursor.skipBlank()
        if cursor.take("}") { return }
        repeat {
            cursor.skipBlank()
            try keyAndValue(in: path)
            cursor.skipBlank()
        } while cursor.take(",")
        guard cursor.take("}") else { throw cursor.expected("\",\" or \"}\" on the same line") }
    }
}
