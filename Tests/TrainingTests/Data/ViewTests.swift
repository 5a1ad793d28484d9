import Darknet
import DataSets
import Testing

@testable import Training

@Suite struct ViewTests {
    private func truth(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> Truth {
        Truth(classID: 3, box: TruthBox(x: x, y: y, width: width, height: height))
    }

    private func expect(_ box: TrainingBox?, _ x: Float, _ y: Float, _ width: Float, _ height: Float) throws {
        let box = try #require(box)
        #expect(abs(box.x - x) < 1e-6 && abs(box.y - y) < 1e-6, "\(box)")
        #expect(abs(box.width - width) < 1e-6 && abs(box.height - height) < 1e-6, "\(box)")
        #expect(box.classID == 3)
    }

    /// C28, present Darknet.
    @Test func truthsFollowAPlacedPicture() throws {
        let view = View(
            columns: ViewAxis(placed: 416, at: 0, side: 416, of: 500),
            rows: ViewAxis(placed: 277.3333, at: 60, side: 416, of: 375), repeatsEdge: false)
        try expect(view.boxes(of: [truth(0.4, 0.4, 0.3, 0.6)]).first, 0.4, 0.4108974, 0.3, 0.4)
        let mirrored = view.mirrored(width: 416)
        try expect(mirrored.boxes(of: [truth(0.4, 0.4, 0.3, 0.6)]).first, 0.6, 0.4108974, 0.3, 0.4)
        // Pixels: whole ones, and with them the picture's.
        #expect(view.rows.start == 60 && view.rows.count == 277)
        #expect(mirrored.columns.first + mirrored.columns.step * 415 == 0)
    }

    /// C28, Darknet of 2016.
    @Test func truthsFollowACroppedPicture() throws {
        let view = Augmentation.crop(
            PixelSize(width: 500, height: 375), PixelSize(width: 416, height: 416), left: 50, right: -25, top: 0,
            bottom: 75)
        try expect(view.boxes(of: [truth(0.5, 0.4, 0.3, 0.6)]).first, 0.4210526, 0.5, 0.3157895, 0.75)
        #expect(view.columns.first == 50 && abs(view.columns.first + view.columns.step * 415 - 524) < 1e-9)
        #expect(view.rows.first == 0 && abs(view.rows.step * 415 - 299) < 1e-9)
    }

    @Test func truthsAreCutOffAndLeftOut() throws {
        let view = Augmentation.crop(
            PixelSize(width: 100, height: 100), PixelSize(width: 96, height: 96), left: 50, right: 0, top: 0,
            bottom: 0)
        // Half of it lies left of the crop.
        try expect(view.boxes(of: [truth(0.5, 0.5, 0.4, 0.4)]).first, 0.2, 0.5, 0.4, 0.4)
        var difficult = truth(0.8, 0.5, 0.1, 0.1)
        difficult.isDifficult = true
        var crowd = difficult
        (crowd.isDifficult, crowd.isCrowd) = (false, true)
        let hidden = [
            truth(0.2, 0.5, 0.2, 0.2), truth(0.4, 0.5, 0.2005, 0.2), truth(0.8, 0.5, 0.0004, 0.2), difficult, crowd,
            truth(.nan, 0.5, 0.1, 0.1),
        ]
        #expect(view.boxes(of: hidden).isEmpty)
        // Behind those, none is lost (2016 hid them).
        #expect(view.boxes(of: hidden + [truth(0.75, 0.5, 0.1, 0.1)]).count == 1)
        #expect(view.boxes(of: [truth(0.5, 0.5, 0.2, 0.2)], leastPart: 0.6).isEmpty)
    }

    @Test func movedViewsKeepTruthsOnPixels() throws {
        let picture = PixelSize(width: 640, height: 480)
        var random = SampleRandom(seed: 4, sample: 0, purpose: .placement)
        let augmentation = Augmentation(net: NetOptions(width: 416, height: 416), region: Region())
        for _ in 0..<50 {
            let view = augmentation.view(of: picture, in: PixelSize(width: 300, height: 300), &random)
            let moved = view.columns.moved(by: 70, from: 300, to: 416)
            let (old, new) = (view.columns.ends(center: 0.5, size: 0.2), moved.ends(center: 0.5, size: 0.2))
            #expect(abs(new.low * 416 - (old.low * 300 + 70)) < 1e-9)
            #expect(abs(new.high * 416 - (old.high * 300 + 70)) < 1e-9)
        }
    }

    /// What is drawn from the same picture at most jitter stays within what the rules allow.
    @Test func jitterKeepsItsBounds() {
        let (picture, input) = (PixelSize(width: 640, height: 480), PixelSize(width: 416, height: 352))
        var region = Region()
        region.jitter = 0.2
        var augmentation = Augmentation(net: NetOptions(width: 416, height: 352), region: region)
        var (mirrored, lefts) = (0, Set<Double>())
        for sample in 0..<500 {
            var random = SampleRandom(seed: 5, sample: sample, purpose: .placement)
            augmentation.placement = .letterboxJitter
            let placed = augmentation.view(of: picture, in: input, &random)
            #expect(placed.columns.count <= 416 && placed.rows.count <= 352)
            #expect(placed.columns.count == 416 || placed.rows.count == 352)
            let aspect = Double(placed.columns.count) / Double(placed.rows.count)
            #expect(aspect > 0.98 * 640 * 0.8 / (480 * 1.2) && aspect < 1.02 * 640 * 1.2 / (480 * 0.8))
            if placed.columns.step < 0 { mirrored += 1 }
            augmentation.placement = .crop
            let cropped = augmentation.view(of: picture, in: input, &random)
            let width = (abs(cropped.columns.step) * 415 + 1).rounded()
            #expect(width >= 640 - 256 && width <= 640 + 256)
            lefts.insert(cropped.columns.first)
        }
        #expect(abs(mirrored - 250) < 50)
        #expect(lefts.count > 100)
        augmentation.flips = false
        for sample in 0..<50 {
            var random = SampleRandom(seed: 5, sample: sample, purpose: .placement)
            #expect(augmentation.view(of: picture, in: input, &random).columns.step > 0)
        }
    }

    @Test func turnedViewsKeepTheMiddleInTheMiddle() {
        let view = TurnedView(
            scale: 0.5, aspect: 1.25, angle: 0.3, shift: (0, 0), size: (100, 80), of: (300, 200))
        let middle = SIMD3<Double>(50, 40, 1)
        #expect(abs((view.across * middle).sum() - 150) < 1e-9 && abs((view.down * middle).sum() - 100) < 1e-9)
        // Without turning, a pixel is 1 / scale of the picture's, across 1 / (scale * aspect).
        let straight = TurnedView(scale: 0.5, aspect: 1.25, angle: 0, shift: (7, 0), size: (100, 80), of: (300, 200))
        #expect(straight.across.x == 1.6 && straight.down.y == 2 && straight.across.y == 0 && straight.down.x == 0)
        let mirrored = straight.mirrored(width: 100)
        for x in [0.0, 10, 99] {
            let (here, there) = (SIMD3(99 - x, 5, 1), SIMD3(x, 5, 1))
            #expect(abs((mirrored.across * here).sum() - (straight.across * there).sum()) < 1e-9)
            #expect((mirrored.down * here).sum() == (straight.down * there).sum())
        }
    }
}
