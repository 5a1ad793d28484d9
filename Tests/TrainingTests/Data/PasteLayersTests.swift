import Testing

@testable import Training

@Suite struct PasteLayersTests {
    private let size = PixelSize(width: 20, height: 10)

    private func mask(_ width: Int, _ height: Int) -> CoverageMask {
        let (right, low) = (Float(width), Float(height))
        return CoverageMask(
            [[[0, 0], [right, 0], [right, low], [0, low]]], size: PixelSize(width: width, height: height))
    }

    /// From pixel (4, 2) to (12, 8).
    private let box = TrainingBox(classID: 3, x: 0.4, y: 0.5, width: 0.4, height: 0.6)

    @Test func untouchedBoxesStay() {
        var layers = PasteLayers(size)
        #expect(layers.visible(box, layer: 0) == box)
        layers.add(mask(4, 10), left: 0, top: 0)
        layers.add(mask(9, 5), left: 12, top: 7)
        #expect(layers.count == 2 && layers.visible(box, layer: 0) == box)
    }

    @Test func hiddenSidesAreCutOff() throws {
        var layers = PasteLayers(size)
        // From the left, beyond the input's edge, as far as column 7.
        layers.add(mask(10, 20), left: -3, top: -5)
        let rest = try #require(layers.visible(box, layer: 0))
        #expect(rest.classID == 3 && abs(rest.x - 0.475) < 1e-6 && abs(rest.width - 0.25) < 1e-6)
        #expect(rest.y == box.y && abs(rest.height - box.height) < 1e-6)
        // A corner that is hidden moves no side.
        var corner = PasteLayers(size)
        corner.add(mask(5, 4), left: 0, top: 0)
        let whole = try #require(corner.visible(box, layer: 0))
        #expect(abs(whole.x - box.x) < 1e-6 && abs(whole.width - box.width) < 1e-6)
    }

    @Test func mostlyHiddenBoxesGo() {
        // 8 columns: five are 62 %, six are 75 %.
        for (count, isSeen) in [(5, true), (6, false), (8, false)] {
            var layers = PasteLayers(size)
            layers.add(mask(count, 10), left: 4, top: 0)
            #expect((layers.visible(box, layer: 0) != nil) == isSeen)
        }
        // Together, too.
        var layers = PasteLayers(size)
        layers.add(mask(4, 10), left: 4, top: 0)
        layers.add(mask(4, 3), left: 8, top: 2)
        #expect(layers.visible(box, layer: 0) == nil)
    }

    @Test func onlyLaterOnesHide() {
        var layers = PasteLayers(size)
        layers.add(mask(8, 6), left: 4, top: 2)
        #expect(layers.visible(box, layer: 1) == box)
        layers.add(mask(8, 6), left: 4, top: 2)
        #expect(layers.visible(box, layer: 1) == nil && layers.visible(box, layer: 2) == box)
    }

    @Test func boxesSmallerThanAPixelAreLookedAt() {
        var layers = PasteLayers(size)
        let small = TrainingBox(classID: 0, x: 0.999, y: 0.999, width: 0.001, height: 0.001)
        #expect(layers.visible(small, layer: 0) == small)
        layers.add(mask(2, 2), left: 18, top: 8)
        #expect(layers.visible(small, layer: 0) == nil)
    }
}
