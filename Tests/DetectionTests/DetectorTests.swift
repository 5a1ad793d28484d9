import Darknet
import TestSupport
import Testing

@testable import Detection

@Suite struct DetectorTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Box in the middle of each cell, objectness .8175745, classes .2689414 and .7310586.
    private static let output: [Float] = [0, 0, 0, 0, 1.5, 0, 1]

    @Test func boxesAreThoseOfTheSource() throws {
        let network = try SmallNetwork.detector(Self.output, in: folder)
        let detector = try Detector(network, width: 32, height: 32, threads: 1)
        let found = try detector.detect(SmallNetwork.image(32, 32, sourceWidth: 64, sourceHeight: 32))
        #expect(found.map(\.classID) == [1])
        #expect(abs(found[0].confidence - 0.8175745 * 0.7310586) < 1e-5)
        #expect(abs(found[0].objectness - 0.8175745) < 1e-5)
        // Half of the input's height is the whole picture's.
        expectClose(found[0].box, (0.5, 0.5, 0.5, 1))
    }

    @Test func optionsDecideWhatIsKept() throws {
        let network = try SmallNetwork.detector(Self.output, in: folder)
        let image = SmallNetwork.image(64, 32, sourceWidth: 64, sourceHeight: 32)
        let found = { (options: DetectionOptions) in
            try Detector(network, width: 64, height: 32, threads: 1, options: options).detect(image).map(\.classID)
        }
        #expect(try found(DetectionOptions(threshold: 0.25)) == [1, 1])
        #expect(try found(DetectionOptions(threshold: 0.2)) == [1, 1, 0, 0])
        #expect(try found(DetectionOptions(threshold: 0.6)) == [])
        // Boxes side by side do not overlap: only a threshold below 0 joins them.
        #expect(try found(DetectionOptions(threshold: 0.2, nmsThreshold: -1)) == [1, 0])
        #expect(try found(DetectionOptions(threshold: 0.2, nmsThreshold: -1, nms: .objectness)) == [1, 0])
    }

    @Test func aClassifierHasNoBoxes() throws {
        let head = "[avgpool]\n[softmax]"
        let network = try SmallNetwork.write(
            "top", cfg: SmallNetwork.cfg(filters: 2, head: head), output: [0, 1], to: folder
        ).load()
        let error = #expect(throws: DetectionError.self) { try Detector(network, width: 32, height: 32, threads: 1) }
        #expect(error?.description.hasPrefix("top is a classifier") == true)
    }
}

@Suite struct DetectorPoolTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The sides that `auto` finds for a network of 416, and that of a smaller one.
    @Test(
        arguments: [
            (16.0 / 9, 416, 256), (9.0 / 16, 256, 416), (1, 416, 416), (4.0 / 3, 416, 320), (3.0 / 4, 320, 416),
            (416.0 / 224, 416, 224), (1.001, 416, 416), (100, 416, 32), (0.001, 32, 416), (21.0 / 9, 416, 192),
        ] as [(Double, Int, Int)])
    func sizesByAspect(aspect: Double, width: Int, height: Int) throws {
        let detector = try pool(.auto).detector(aspect: aspect)
        #expect((detector.width, detector.height) == (width, height))
        // A longer side of one's own does the same.
        let net = try pool(.auto).network.config.net
        #expect(
            InputSize.longerSide(416).shape(of: net, aspect: aspect) == InputShape(width: width, height: height))
        let half = InputSize.longerSide(224).shape(of: net, aspect: aspect)
        #expect(max(half.width, half.height) == 224 && half.height % 32 == 0 && half.width % 32 == 0)
    }

    @Test func givenSizes() throws {
        let own = try pool(.network).detector(aspect: 2)
        #expect((own.width, own.height) == (416, 416))
        let fixed = try pool(.fixed(width: 96, height: 64)).detector(aspect: 2)
        #expect((fixed.width, fixed.height) == (96, 64))
    }

    @Test func detectorsAreMadeOnce() throws {
        let pool = try pool(.auto)
        let first = try pool.detector(aspect: 16.0 / 9)
        #expect(try pool.detector(aspect: 1.78) === first)
        #expect(try pool.detector(aspect: 1) !== first)
        #expect(first.options.threshold == 0.3)
    }

    /// Memory is bounded however many shapes the pictures have.
    @Test func onlyTheLastShapesAreKept() throws {
        let pool = try pool(.auto)
        let first = try pool.detector(aspect: 1)
        let wide = try pool.detector(aspect: 2)
        #expect(try pool.detector(aspect: 1) === first)
        weak let forgotten = wide
        _ = consume wide
        _ = try pool.detector(aspect: 3)
        #expect(try pool.detector(aspect: 1) === first)
        #expect(forgotten == nil)
    }

    @Test(arguments: [
        (8, 12, [2, 2, 2, 2, 1, 1, 1, 1]), (8, 16, [2, 2, 2, 2, 2, 2, 2, 2]), (1, 5, [5]), (2, 2, [1, 1]),
    ])
    func allThreadsAreHandedOut(lanes: Int, threads: Int, ofLanes: [Int]) throws {
        let files = try TinyNetwork.write(to: folder)
        let network = try NetworkFiles(cfg: files.cfg, weights: files.weights).load()
        let pool = DetectorPool(network, size: .network, lanes: lanes, threads: threads, options: DetectionOptions())
        #expect((0..<lanes).map(pool.threads(ofLane:)) == ofLanes)
        #expect(try pool.detectors(aspect: 1).count == lanes)
    }

    private func pool(_ size: InputSize) throws -> DetectorPool {
        let network = try SmallNetwork.detector(
            [0, 0, 0, 0, 1.5, 0, 1], width: 416, height: 416, in: folder)
        return DetectorPool(network, size: size, threads: 1, options: DetectionOptions(threshold: 0.3))
    }
}
