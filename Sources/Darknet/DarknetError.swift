/// Why one of Darknet's files could not be used: what is wrong, where, and what to do about it.
public struct DarknetError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// The file is missing, unreadable, or not a regular file.
        case cannotRead
        /// The file could not be created or replaced.
        case cannotWrite
        /// The content breaks the format's rules.
        case malformed
        /// Two things which are sound alone do not fit each other: weights and cfg, input size and network.
        case mismatch
    }

    public var kind: Kind
    public var file: String
    /// Counted from 1.
    public var line: Int?
    /// A cfg's section, such as `layer 12 [convolutional]`.
    public var section: String?
    public var message: String

    public init(_ kind: Kind, file: String, line: Int? = nil, section: String? = nil, message: String) {
        self.kind = kind
        self.file = file
        self.line = line
        self.section = section
        self.message = message
    }

    /// `file:line: section: message`, without what is not known.
    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return [place, section, message].compactMap(\.self).joined(separator: ": ")
    }
}

/// Something in a file that was passed over, as Darknet does, and that its author probably did not mean.
public struct DarknetWarning: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// Counted from 1.
    public var line: Int?
    public var message: String

    public init(file: String, line: Int? = nil, message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    /// `file:line: message`.
    public var description: String { line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)" }
}

/// Warnings up to a limit, so that a hostile file cannot make more of them than anyone reads.
struct WarningList {
    private(set) var warnings: [DarknetWarning] = []
    static let limit = 100

    mutating func add(_ warning: DarknetWarning) {
        if warnings.count < Self.limit {
            warnings.append(warning)
        } else if warnings.count == Self.limit {
            warnings.append(DarknetWarning(file: warning.file, message: "further warnings are left out"))
        }
    }

    mutating func add(_ list: WarningList) {
        for warning in list.warnings { add(warning) }
    }
}

/// A file's own words for a message: shortened, and with control characters escaped, for the file may be hostile.
func printable(_ text: some StringProtocol, limit: Int = 60) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        result += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return text.unicodeScalars.dropFirst(limit).isEmpty ? result : result + "..."
}

package func quoted(_ text: some StringProtocol, limit: Int = 60) -> String { "'\(printable(text, limit: limit))'" }
