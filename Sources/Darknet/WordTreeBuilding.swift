/// How YOLO9000 made its tree of WordNet's graph (spec 8.2).
extension WordTree {
    /// A tree of the last name of each path and those above them.
    ///
    /// Names with one path come first. Each further name takes the one of its paths that adds the fewest nodes; of equal
    /// ones the first. A name stands in one place only: a path goes on from its last name that has one already.
    ///
    /// - Parameters:
    ///   - paths: each from the root down to a name, several for a name that is of several kinds. Empty ones do not
    ///     count.
    ///   - file: what errors call them; a path's number, from 1, is its line.
    public init(hypernymPaths paths: [[String]], file: String) throws(DarknetError) {
        var pathsOf: [String: [[String]]] = [:]
        var order: [String] = []
        for (index, path) in paths.enumerated() {
            guard let name = path.last else { continue }
            try Self.check(path, file: file, line: index + 1)
            if pathsOf[name] == nil { order.append(name) }
            pathsOf[name, default: []].append(path)
        }
        var growth = TreeGrowth()
        let isSingle = { (name: String) in pathsOf[name]?.count == 1 }
        for name in order.filter(isSingle) + order.filter({ !isSingle($0) }) {
            guard let path = pathsOf[name]?.min(by: { growth.newNodes(of: $0) < growth.newNodes(of: $1) }) else {
                continue
            }
            growth.add(path)
        }
        try self.init(growth.lines, file: file)
    }

    /// Reads a file of at most 64 MiB: a path a line, names with white space between them.
    public init(hypernymPathsOf path: String) throws(DarknetError) {
        let text = try readText(path, byteLimit: 64 << 20)
        var paths: [[String]] = []
        for (_, content) in Lines.trimmed(of: text) {
            paths.append(content.split { $0 == " " || $0 == "\t" }.map(String.init))
        }
        try self.init(hypernymPaths: paths, file: path)
    }

    private static func check(_ path: [String], file: String, line: Int) throws(DarknetError) {
        for name in path where name.isEmpty || name.contains(where: \.isWhitespace) {
            throw DarknetError(
                .malformed, file: file, line: line, message: "\(quoted(name)) is no name; expected one without spaces")
        }
        guard Set(path).count == path.count else {
            throw DarknetError(
                .malformed, file: file, line: line, message: "names a node twice; expected a path down from the root")
        }
    }
}

/// A tree while paths are added to it.
private struct TreeGrowth {
    private var roots: [String] = []
    private var children: [String: [String]] = [:]
    private var known: Set<String> = []

    /// A path goes on from its last name that is known: that one has its way to the root.
    private func knownLength(of path: [String]) -> Int { (path.lastIndex(where: known.contains) ?? -1) + 1 }

    func newNodes(of path: [String]) -> Int { path.count - knownLength(of: path) }

    mutating func add(_ path: [String]) {
        for index in knownLength(of: path)..<path.count {
            if index == 0 { roots.append(path[0]) } else { children[path[index - 1], default: []].append(path[index]) }
            known.insert(path[index])
        }
    }

    /// Level by level, so that parents stand before their children and siblings together.
    var lines: [(name: String, parent: Int)] {
        var lines = roots.map { (name: $0, parent: -1) }
        var next = 0
        while next < lines.count {
            for child in children[lines[next].name] ?? [] { lines.append((child, next)) }
            next += 1
        }
        return lines
    }
}
