import TestSupport
import Testing

@testable import Darknet

@Suite struct WordTreeTests {
    /// C31.
    @Test func `groups and children`() throws {
        let text = "a -1\nb -1\nc 0\nd 0\ne 0\nf 1\ng 1\nh 3\ni 3\n"
        let tree = try WordTree(parsing: text, file: "a.tree")
        #expect(tree.count == 9 && tree.names.joined() == "abcdefghi")
        #expect(tree.groups.map(\.offset) == [0, 2, 5, 7] && tree.groups.map(\.size) == [2, 3, 2, 2])
        #expect(tree.groups.map(\.parent) == [-1, 0, 1, 3] && tree.groups[1].nodes == 2..<5)
        #expect(tree.childGroup == [1, 2, -1, 3, -1, -1, -1, -1, -1])
        #expect(tree.groupOf == [0, 0, 1, 1, 1, 2, 2, 3, 3])
        #expect(tree.leaves == [2, 4, 5, 6, 7, 8])
        #expect(tree.text() == text)
        let folder = try TemporaryFolder()
        let path = try folder.write(text.replacing("\n", with: "\r\n").utf8, to: "a.tree")
        #expect(try WordTree(contentsOf: path) == tree)
    }

    @Test(arguments: [
        ("a 0", 1, "expected -1"), ("a -1\nb 1", 2, "0 to 0"), ("a -1\nb 5", 2, "before it"), ("a -1\nb -2", 2, "-2"),
        ("a -1\nb 0\nc -1", 3, "together"), ("a -1\nb -1\nc 0\nd 1\ne 0", 5, "together"), ("a", 1, "name parent"),
        ("a -1\n\nb 0", 2, "name parent"), ("a b -1", 1, "name parent"), ("a 1x", 1, "name parent"),
        ("a 99999999999999999999", 1, "name parent"),
    ])
    func `what is no tree is refused`(text: String, line: Int, message: String) throws {
        let error = try #require(failure { () throws(DarknetError) in try WordTree(parsing: text, file: "a.tree") })
        #expect(error.kind == .malformed && error.line == line && error.message.contains(message), "\(error)")
    }

    @Test func `nothing is no tree`() {
        #expect(
            failure { () throws(DarknetError) in try WordTree(parsing: "\n \n", file: "a.tree") }?.kind == .malformed)
    }

    /// C35.
    @Test(.enabled(if: TestData.available, TestData.skipMessage)) func `YOLO9000's tree`() throws {
        let tree = try WordTree(contentsOf: TestData.path("darknet/9k.tree"))
        #expect(tree.count == 9418 && tree.groups.count == 1846 && tree.leaves.count == 7573)
        #expect(tree.groups[0].size == 4 && tree.groups.map(\.size).max() == 149)
        #expect(tree.groups.filter { $0.size == 1 }.count == 46)
        // The groups from person up to the root: its probability under uniform logits is 1 / 2304.
        var sizes: [Int] = []
        var node = 5177
        while node >= 0 {
            sizes.append(tree.groups[tree.groupOf[node]].size)
            node = tree.parents[node]
        }
        #expect(sizes == [8, 2, 4, 9, 4])
        #expect(tree.names == (try ClassNames(contentsOf: TestData.path("darknet/9k.labels")).names))
    }
}
