import TOMLKit

/// A value of a configuration, and where it stands: at its key, or for a list's element where it begins.
struct Node: Equatable {
    enum Value: Equatable {
        case text(String)
        case integer(Int)
        case number(Double)
        case flag(Bool)
        case time
        case list([Node])
        case table([String: Node])
    }

    let value: Value
    let position: Position

    var text: String? { if case .text(let text) = value { text } else { nil } }
    var table: [String: Node]? { if case .table(let table) = value { table } else { nil } }

    /// For messages.
    var kind: String {
        switch value {
        case .text: "a text"
        case .integer: "a whole number"
        case .number: "a number"
        case .flag(let flag): "\(flag)"
        case .time: "a date or time"
        case .list: "a list"
        case .table: "a table"
        }
    }
}

/// A TOML text as a tree of values with their places.
enum Document {
    /// - Throws: the first thing that is no TOML.
    static func parse(_ text: String, file: String) throws(SettingsErrors) -> [String: Node] {
        do {
            let positions = try KeyScanner(text).positions
            return table(try TOMLTable(string: text), path: [], positions)
        } catch let error as KeyScanner.SyntaxError {
            throw problem(file, error.position, error.message)
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            throw problem(file, Position(line: begin.line, column: begin.column), message(of: error))
        } catch {
            throw problem(file, nil, "\(error)")
        }
    }

    private static func problem(_ file: String, _ position: Position?, _ message: String) -> SettingsErrors {
        SettingsErrors(Problem(file: file, position: position, message: "is no TOML: \(message)"))
    }

    private static func table(
        _ table: TOMLTable, path: [String], _ positions: [[String]: Position]
    ) -> [String: Node] {
        var nodes: [String: Node] = [:]
        for key in table.keys {
            guard let value = table[key] else { continue }
            nodes[key] = node(value, path: path + [key], positions)
        }
        return nodes
    }

    private static func node(
        _ value: any TOMLValueConvertible, path: [String], _ positions: [[String]: Position]
    ) -> Node {
        Node(value: content(of: value, path: path, positions), position: position(of: path, in: positions))
    }

    private static func content(
        of value: any TOMLValueConvertible, path: [String], _ positions: [[String]: Position]
    ) -> Node.Value {
        if let text = value.string { return .text(text) }
        if let integer = value.int { return .integer(integer) }
        if let number = value.double { return .number(number) }
        if let flag = value.bool { return .flag(flag) }
        if let list = value.array {
            return .list(list.indices.map { node(list[$0], path: path + [String($0)], positions) })
        }
        if let table = value.table { return .table(self.table(table, path: path, positions)) }
        return .time
    }

    /// Its own, or that of what holds it: tables in arrays of tables have none.
    private static func position(of path: [String], in positions: [[String]: Position]) -> Position {
        var path = path
        while !path.isEmpty {
            if let position = positions[path] { return position }
            path.removeLast()
        }
        return Position(line: 1, column: 1)
    }

    /// `Error while parsing date: expected month ...` without its beginning.
    private static func message(of error: TOMLParseError) -> String {
        error.description.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? error.description
    }
}
