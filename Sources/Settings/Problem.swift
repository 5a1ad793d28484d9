/// A place in a text, counted from 1; columns count Unicode scalars.
public struct Position: Hashable, Comparable, Sendable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static func < (a: Position, b: Position) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// What is wrong, or probably not meant so, in a configuration: where, what, and what to do about it.
public struct Problem: Hashable, Sendable, CustomStringConvertible {
    public let file: String
    /// `nil`: it concerns the file as a whole, which could not be read.
    public let position: Position?
    public let message: String

    init(file: String, position: Position?, message: String) {
        self.file = file
        self.position = position
        self.message = printable(message, limit: Self.longestMessage)
    }

    /// Values may be as long as the file.
    private static let longestMessage = 600

    /// `streams.conf:12:3: message`.
    public var description: String {
        position.map { "\(file):\($0.line):\($0.column): \(message)" } ?? "\(file): \(message)"
    }
}

/// Everything that is wrong with a configuration, by position.
public struct SettingsErrors: Error, Sendable, CustomStringConvertible {
    /// Never empty.
    public let problems: [Problem]
    public let warnings: [Problem]

    init(_ problems: [Problem], warnings: [Problem] = []) {
        self.problems = problems
        self.warnings = warnings
    }

    init(_ problem: Problem) { self.init([problem]) }

    /// One problem a line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Collects what is found while a configuration is read. The same thing counts once: streams share their defaults.
final class Findings {
    let file: String
    private var found: (problems: Set<Problem>, warnings: Set<Problem>) = ([], [])
    /// More than anyone reads.
    private static let limit = 500

    init(file: String) { self.file = file }

    func add(_ position: Position, _ message: String) {
        if found.problems.count < Self.limit {
            found.problems.insert(Problem(file: file, position: position, message: message))
        }
    }

    func warn(_ position: Position, _ message: String) {
        if found.warnings.count < Self.limit {
            found.warnings.insert(Problem(file: file, position: position, message: message))
        }
    }

    var problems: [Problem] {
        let rest = Problem(file: file, position: nil, message: "further problems are left out")
        return Self.sorted(found.problems) + (found.problems.count == Self.limit ? [rest] : [])
    }
    var warnings: [Problem] { Self.sorted(found.warnings) }

    private static func sorted(_ found: Set<Problem>) -> [Problem] {
        found.sorted { a, b in a.position == b.position ? a.message < b.message : isBefore(a.position, b.position) }
    }

    private static func isBefore(_ a: Position?, _ b: Position?) -> Bool {
        guard let a, let b else { return a == nil }
        return a < b
    }
}

/// Words that may be the file's own, for a message: shortened, and with control characters escaped.
func printable(_ text: String, limit: Int) -> String {
    let scalars = text.unicodeScalars.prefix(limit).map { scalar in
        scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return scalars.joined() + (text.unicodeScalars.dropFirst(limit).isEmpty ? "" : "...")
}

func quoted(_ text: String) -> String { "\"\(printable(text, limit: 60))\"" }
