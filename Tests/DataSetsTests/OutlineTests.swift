import Darknet
import Foundation
import TestSupport
import Testing

@testable import DataSets

@Suite struct OutlineTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func makeSet(_ labels: String, _ outlines: [UInt8]?) throws -> String {
        try folder.put("x", "images/a.jpg")
        try folder.put(labels, "labels/a.txt")
        if let outlines {
            try folder.put("", "outlines/a.txt")
            try folder.write(outlines, to: "outlines/a.txt")
        }
        return try folder.put("images/a.jpg\n", "train.txt")
    }

    private func outlines(_ labels: String, _ text: String) throws -> [Outline] {
        try DataSet(try makeSet(labels, Array(text.utf8)), part: .train, outlines: true).samples[0].outlines
    }

    /// A rectangle's corners.
    private func line(_ number: Int, _ x0: Float, _ y0: Float, _ x1: Float, _ y1: Float) -> String {
        "\(number) \(x0) \(y0) \(x1) \(y0) \(x1) \(y1) \(x0) \(y1)\n"
    }

    @Test func `an outline is of the object whose box it fills`() throws {
        // COCO's numbers, in another order, with an object of a class that the labels leave out.
        let found = try outlines(
            "0 0.2 0.3 0.2 0.4\n2 0.7 0.5 0.4 0.2\n0 0.5 0.9 0.1 0.1\n",
            line(3, 0.5, 0.4, 0.9, 0.6) + line(77, 0.4, 0.1, 0.6, 0.3) + "\r\n\n" + line(1, 0.11, 0.1, 0.3, 0.49))
        #expect(found.map(\.truth) == [0, 1])
        #expect(found.map(\.polygons.count) == [1, 1])
        #expect(found[1].polygons[0] == [[0.5, 0.4], [0.9, 0.4], [0.9, 0.6], [0.5, 0.6]])
    }

    @Test func `the parts of an object stand together`() throws {
        // Someone who stands behind a pole, beside someone else within the same box, and a bag before.
        let parts = line(1, 0.2, 0.2, 0.4, 0.8) + line(1, 0.45, 0.2, 0.6, 0.8)
        let found = try outlines(
            "0 0.4 0.5 0.4 0.6\n", line(27, 0.25, 0.3, 0.3, 0.4) + parts + line(27, 0.5, 0.3, 0.6, 0.4))
        #expect(found.map(\.polygons.count) == [2])
        // One that fits alone needs no other, though it lies within the box.
        let alone = try outlines(
            "0 0.4 0.5 0.4 0.6\n",
            line(1, 0.3, 0.3, 0.4, 0.5) + line(1, 0.2, 0.2, 0.6, 0.8) + line(1, 0.3, 0.3, 0.4, 0.5))
        #expect(alone.map(\.polygons.count) == [1] && alone[0].polygons[0][0] == [0.2, 0.2])
    }

    @Test func `an outline is of one object at most`() throws {
        let found = try outlines("0 0.4 0.5 0.4 0.62\n1 0.4 0.5 0.4 0.6\n", line(1, 0.2, 0.2, 0.6, 0.8))
        #expect(found.map(\.truth) == [1])
    }

    @Test func `pictures may lack outlines, but not all`() throws {
        let list = try makeSet("0 .5 .5 .2 .2\n", nil)
        #expect(try DataSet(list, part: .train).samples[0].outlines.isEmpty)
        let none = try problems { try DataSet(list, part: .train, outlines: true) }
        #expect(none.count == 1 && none[0].line == 1 && none[0].message.contains(folder.file("outlines/a.txt")))
        try folder.put("x", "images/b.jpg")
        try folder.put("0 .5 .5 .2 .2\n", "labels/b.txt")
        try folder.put(line(0, 0.4, 0.4, 0.6, 0.6), "outlines/b.txt")
        try folder.put("images/a.jpg\nimages/b.jpg\n", "train.txt")
        #expect(try DataSet(list, part: .train, outlines: true).samples.map(\.outlines.count) == [0, 1])
        #expect(try DataSet(list, part: .train).samples.map(\.outlines.count) == [0, 0])
    }

    @Test func `labels beside the pictures are no outlines`() throws {
        try folder.put("x", "a.jpg")
        try folder.put("0 .5 .5 .2 .2\n", "a.txt")
        let list = try folder.put("a.jpg\n", "train.list")
        let found = try problems { try DataSet(list, part: .train, outlines: true) }
        #expect(found.count == 1 && found[0].message.contains("a folder outlines"))
    }

    @Test func `everything wrong is told at once, by file and line`() throws {
        let bad = [
            "0", "0 .1 .1 .2 .2", "0 .1 .1 .2 .2 .3", "x .1 .1 .2 .2 .3 .1", "0 .1 .1 .2 y .3 .1",
            "0 .1 .1 .2 nan .3 .1", "0 .1 .1 .2 inf .3 .1", "0 .1 .1 120 80 .3 .1", "0 -.5 .1 .2 .2 .3 .1",
            "1e300 .1 .1 .2 .2 .3 .1", "0 1e300 .1 .2 .2 .3 .1",
        ]
        let list = try makeSet(
            "0 .5 .5 .2 .2\n", Array((line(0, 0.4, 0.4, 0.6, 0.6) + bad.joined(separator: "\n")).utf8))
        let found = try problems { try DataSet(list, part: .train, outlines: true) }
        #expect(found.map(\.line) == bad.indices.map { $0 + 2 })
        #expect(found.allSatisfy { $0.file == folder.file("outlines/a.txt") })
        #expect(found[1].message.contains("three or more points") && found[3].message.contains("'x' is no class"))
        #expect(found[4].message.contains("'y' is no number") && found[7].message.contains("outside the picture"))
    }

    @Test func `hostile files end in a problem or in outlines`() throws {
        let count = try problems {
            let many = String(repeating: line(0, 0.4, 0.4, 0.6, 0.6), count: 1200)
            return try DataSet(makeSet("0 .5 .5 .2 .2\n", Array(many.utf8)), part: .train, outlines: true)
        }
        #expect(count.map(\.line) == [1001] && count[0].message.contains("1000"))
        let tenThousand = "1" + String(repeating: " 0.4 0.4 0.6 0.6", count: 5000) + "\n"
        #expect(try outlines("0 .5 .5 .2 .2\n", tenThousand + tenThousand).map(\.truth) == [0])
        let points = try problems {
            let many = tenThousand + tenThousand + line(1, 0.4, 0.4, 0.6, 0.6) + tenThousand
            return try DataSet(makeSet("0 .5 .5 .2 .2\n", Array(many.utf8)), part: .train, outlines: true)
        }
        #expect(points.map(\.line) == [3] && points[0].message.contains("20000"))
        let objects = try problems {
            let labels = String(repeating: "0 .5 .5 .2 .2\n", count: 1001)
            let outline = Array(line(1, 0.4, 0.4, 0.6, 0.6).utf8)
            return try DataSet(makeSet(labels, outline), part: .train, outlines: true)
        }
        #expect(objects.map(\.file) == [folder.file("outlines/a.txt")])
        #expect(objects[0].line == 0 && objects[0].message.contains("1001 objects"))
        for bytes in [[0xFF, 0xFE, 0x00], Array(repeating: UInt8(0x30), count: (4 << 20) + 1)] {
            let list = try makeSet("0 .5 .5 .2 .2\n", bytes)
            #expect(try problems { try DataSet(list, part: .train, outlines: true) }.count == 1)
        }
        let others = Array("0123456789. \n-ex\0".utf8)
        let whole = Array((line(1, 0.4, 0.4, 0.6, 0.6) + line(1, 0.1, 0.1, 0.2, 0.3)).utf8)
        var (random, read) = (SeededNumbers(seed: 5), 0)
        for _ in 0..<200 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    others[Int.random(in: 0..<others.count, using: &random)]
            }
            let list = try makeSet("0 .5 .5 .2 .2\n0 .15 .2 .1 .2\n", bytes)
            let isRead = try problems { try DataSet(list, part: .train, outlines: true) }.isEmpty
            if isRead { read += 1 }
        }
        #expect(read > 20 && read < 180)
    }
}

@Suite(.enabled(if: TestData.available, TestData.skipMessage)) struct RealOutlinesTests {
    @Test func `most objects of COCO have theirs`() throws {
        let folder = try TemporaryFolder()
        let names = try FileManager.default.contentsOfDirectory(atPath: TestData.path("coco/images/train")).sorted()
        let list = try folder.put(
            names.map { TestData.path("coco/images/train/\($0)\n") }.joined(), "train.txt")
        let samples = try DataSet(list, part: .train, classes: 80, outlines: true).samples
        let outlines = samples.flatMap(\.outlines)
        #expect(samples.count == 317 && samples.filter { !$0.outlines.isEmpty }.count > 280)
        #expect(outlines.count > 2200, "\(outlines.count)")
        #expect(outlines.contains { $0.polygons.count > 1 })
        for sample in samples { #expect(Set(sample.outlines.map(\.truth)).count == sample.outlines.count) }
    }
}
