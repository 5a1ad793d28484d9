/// One section of a cfg, or a whole `.data` file: `key=value` lines that are taken out by name (spec 1.1).
///
/// Each key that is taken counts as known; `finish()` warns of the rest.
struct OptionSection {
    struct Entry {
        var value: String
        var line: Int
    }

    let file: String
    /// The line of `[name]`, counted from 1; nil for a file without sections.
    let line: Int?
    /// As written, with brackets; empty for a file without sections.
    let name: String
    /// How errors name the section: `layer 12 [convolutional]`.
    var title: String?
    private(set) var warnings = WarningList()
    private var entries: [String: Entry] = [:]

    init(file: String, line: Int?, name: String) {
        self.file = file
        self.line = line
        self.name = name
        title = name.isEmpty ? nil : printable(name)
    }

    func error(line: Int? = nil, _ message: String) -> DarknetError {
        DarknetError(.malformed, file: file, line: line ?? self.line, section: title, message: message)
    }

    mutating func warn(line: Int? = nil, _ message: String) {
        warnings.add(DarknetWarning(file: file, line: line ?? self.line, message: message))
    }

    /// Takes one stripped line which is no section, comment or empty. The first of several equal keys wins.
    mutating func add(_ text: String, line: Int) {
        guard let equals = text.firstIndex(of: "=") else {
            return warn(line: line, "\(quoted(text)) has no '=' and is ignored; expected key=value")
        }
        let key = String(text[..<equals])
        let value = String(text[text.index(after: equals)...])
        if value.isEmpty {
            warn(line: line, "\(quoted(key)) has no value and is ignored")
        } else if let first = entries[key] {
            warn(line: line, "\(quoted(key)) is given twice; the first value, of line \(first.line), holds")
        } else {
            entries[key] = Entry(value: value, line: line)
        }
    }

    /// The entry of `key`, which from then on counts as used.
    mutating func take(_ key: String) -> Entry? { entries.removeValue(forKey: key) }

    /// Warns of every key that nobody took, in the order of lines.
    mutating func finish() {
        for (key, entry) in entries.sorted(by: { $0.value.line < $1.value.line }) {
            warn(
                line: entry.line,
                "\(quoted(key)) is unknown\(name.isEmpty ? "" : " in \(printable(name))") and is ignored")
        }
        entries = [:]
    }

    // MARK: Typed values

    mutating func int(_ key: String, default value: Int, in range: ClosedRange<Int>) throws(DarknetError) -> Int {
        guard let entry = take(key) else { return value }
        return try number(NumberPrefix<Int>(entry.value), 0, key, entry, in: range)
    }

    mutating func float(
        _ key: String, default value: Float, in range: ClosedRange<Float> = .finite
    ) throws(DarknetError) -> Float {
        guard let entry = take(key) else { return value }
        return try number(NumberPrefix<Float>(entry.value), 0, key, entry, in: range)
    }

    /// Any number but 0 is true.
    mutating func flag(_ key: String, default value: Bool) throws(DarknetError) -> Bool {
        try int(key, default: value ? 1 : 0, in: .anyInt32) != 0
    }

    /// A comma-separated list; nil if the key is absent.
    mutating func ints(_ key: String, in range: ClosedRange<Int>, atMost limit: Int) throws(DarknetError) -> [Int]? {
        guard let entry = take(key) else { return nil }
        var numbers: [Int] = []
        for item in try items(of: entry, key, atMost: limit) {
            numbers.append(try number(NumberPrefix<Int>(item), 0, key, entry, in: range))
        }
        return numbers
    }

    /// A comma-separated list; nil if the key is absent.
    mutating func floats(
        _ key: String, in range: ClosedRange<Float> = .finite, atMost limit: Int
    ) throws(DarknetError) -> [Float]? {
        guard let entry = take(key) else { return nil }
        var numbers: [Float] = []
        for item in try items(of: entry, key, atMost: limit) {
            numbers.append(try number(NumberPrefix<Float>(item), 0, key, entry, in: range))
        }
        return numbers
    }

    /// One of an enumeration's names. An unknown name gives `fallback` and a warning, as in Darknet.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, default value: Choice, fallback: Choice
    ) -> Choice {
        guard let entry = take(key) else { return value }
        if let choice = Choice(rawValue: entry.value) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        warn(
            line: entry.line,
            "\(key)=\(quoted(entry.value)) is unknown, \(fallback.rawValue) is taken; expected one of \(known)")
        return fallback
    }

    private func items(of entry: Entry, _ key: String, atMost limit: Int) throws(DarknetError) -> [String] {
        let items = entry.value.split(separator: ",")
        guard items.count <= limit else {
            throw error(line: entry.line, "\(key) lists \(items.count) numbers; expected at most \(limit)")
        }
        return items.map(String.init)
    }

    /// The number, or `zero` with a warning for text that starts with none, as C reads it.
    private mutating func number<Value: Comparable>(
        _ prefix: NumberPrefix<Value>, _ zero: Value, _ key: String, _ entry: Entry, in range: ClosedRange<Value>
    ) throws(DarknetError) -> Value {
        let value = prefix.value ?? zero
        guard range.contains(value) else {
            throw error(
                line: entry.line,
                "\(key)=\(quoted(entry.value)) is out of range: expected \(range.lowerBound) to \(range.upperBound)")
        }
        if prefix.value == nil || prefix.hasRest {
            warn(line: entry.line, "\(key)=\(quoted(entry.value)) is no plain number; \(value) is taken")
        }
        return value
    }
}

extension ClosedRange<Int> {
    static let anyInt32 = Int(Int32.min)...Int(Int32.max)
}

extension ClosedRange<Float> {
    static let finite = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude
}

// MARK: Lines

extension OptionSection {
    /// The sections of a cfg, in order.
    static func sections(of text: String, file: String) throws(DarknetError) -> [OptionSection] {
        var sections: [OptionSection] = []
        for (line, content) in strippedLines(of: text) {
            if content.utf8.first == UInt8(ascii: "[") {
                sections.append(OptionSection(file: file, line: line, name: content))
            } else if sections.isEmpty {
                throw DarknetError(
                    .malformed, file: file, line: line,
                    message: "\(quoted(content)) stands before any section; a cfg starts with [net]")
            } else {
                sections[sections.count - 1].add(content, line: line)
            }
        }
        return sections
    }

    /// A `.data` file: the same lines, without sections.
    static func whole(of text: String, file: String) -> OptionSection {
        var section = OptionSection(file: file, line: nil, name: "")
        for (line, content) in strippedLines(of: text) { section.add(content, line: line) }
        return section
    }

    /// Lines with all white space deleted, also inside, but for empty lines and comments.
    private static func strippedLines(of text: String) -> some Sequence<(line: Int, content: String)> {
        Lines(text.utf8[...]).lazy.compactMap { number, bytes in
            let kept = bytes.filter { !$0.isBlank }
            guard let first = kept.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { return nil }
            return (number, String(decoding: kept, as: UTF8.self))
        }
    }
}
