import DataSets
import Testing

@testable import Evaluation

@Suite struct PixelBoxTests {
    /// Check C19.
    @Test func overlaps() {
        let overlap = { (a: TruthBox, b: TruthBox) in a.overlap(with: b) }
        let middle = TruthBox(x: 0.5, y: 0.5, width: 0.4, height: 0.4)
        #expect(abs(overlap(middle, TruthBox(x: 0.6, y: 0.6, width: 0.4, height: 0.4)) - 0.3913043) < 1e-7)
        #expect(abs(overlap(TruthBox(x: 0.5, y: 0.5, width: 0.2, height: 0.2), middle) - 0.25) < 1e-12)
        #expect(overlap(middle, TruthBox(x: 0.9, y: 0.9, width: 0.1, height: 0.1)) == 0)
        #expect(overlap(middle, TruthBox(x: 0.5, y: 0.5, width: 0, height: 0)) == 0)
    }

    /// Check C19: VOC's, which counts both ends.
    @Test func inclusiveOverlaps() {
        let overlap = { (a: [Double], b: [Double]) in
            PixelBox(left: a[0], top: a[1], right: a[2], bottom: a[3])
                .inclusiveOverlap(with: PixelBox(left: b[0], top: b[1], right: b[2], bottom: b[3]))
        }
        #expect(abs(overlap([10, 10, 20, 20], [15, 12, 25, 24]) - 0.2571429) < 1e-7)
        #expect(abs(overlap([0, 0, 9, 9], [5, 0, 14, 9]) - 0.3333333) < 1e-7)
        #expect(overlap([0, 0, 9, 9], [10, 0, 14, 9]) == 0)
    }

    /// voc_label's box of check C28, 500 x 375, is in whole pixels again.
    @Test func wholePixelsComeBack() {
        let box = TruthBox(x: 0.241, y: ((240.0 + 371) / 2 - 1) / 375, width: 0.294, height: (371.0 - 240) / 375)
        #expect(
            PixelBox(voc: box, width: 500, height: 375, isClipped: false)
                == PixelBox(left: 48, top: 240, right: 195, bottom: 371))
    }

    @Test func answersAreClippedToThePicture() {
        let box = TruthBox(x: 0.5, y: 0.5, width: 2, height: 0.5)
        #expect(
            PixelBox(voc: box, width: 100, height: 40, isClipped: true)
                == PixelBox(left: 1, top: 11, right: 100, bottom: 31))
        let coco = COCOBox(box, width: 100, height: 40, isClipped: true)
        #expect([coco.left, coco.top, coco.width, coco.height] == [0, 10, 100, 20])
        let outside = COCOBox(TruthBox(x: 2, y: 0.5, width: 0.1, height: 0.1), width: 100, height: 40, isClipped: true)
        #expect(outside.area == 0)
    }

    @Test func aCrowdNeedsOnlyTheBox() {
        let box = COCOBox(TruthBox(x: 0.1, y: 0.1, width: 0.1, height: 0.1), width: 100, height: 100, isClipped: true)
        let crowd = COCOBox(TruthBox(x: 0.5, y: 0.5, width: 1, height: 1), width: 100, height: 100, isClipped: false)
        #expect(box.overlap(with: crowd, isCrowd: true) == 1)
        #expect(box.overlap(with: crowd, isCrowd: false) == 0.01)
    }
}
