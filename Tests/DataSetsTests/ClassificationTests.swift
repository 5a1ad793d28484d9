import Darknet
import Foundation
import TestSupport
import Testing

@testable import DataSets

@Suite struct ClassificationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `the label that occurs in the path`() throws {
        let images = ["train/n01440764/a.jpg", "train/n01443537/b.jpg", "x_n01440764.png"]
        for image in images { try folder.put("x", image) }
        try folder.put(images.joined(separator: "\n"), "train.list")
        try folder.put("n01443537\nn01440764\nn09999999\n", "labels.txt")
        try folder.put("goldfish\ntench\nnothing\nfurther names\n", "short.names")
        let data = try folder.put("classes=3\ntrain=train.list\nlabels=labels.txt\nnames=short.names\n", "i.data")
        let set = try DataSet(data, part: .train, classes: 3)
        #expect(set.samples.map(\.content) == [.label(1), .label(0), .label(1)])
        #expect(set.names == ["goldfish", "tench", "nothing"])
        #expect(set.warnings.map(\.message).contains { $0.contains("1 of 3 classes have no pictures") })
        // A detector on the same file takes label files.
        #expect(try problems { try DataSet(data, part: .train, task: .detection, classes: 3) }.count == 1)
    }

    @Test func `no label or several are told`() throws {
        for image in ["cat/a.jpg", "owl/b.jpg", "dogcat/c.jpg"] { try folder.put("x", image) }
        try folder.put("cat/a.jpg\nowl/b.jpg\ndogcat/c.jpg\n", "train.list")
        try folder.put("dog\ncat\n", "labels.txt")
        let data = try folder.put("train=train.list\nlabels=labels.txt\n", "i.data")
        let found = try problems { try DataSet(data, part: .train) }
        #expect(found.map(\.line) == [2, 3])
        #expect(found[0].message.contains("no label") && found[1].message.contains("'dog', 'cat'"))
    }

    @Test func `path labels are all found, whatever their lengths`() {
        let labels = PathLabels(["dog", "dogfish", "a", "/x/", "dog"])
        #expect(labels.matches(in: "/x/dogfish.jpg") == [0, 1, 3])
        #expect(labels.matches(in: "/x/dog a") == [0, 2, 3] && labels.matches(in: "").isEmpty)
        #expect(PathLabels(["abcdefghij", "abcdefghik"]).matches(in: "zabcdefghikz") == [1])
        #expect(PathLabels([]).matches(in: "a").isEmpty)
    }

    /// A tree of 9 nodes, boxes of 2 classes, and pictures labelled with nodes.
    @Test func `joint training`() throws {
        let nodes = "thing -1\nmatter -1\nkoala 0\nplant 0\ntool 0\nwater 1\nstone 1\nfox 3\ntree 3\n"
        try folder.put(nodes, "t.tree")
        try folder.put("2\n5\n", "t.map")
        for image in ["images/box.jpg", "images/other.jpg", "images/fox-1.jpg"] { try folder.put("x", image) }
        try folder.put("1 .5 .5 .1 .1\n", "labels/box.txt")
        try folder.put("8 0 0 1 1\n", "labels/other.txt")
        try folder.put("images/box.jpg\n", "boxes.list")
        try folder.put("images/other.jpg\nimages/fox-1.jpg\n", "whole.list")
        let text = "classes=9\ntrain=boxes.list\ntree=t.tree\nmap=t.map\nclassification=whole.list\n"
        let data = try folder.put(text, "joint.data")
        let set = try DataSet(data, part: .train, classes: 9)
        let box = Truth(classID: 1, box: TruthBox(x: 0.5, y: 0.5, width: 0.1, height: 0.1))
        #expect(set.samples.map(\.content) == [.objects([box]), .label(8), .label(7)])
        // Boxes are of the map's classes, labels of the tree's.
        try folder.put("2 .5 .5 .1 .1\n", "labels/box.txt")
        try folder.put("9 0 0 1 1\n", "labels/other.txt")
        #expect(try problems { try DataSet(data, part: .train, classes: 9) }.count == 2)
        // One list of both, as Darknet has it.
        try folder.put("0 .5 .5 .1 .1\n", "labels/box.txt")
        try folder.put("4 0 0 1 1\n", "labels/other.txt")
        let both = try folder.put("images/box.jpg\nimages/other.jpg\n", "both.list")
        let tree = try WordTree(parsing: nodes, file: "t.tree")
        let mixed = try DataSet(both, part: .train, classes: 9, map: ClassMap([2, 5]), tree: tree)
        #expect(mixed.samples[1].content == .label(4))
        #expect(try problems { try DataSet(both, part: .train, classes: 9) }.first?.message.contains("tree") == true)
        // Not both in one file: its boxes would be lost.
        try folder.put("0 .5 .5 .1 .1\n4 0 0 1 1\n", "labels/other.txt")
        let found = try problems {
            try DataSet(both, part: .train, classes: 9, map: ClassMap([2, 5]), tree: tree)
        }
        #expect(found.map { "\($0.file):\($0.line)" } == [folder.file("labels/other.txt") + ":2"])
        #expect(found.first?.message.contains("boxes") == true)
    }
}
