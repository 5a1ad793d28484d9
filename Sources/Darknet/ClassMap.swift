/// A list of integers, one for each class: a `.map` file, such as COCO's classes as nodes of YOLO9000's tree.
public struct ClassMap: Hashable, Sendable {
    public var values: [Int]

    public init(_ values: [Int]) { self.values = values }

    /// One integer from 0 a line. Empty lines at the end do not count.
    public init(parsing text: String, file: String) throws(DarknetError) {
        values = []
        for (line, content) in Lines.trimmed(of: text) {
            guard let value = Int(content), (0...Int(Int32.max)).contains(value) else {
                throw DarknetError(
                    .malformed, file: file, line: line,
                    message: "\(quoted(content)) is not an index; expected one integer from 0 a line")
            }
            values.append(value)
        }
    }

    /// Reads a file of at most 4 MiB.
    public init(contentsOf path: String) throws(DarknetError) {
        try self.init(parsing: try readText(path), file: path)
    }

    public func text() -> String { values.map { "\($0)\n" }.joined() }

    public func write(to path: String) throws(DarknetError) { try writeText(text(), to: path) }

    /// COCO's category ids of the 80 classes in the order of coco.names: 1 to 90 with gaps (spec 10).
    public static let cocoCategoryIDs = ClassMap(
        (1...90).filter { ![12, 26, 29, 30, 45, 66, 68, 69, 71, 83].contains($0) })
}
