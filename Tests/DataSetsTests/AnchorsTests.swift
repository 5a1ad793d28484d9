import Foundation
import TestSupport
import Testing

@testable import DataSets

@Suite struct AnchorsTests {
    private static let boxes = [(1, 1), (1.2, 1), (0.9, 1.1), (4, 2), (4.2, 2.2), (3.8, 1.9)].map {
        Anchors.Size(width: $0, height: $1)
    }

    /// C29.
    @Test func `two clusters from given beginnings`() {
        var clusters = BoxClusters(centres: [Self.boxes[0], Self.boxes[3]], distance: .iou)
        let cost = clusters.run(Self.boxes)
        for (centre, (width, height)) in zip(clusters.centres, [(1.0333333, 1.0333333), (4, 2.0333333)]) {
            #expect(abs(centre.width - width) < 1e-6 && abs(centre.height - height) < 1e-6)
        }
        #expect(abs(1 - cost - 0.8916302) < 1e-6)
        #expect(abs(Anchors.meanIoU(of: Self.boxes, with: clusters.centres) - 0.8916302) < 1e-6)
    }

    @Test func `drawn beginnings find the same, by rising area`() {
        for seed in 0..<20 as Range<UInt64> {
            let anchors = Anchors(of: Self.boxes.reversed(), count: 2, seed: seed)
            #expect(abs(anchors.meanIoU - 0.8916302) < 1e-6)
            #expect(anchors.cfgValue == "1.0333,1.0333, 4.0,2.0333")
            #expect(anchors == Anchors(of: Self.boxes.reversed(), count: 2, seed: seed))
        }
    }

    @Test func `as many as there are different boxes at most`() {
        let anchors = Anchors(of: Self.boxes + Self.boxes, count: 50)
        #expect(anchors.sizes.count == 6 && abs(anchors.meanIoU - 1) < 1e-12)
        #expect(Anchors(of: [], count: 5).sizes.isEmpty && Anchors(of: [], count: 5).meanIoU == 0)
    }

    @Test func `a centre without boxes keeps its place`() {
        let far = Anchors.Size(width: 1000, height: 0.001)
        var clusters = BoxClusters(centres: [Self.boxes[0], far], distance: .iou)
        _ = clusters.run(Self.boxes)
        #expect(clusters.centres[1] == far)
    }

    /// Table 1 of the paper: IoU beats Euclidean distance.
    @Test(.enabled(if: TestData.available, TestData.skipMessage)) func `real boxes`() throws {
        let folder = try TemporaryFolder()
        let images = try FileManager.default.contentsOfDirectory(atPath: TestData.path("coco/images/train")).sorted()
        let list = try folder.put(
            images.map { TestData.path("coco/images/train/\($0)") }.joined(separator: "\n"), "train.txt")
        let boxes = Anchors.boxes(of: try DataSet(list, part: .train).samples, width: 416, height: 416)
        let iou = (1...6).map { Anchors(of: boxes, count: $0).meanIoU }
        #expect(zip(iou, iou.dropFirst()).allSatisfy { $0 < $1 })
        #expect((0.5...0.65).contains(iou[4]))
        #expect(Anchors(of: boxes, count: 5, distance: .euclidean).meanIoU < iou[4])
        // The released anchors of COCO, made from all of it, fit this sample somewhat worse.
        let released = [
            (0.57273, 0.677385), (1.87446, 2.06253), (3.33843, 5.47434), (7.88282, 3.52778), (9.77052, 9.16828),
        ]
        let given = Anchors.meanIoU(of: boxes, with: released.map { Anchors.Size(width: $0, height: $1) })
        #expect(given < iou[4] && given > iou[4] - 0.05)
    }

    @Test func `boxes in cells, without those that are not trained with`() {
        var crowd = Truth(classID: 0, box: TruthBox(x: 0.5, y: 0.5, width: 1, height: 1))
        crowd.isCrowd = true
        let truth = Truth(classID: 0, box: TruthBox(x: 0.5, y: 0.5, width: 0.5, height: 0.25))
        let samples = [Sample(image: "a", content: .objects([truth, crowd])), Sample(image: "b", content: .label(3))]
        #expect(Anchors.boxes(of: samples, width: 416, height: 256) == [Anchors.Size(width: 6.5, height: 2)])
    }
}
