/// YOLO9000's hierarchy of classes: a `.tree` file (spec 8.1).
///
/// Parents stand before their children, and the children of one node in one run: a group, which has its softmax.
public struct WordTree: Hashable, Sendable {
    /// The children of one node, or the nodes without a parent, which are group 0.
    public struct Group: Hashable, Sendable {
        /// The first node.
        public var offset: Int
        /// Nodes in the group.
        public var size: Int
        /// -1 of group 0.
        public var parent: Int

        public var nodes: Range<Int> { offset..<offset + size }
    }

    /// By node, such as `n02084071`.
    public private(set) var names: [String] = []
    /// By node; -1 for those without.
    public private(set) var parents: [Int] = []
    public private(set) var groups: [Group] = []
    /// By node.
    public private(set) var groupOf: [Int] = []
    /// By node: the group of its children; -1 for leaves.
    public private(set) var childGroup: [Int] = []

    public var count: Int { names.count }
    /// Nodes without children, in order.
    public var leaves: [Int] { childGroup.indices.filter(isLeaf) }

    public func isLeaf(_ node: Int) -> Bool { childGroup[node] < 0 }

    /// `name parent` a line, the parent as the number of its line counted from 0, or -1.
    public init(parsing text: String, file: String) throws(DarknetError) {
        for (line, content) in Lines.trimmed(of: text) {
            let words = content.split { $0 == " " || $0 == "\t" }
            guard words.count == 2, let parent = Int(words[1]) else {
                throw Self.error(file, line, "\(quoted(content)) is no node; expected: name parent")
            }
            try append(String(words[0]), parent: parent, file: file, line: line)
        }
        guard !names.isEmpty else {
            throw DarknetError(.malformed, file: file, message: "holds no node; expected lines of: name parent")
        }
    }

    /// Nodes as the file would list them.
    init(_ nodes: [(name: String, parent: Int)], file: String) throws(DarknetError) {
        for (index, node) in nodes.enumerated() {
            try append(node.name, parent: node.parent, file: file, line: index + 1)
        }
        guard !names.isEmpty else {
            throw DarknetError(.malformed, file: file, message: "holds no path; expected names from the root down")
        }
    }

    /// Reads a file of at most 4 MiB.
    public init(contentsOf path: String) throws(DarknetError) {
        try self.init(parsing: try readText(path), file: path)
    }

    public func text() -> String { zip(names, parents).map { "\($0) \($1)\n" }.joined() }

    public func write(to path: String) throws(DarknetError) { try writeText(text(), to: path) }

    private mutating func append(_ name: String, parent: Int, file: String, line: Int) throws(DarknetError) {
        let node = names.count
        guard (-1..<node).contains(parent) else {
            throw Self.error(
                file, line,
                "node \(node) has parent \(parent); expected "
                    + (node == 0 ? "-1" : "-1 or one of the nodes before it, 0 to \(node - 1)"))
        }
        if parents.last == parent {
            groups[groups.count - 1].size += 1
        } else {
            let isTaken = parent < 0 ? !groups.isEmpty : childGroup[parent] >= 0
            guard !isTaken else {
                throw Self.error(
                    file, line,
                    "node \(node) has parent \(parent), whose other children stand further up; expected them together")
            }
            if parent >= 0 { childGroup[parent] = groups.count }
            groups.append(Group(offset: node, size: 1, parent: parent))
        }
        names.append(name)
        parents.append(parent)
        groupOf.append(groups.count - 1)
        childGroup.append(-1)
    }

    private static func error(_ file: String, _ line: Int, _ message: String) -> DarknetError {
        DarknetError(.malformed, file: file, line: line, message: message)
    }
}
