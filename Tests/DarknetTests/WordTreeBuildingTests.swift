import Foundation
import TestSupport
import Testing

@testable import Darknet

@Suite struct WordTreeBuildingTests {
    private func tree(_ paths: String...) throws(DarknetError) -> WordTree {
        try WordTree(hypernymPaths: paths.map { $0.split(separator: " ").map(String.init) }, file: "paths")
    }

    @Test func `parents first, siblings together`() throws {
        let tree = try tree("object animal dog", "object artifact car", "object animal cat", "matter", "object animal")
        #expect(tree.text() == "object -1\nmatter -1\nanimal 0\nartifact 0\ndog 2\ncat 2\ncar 3\n")
        #expect(tree.leaves.map { tree.names[$0] } == ["matter", "dog", "cat", "car"])
    }

    @Test func `of several paths the one that adds fewest nodes`() throws {
        // "pet" has its way already when the dog's turn comes, although its own line stands behind.
        let short = try tree("o animal canine domestic dog", "o animal pet dog", "o animal pet cat")
        #expect(short.names == ["o", "animal", "pet", "cat", "dog"])
        // Of equal ones the first; what it added counts for the next.
        let equal = try tree("o a x", "o b x", "o c", "o b y", "o a y")
        #expect(equal.text() == "o -1\nc 0\na 0\nx 2\ny 2\n")
    }

    @Test func `a name stands in one place`() throws {
        // By its second path x stands below b; y goes on from there.
        let tree = try tree("o b", "o a x", "o b x", "o a x y")
        #expect(tree.count == Set(tree.names).count)
        #expect(Set(tree.names) == ["o", "b", "a", "x", "y"])
        #expect(tree.names[tree.parents[try #require(tree.names.firstIndex(of: "y"))]] == "x")
    }

    @Test(arguments: [("o a o", 1), ("o a\no a a", 2)])
    func `paths in circles are refused`(text: String, line: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(text.utf8, to: "paths.txt")
        let error = try #require(failure { () throws(DarknetError) in try WordTree(hypernymPathsOf: path) })
        #expect(error.line == line && error.message.contains("twice"))
        let empty = try folder.write("\n \n".utf8, to: "empty.txt")
        #expect(failure { () throws(DarknetError) in try WordTree(hypernymPathsOf: empty) }?.kind == .malformed)
        #expect(failure { () throws(DarknetError) in try tree("o", "o a") } == nil)
    }

    /// The paths of YOLO9000's tree give a tree of the same nodes and edges.
    @Test(.enabled(if: TestData.available, TestData.skipMessage)) func `YOLO9000's tree from its own paths`() throws {
        let released = try WordTree(contentsOf: TestData.path("darknet/9k.tree"))
        let folder = try TemporaryFolder()
        let lines = released.leaves.shuffled().map { leaf -> String in
            var path: [String] = []
            var node = leaf
            while node >= 0 {
                path.append(released.names[node])
                node = released.parents[node]
            }
            return path.reversed().joined(separator: " ") + "\n"
        }
        let path = try folder.write(lines.joined().utf8, to: "paths.txt")
        let built = try WordTree(hypernymPathsOf: path)
        let edges = { (tree: WordTree) in
            Set(zip(tree.names, tree.parents).map { "\($0) \($1 < 0 ? "" : tree.names[$1])" })
        }
        #expect(edges(built) == edges(released))
        #expect(built.groups.count == 1846 && built.leaves.count == 7573)
        try built.write(to: folder.file("built.tree"))
        #expect(try WordTree(contentsOf: folder.file("built.tree")) == built)
    }
}
