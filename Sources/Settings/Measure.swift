import Darknet

/// Numbers with units: `"500ms"`, `"2GB"`.
struct Measure {
    /// For messages, with examples.
    let expected: String
    /// By rising factor. A number alone counts in the unit of factor 1.
    private let units: [(name: String, factor: Double)]

    static let duration = Measure(
        expected: #"a duration such as "500ms", "30s", "10m", "12h" or "7d", or a number of seconds"#,
        units: [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)])

    static let size = Measure(
        expected: #"a size such as "100MB", "2GB" or "512MiB", or a number of bytes"#,
        units: [
            ("B", 1), ("kB", 1e3), ("KB", 1e3), ("KiB", 1024), ("MB", 1e6), ("MiB", 1_048_576), ("GB", 1e9),
            ("GiB", 1_073_741_824), ("TB", 1e12), ("TiB", 1_099_511_627_776),
        ])

    /// `nil` for what is no number and unit.
    func value(of text: String) -> Double? {
        let (number, unit) = Self.parts(of: text)
        guard let number = Double(number), let unit = units.first(where: { $0.name == unit }) else { return nil }
        return number * unit.factor
    }

    /// `; did you mean "100MB"?` for `100mb`, or nothing.
    func hint(for text: String) -> String {
        let (number, unit) = Self.parts(of: text)
        guard Double(number) != nil, !unit.isEmpty,
            let nearest = Spelling.nearest(to: String(unit), among: units.map(\.name))
        else { return "" }
        return "; did you mean \"\(number)\(nearest)\"?"
    }

    /// In the largest unit that leaves a whole number.
    func text(of value: Double) -> String {
        for unit in units.reversed() where value >= unit.factor {
            let count = value / unit.factor
            if count == count.rounded(), count < 1e15 { return "\(Int(count))\(unit.name)" }
        }
        return value.plain
    }

    private static func parts(of text: String) -> (number: Substring, unit: Substring) {
        let number = text.prefix { $0 == "." || $0.isASCII && $0.isNumber }
        return (number, text[number.endIndex...].drop { $0 == " " })
    }
}

extension Double {
    /// Without the `.0` of whole numbers.
    var plain: String { self == rounded() && magnitude < 1e15 ? String(Int(self)) : description }
}
