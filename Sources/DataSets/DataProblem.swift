/// Something in a data set that keeps it from being used, or is worth a warning: what is wrong, and where.
public struct DataProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// Counted from 1; 0: the file as a whole.
    public var line: Int
    public var message: String

    public init(file: String, line: Int = 0, message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    /// `file:line: message`.
    public var description: String { line == 0 ? "\(file): \(message)" : "\(file):\(line): \(message)" }
}

/// All that is wrong with a data set, so that it is mended once and not line by line.
public struct DataProblems: Error, Sendable, CustomStringConvertible {
    /// The first 1,000.
    public private(set) var problems: [DataProblem] = []
    /// How many there are in all.
    public private(set) var count = 0

    static let limit = 1000
    private static let shown = 50

    /// Whether so much is wrong that the file is not what it is taken for: reading on would not tell more.
    var isHopeless: Bool { count >= 100 * Self.limit }

    init() {}

    mutating func add(_ problem: DataProblem) {
        if problems.count < Self.limit { problems.append(problem) }
        count += 1
    }

    /// A line for each, 50 at most, and how many more there are.
    public var description: String {
        let lines = problems.prefix(Self.shown).map(\.description)
        let rest = count - lines.count
        return (lines + (rest > 0 ? ["and \(rest) more problem\(rest == 1 ? "" : "s")"] : [])).joined(separator: "\n")
    }
}

extension DataProblems {
    init(_ problem: DataProblem) { add(problem) }
}
