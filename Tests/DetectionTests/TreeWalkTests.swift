import Darknet
import TestSupport
import Testing

@testable import Detection

@Suite struct TreeWalkTests {
    /// Check C31 of the spec.
    static func tree() throws -> WordTree {
        try WordTree(parsing: "a -1\nb -1\nc 0\nd 0\ne 0\nf 1\ng 1\nh 3\ni 3\n", file: "c31.tree")
    }

    static let logits: [Float] = [3, 0, 0, 2, 0, 0.5, 0.5, 0, 3]
    static let conditional: [Float] = [
        0.952574, 0.047426, 0.106507, 0.786986, 0.106507, 0.5, 0.5, 0.047426, 0.952574,
    ]

    @Test func softmaxWithinGroups() throws {
        var values = Self.logits
        for group in try Self.tree().groups { softmax(&values, group.nodes) }
        for (actual, expected) in zip(values, Self.conditional) { #expect(abs(actual - expected) < 1e-6) }
    }

    @Test func absoluteProbabilities() throws {
        let absolute = try Self.tree().absolute(Self.conditional)
        for (node, expected) in [0: 0.952574, 3: 0.749663, 8: 0.714109, 7: 0.035553] as [Int: Float] {
            #expect(abs(absolute[node] - expected) < 1e-5)
        }
    }

    /// Check C32: where the reference multiplies twice, and where the paper's rule goes on.
    @Test(arguments: [(0.8, 0, 0), (0.72, 0, 3), (0.6, 3, 8), (0.5, 8, 8)] as [(Float, Int, Int)])
    func walk(threshold: Float, reference: Int, paper: Int) throws {
        let tree = try Self.tree()
        let node = {
            TreeWalk(threshold: threshold, referenceHierarchy: $0).node(in: tree, conditional: Self.conditional)
        }
        #expect(node(true) == reference)
        #expect(node(false) == paper)
    }

    /// Nothing at the root is sure enough: its likeliest node all the same.
    @Test func unsureRoot() throws {
        #expect(try TreeWalk(threshold: 0.99).node(in: Self.tree(), conditional: Self.conditional) == 0)
        let nothing = [Float](repeating: .nan, count: 9)
        #expect(try TreeWalk().node(in: Self.tree(), conditional: nothing) == 0)
    }

    @Test func theFirstOfEqualChildrenIsTaken() throws {
        let tree = try WordTree(parsing: "a -1\nb -1\n", file: "")
        #expect(TreeWalk(threshold: 0.4).node(in: tree, conditional: [0.5, 0.5]) == 0)
    }

    /// Check C35.
    @Test(.enabled(if: TestData.available, TestData.skipMessage))
    func nineThousandClasses() throws {
        let tree = try WordTree(contentsOf: TestData.path("darknet/9k.tree"))
        #expect((tree.count, tree.groups.count, tree.leaves.count) == (9418, 1846, 7573))
        var values = [Float](repeating: 0, count: tree.count)
        for group in tree.groups { softmax(&values, group.nodes) }
        let absolute = tree.absolute(values)
        for (node, expected) in [5177: 1.0 / 2304, 6912: 1.7086631e-10, 6866: 5.9803210e-10] as [Int: Float] {
            #expect(abs(absolute[node] / expected - 1) < 1e-5)
        }
        #expect(TreeWalk(threshold: 0.5).node(in: tree, conditional: values) == 0)
    }
}
