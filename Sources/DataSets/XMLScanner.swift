import Darknet

/// Reads the elements of a small XML document one after the other. Attributes, comments and processing instructions are
/// passed over; document types, and with them entities of the document's own, are refused.
///
/// Foundation's parser would do, but brings libxml2 into the link.
struct XMLScanner {
    enum Token: Equatable {
        case start(String)
        case end(String)
        /// Between two tags, with its entities resolved.
        case text(String)
    }

    let file: String
    /// Of the token that was returned last, counted from 1.
    private(set) var line = 1
    private let bytes: [UInt8]
    private var position = 0
    private var open: [String] = []
    private var isSelfClosed = false

    static let depthLimit = 64

    init(_ text: String, file: String) {
        bytes = Array(text.utf8)
        self.file = file
    }

    /// `nil` at the end of a document that is whole.
    mutating func next() throws(DataProblem) -> Token? {
        if isSelfClosed {
            isSelfClosed = false
            return .end(open.removeLast())
        }
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") { return .text(try text()) }
            if starts(with: "<!--") {
                _ = try take(through: "-->")
            } else if starts(with: "<![CDATA[") {
                return .text(String(decoding: try take(through: "]]>").dropFirst(9).dropLast(3), as: UTF8.self))
            } else if starts(with: "<?") {
                _ = try take(through: "?>")
            } else if starts(with: "<!") {
                throw problem("declares a document type, which no annotation needs")
            } else {
                return try tag()
            }
        }
        guard open.isEmpty else { throw problem("ends within <\(open[open.count - 1])>: the file is cut off") }
        return nil
    }

    func problem(_ message: String) -> DataProblem { DataProblem(file: file, line: line, message: message) }

    private mutating func tag() throws(DataProblem) -> Token {
        let content = try tagContent()
        if content.first == UInt8(ascii: "/") {
            let name = name(content.dropFirst())
            guard open.popLast() == name else { throw problem("\(quoted("</\(name)>")) closes another element") }
            return .end(name)
        }
        let name = name(content)
        guard !name.isEmpty else { throw problem("'<' starts no element") }
        guard open.count < Self.depthLimit else { throw problem("nests more than \(Self.depthLimit) elements") }
        open.append(name)
        isSelfClosed = content.last == UInt8(ascii: "/")
        return .start(name)
    }

    private func name(_ content: ArraySlice<UInt8>) -> String {
        String(decoding: content.prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") }, as: UTF8.self)
    }

    /// What stands between < and >, which may be in the quotes of an attribute.
    private mutating func tagContent() throws(DataProblem) -> ArraySlice<UInt8> {
        var quote: UInt8?
        for index in bytes.indices[(position + 1)...] {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return advance(to: index + 1).dropFirst().dropLast()
            }
        }
        throw problem("a tag does not end: the file is cut off")
    }

    private mutating func text() throws(DataProblem) -> String {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        let raw = advance(to: end)
        if open.isEmpty, raw.contains(where: { $0 > 0x20 }) { throw problem("is no XML; expected <annotation>") }
        guard raw.contains(UInt8(ascii: "&")) else { return String(decoding: raw, as: UTF8.self) }
        var result = ""
        for (index, part) in raw.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).enumerated() {
            if index == 0 {
                result += String(decoding: part, as: UTF8.self)
                continue
            }
            guard let end = part.firstIndex(of: UInt8(ascii: ";")),
                let character = Self.entity(String(decoding: part[..<end], as: UTF8.self))
            else { throw problem("'&' starts no known entity; expected &amp; and the like") }
            result.unicodeScalars.append(character)
            result += String(decoding: part[(end + 1)...], as: UTF8.self)
        }
        return result
    }

    private static func entity(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "amp": "&"
        case "lt": "<"
        case "gt": ">"
        case "quot": "\""
        case "apos": "'"
        case _ where name.hasPrefix("#x"): UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init)
        case _ where name.hasPrefix("#"): UInt32(name.dropFirst()).flatMap(Unicode.Scalar.init)
        default: nil
        }
    }

    private func starts(with prefix: String) -> Bool { bytes[position...].starts(with: prefix.utf8) }

    private mutating func take(through end: String) throws(DataProblem) -> ArraySlice<UInt8> {
        let end = Array(end.utf8)
        var index = position
        while index + end.count <= bytes.count {
            if bytes[index...].starts(with: end) { return advance(to: index + end.count) }
            index += 1
        }
        throw problem("a comment or the like does not end: the file is cut off")
    }

    private mutating func advance(to end: Int) -> ArraySlice<UInt8> {
        let taken = bytes[position..<end]
        line += taken.count { $0 == UInt8(ascii: "\n") }
        position = end
        return taken
    }
}
