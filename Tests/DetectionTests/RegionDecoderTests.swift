import Darknet
import Testing

@testable import Detection

@Suite struct RegionDecoderTests {
    private static let background: Float = -30

    /// Five anchors of VOC at 13x13, with nobody home.
    private struct VOC {
        let region: Region
        var output: [Float]

        init() throws {
            region = try #require(NetworkConfig.builtIn("yolov2-voc")?.region)
            output = Array(repeating: 0, count: region.channels * 169)
            for anchor in 0..<5 {
                for cell in 0..<169 { self[anchor, 4, cell] = RegionDecoderTests.background }
            }
        }

        subscript(anchor: Int, entry: Int, cell: Int) -> Float {
            get { output[(anchor * region.entries + entry) * 169 + cell] }
            set { output[(anchor * region.entries + entry) * 169 + cell] = newValue }
        }

        func decode(threshold: Float) throws -> [Candidate] {
            try output.decoded(RegionDecoder(region: region), rows: 13, columns: 13, threshold: threshold)
        }
    }

    /// Check C18 of the spec.
    @Test func oneObject() throws {
        var voc = try VOC()
        let start = 8508
        for (entry, value) in [0: 0.2, 1: -0.5, 2: 0.3, 3: -0.1, 4: 1.5, 5 + 11: 3, 5 + 14: 1] as [Int: Float] {
            voc.output[start + entry * 169] = value
        }
        #expect(voc.output[9184] == 1.5 && voc.output[11212] == 3)
        let found = try voc.decode(threshold: 0.02)
        #expect(found.count == 20)
        let best = try #require(found.max { $0.detection.confidence < $1.detection.confidence }?.detection)
        #expect(best.classID == 11)
        #expect(abs(best.confidence - 0.4024482) < 1e-5)
        #expect(abs(best.objectness - 0.8175745) < 1e-5)
        expectClose(best.box, (0.5038334, 0.3367339, 0.5249777, 0.5637081))
        #expect(found.allSatisfy { $0.index == 2 * 169 + 4 * 13 + 6 && $0.detection.box == best.box })
        for candidate in found where candidate.detection.classID != 11 {
            let expected: Float = candidate.detection.classID == 14 ? 0.0544654 : 0.0200367
            #expect(abs(candidate.detection.confidence - expected) < 1e-5)
        }
        #expect(found.map(\.detection.classID) == Array(0..<20))

        let geometry = InputGeometry(
            sourceWidth: 500, sourceHeight: 375, inputWidth: 416, inputHeight: 416, mode: .letterbox)
        let box = geometry.sourceBox(best.box)
        let corners = [
            (box.x - box.width / 2) * 500, (box.y - box.height / 2) * 375, (box.x + box.width / 2) * 500,
            (box.y + box.height / 2) * 375,
        ]
        for (actual, expected) in zip(corners, [120.672, -35.060, 383.161, 246.794] as [Float]) {
            #expect(abs(actual - expected) < 2e-3)
        }
    }

    @Test func candidatesComeByAnchorRowAndColumn() throws {
        var voc = try VOC()
        for (anchor, cell) in [(4, 0), (0, 168), (2, 5), (0, 3)] {
            voc[anchor, 4, cell] = 9
            voc[anchor, 5, cell] = 20
        }
        #expect(try voc.decode(threshold: 0.5).map(\.index) == [3, 168, 2 * 169 + 5, 4 * 169])
    }

    /// Scores and objectness must exceed the threshold: 0.5 does not exceed 0.5.
    @Test func thresholdsAreStrict() throws {
        let region = Region.of(classes: 1)
        let decoder = try RegionDecoder(region: region)
        let exact: [Float] = [0, 0, 0, 0, 0, 40]
        #expect(exact.decoded(decoder, threshold: 0.5).isEmpty)
        #expect(exact.decoded(decoder, threshold: 0.499).count == 1)
    }

    /// Each class has its own logistic where there is neither softmax nor tree.
    @Test func logisticClasses() throws {
        let decoder = try RegionDecoder(region: .of(classes: 3, softmax: false))
        let found = ([0, 0, 0, 0, 40, 0, 1, -1] as [Float]).decoded(decoder, threshold: 0.3)
        #expect(found.map(\.detection.classID) == [0, 1])
        #expect(abs(found[0].detection.confidence - 0.5) < 1e-6)
        #expect(abs(found[1].detection.confidence - 0.7310586) < 1e-6)
    }

    /// Entry 4 is a class of the softmax: 1, e and e^2 share the probability.
    @Test func backgroundClass() throws {
        var region = Region.of(classes: 2)
        region.background = true
        let output: [Float] = [0, 0, 0, 0, 0, 1, 2]
        let found = output.decoded(try RegionDecoder(region: region), threshold: 0.1)
        #expect(found.map(\.detection.objectness) == [1, 1])
        #expect(abs(found[0].detection.confidence - 0.2447285) < 1e-6)
        #expect(abs(found[1].detection.confidence - 0.6652410) < 1e-6)
    }

    @Test func largeLogitsDoNotOverflow() throws {
        let found = ([0, 0, 0, 0, 900, 500, 499] as [Float])
            .decoded(try RegionDecoder(region: .of(classes: 2)), threshold: 0.1)
        #expect(abs(found[0].detection.confidence - 0.7310586) < 1e-6)
        #expect(abs(found[1].detection.confidence - 0.2689414) < 1e-6)
    }

    /// Weights that do not fit their network give anything; none of it may come out as a number.
    @Test(arguments: [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude], 0..<7)
    func outputsThatAreNoNumbers(value: Float, entry: Int) throws {
        var output: [Float] = [0, 0, 0, 0, 5, 1, 2]
        output[entry] = value
        for softmax in [true, false] {
            let decoder = try RegionDecoder(region: .of(classes: 2, softmax: softmax))
            for candidate in output.decoded(decoder, threshold: 0.1) {
                let box = candidate.detection.box
                #expect(box.x.isFinite && box.y.isFinite && box.width.isFinite && box.height.isFinite)
                #expect((0.1...1).contains(candidate.detection.confidence))
            }
        }
    }

    /// The walk's node, scored by the objectness alone (spec 5.4).
    @Test func treeIsWalked() throws {
        let tree = try TreeWalkTests.tree()
        let decoder = try RegionDecoder(region: .of(classes: 9), tree: tree, walk: TreeWalk(threshold: 0.6))
        let found = ([0, 0, 0, 0, 1.5] + TreeWalkTests.logits).decoded(decoder, threshold: 0.1)
        #expect(found.map(\.detection.classID) == [8])
        #expect(found[0].detection.confidence == found[0].detection.objectness)
        #expect(abs(found[0].detection.confidence - 0.8175745) < 1e-6)
    }

    /// Only the map's nodes are scored, by their absolute probability, and numbered by their place in the map.
    @Test func mapIsScored() throws {
        let decoder = try RegionDecoder(region: .of(classes: 9), tree: try TreeWalkTests.tree(), map: [7, 8, 3])
        let found = ([0, 0, 0, 0, 40] + TreeWalkTests.logits).decoded(decoder, threshold: 0.03)
        #expect(found.map(\.detection.classID) == [0, 1, 2])
        for (candidate, expected) in zip(found, [0.035553, 0.714109, 0.749663] as [Float]) {
            #expect(abs(candidate.detection.confidence - expected) < 1e-5)
        }
    }

    @Test func whatDoesNotFit() throws {
        let tree = try TreeWalkTests.tree()
        #expect(throws: DetectionError("the tree has 9 nodes, the network 8 classes")) {
            try RegionDecoder(region: .of(classes: 8), tree: tree)
        }
        #expect(throws: DetectionError("the class map names node 9; the tree's nodes are 0...8")) {
            try RegionDecoder(region: .of(classes: 9), tree: tree, map: [0, 9])
        }
        #expect(throws: DetectionError.self) { try RegionDecoder(region: .of(classes: 9), tree: tree, map: [-1]) }
        #expect(throws: DetectionError.self) { try RegionDecoder(region: .of(classes: 9), map: [1]) }
    }
}

extension Region {
    /// One anchor of half a cell.
    static func of(classes: Int, softmax: Bool = true) -> Region {
        var region = Region()
        region.classes = classes
        region.softmax = softmax
        return region
    }
}

extension [Float] {
    /// The candidates in this network output.
    func decoded(_ decoder: RegionDecoder, rows: Int = 1, columns: Int = 1, threshold: Float) -> [Candidate] {
        withUnsafeBufferPointer { decoder.decode($0, rows: rows, columns: columns, threshold: threshold) }
    }
}
