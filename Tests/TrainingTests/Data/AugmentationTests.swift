import Darknet
import Detection
import Testing

@testable import Training

@Suite struct AugmentationTests {
    @Test func theCfgDecides() {
        var (net, region) = (NetOptions(width: 416, height: 416), Region())
        (net.hue, net.saturation, net.exposure) = (0.1, 1.5, 0.75)
        (region.jitter, region.maxTruths) = (0.3, 90)
        let detector = Augmentation(net: net, region: region)
        #expect(detector.placement == .letterboxJitter && detector.maxTruths == 90 && detector.mosaic == 0)
        #expect(detector.copyPaste == 0 && detector.zoom == 1)
        #expect(abs(detector.jitter - 0.3) < 1e-6 && abs(detector.hue - 0.1) < 1e-6)
        #expect(detector.saturation == 1.5 && detector.exposure == 0.75 && detector.flips)
        #expect(Augmentation(net: net, region: nil).placement == .classifierCrop)
        net.center = true
        #expect(Augmentation(net: net, region: nil).placement == .centerCrop)
    }

    @Test func cropSidesFollowTheInput() {
        var net = NetOptions(width: 224, height: 224)
        (net.minCrop, net.maxCrop, net.minRatio, net.maxRatio) = (128, 448, 0.5, 2)
        let sides = Augmentation(net: net, region: nil).cropSides
        #expect(sides.sides(width: 224) == (128, 448))
        #expect(sides.sides(width: 320) == (160, 640))
    }

    @Test func withoutAugmentationNothingIsRandom() {
        let net = NetOptions(width: 416, height: 416)
        let (picture, input) = (PixelSize(width: 640, height: 480), PixelSize(width: 416, height: 416))
        let plain: [Augmentation] = [
            .none(net: net, region: Region()), .none(net: net, region: Region(), resize: .stretch),
            .none(net: net, region: nil),
        ]
        for none in plain {
            let views = (0..<20).map { sample in
                var random = SampleRandom(seed: 1, sample: sample, purpose: .placement)
                return none.view(of: picture, in: input, &random)
            }
            #expect(Set(views).count == 1)
            var random = SampleRandom(seed: 1, sample: 0, purpose: .color)
            #expect(none.colorShift(&random) == ColorShift())
        }
    }

    @Test func zoomEnlargesAsOftenAsItMakesSmaller() {
        var augmentation = Augmentation(net: NetOptions(width: 96, height: 64), region: Region())
        (augmentation.jitter, augmentation.zoom) = (0, 2)
        var (widths, enlarged) = (Set<Int>(), 0)
        for sample in 0..<400 {
            var random = SampleRandom(seed: 1, sample: sample, purpose: .placement)
            let view = augmentation.view(
                of: PixelSize(width: 150, height: 100), in: PixelSize(width: 96, height: 64), &random)
            // As large as fits without it.
            #expect((47...192).contains(view.columns.count) && abs(view.columns.count * 2 - view.rows.count * 3) <= 4)
            widths.insert(view.columns.count)
            if view.columns.count > 96 { enlarged += 1 }
            // A smaller one lies within, a larger one leaves nothing empty. A pixel goes to rounding.
            let ends = (view.columns.start, view.columns.start + view.columns.count)
            #expect(view.columns.count <= 96 ? ends.0 >= 0 && ends.1 <= 96 : ends.0 <= 1 && ends.1 >= 95)
        }
        #expect(widths.count > 100 && abs(enlarged - 200) < 50)
    }

    @Test func colorsChangeWithinTheirBounds() {
        var net = NetOptions(width: 416, height: 416)
        (net.hue, net.saturation, net.exposure) = (0.1, 1.5, 2)
        let augmentation = Augmentation(net: net, region: Region())
        var (hues, greatest, least) = ([0, 0], 0.0, 1.0)
        for sample in 0..<1000 {
            var random = SampleRandom(seed: 1, sample: sample, purpose: .color)
            let shift = augmentation.colorShift(&random)
            let turn = shift.hue > 0.5 ? shift.hue - 1 : shift.hue
            #expect(shift.hue >= 0 && shift.hue < 1 && abs(turn) <= 0.1000001)
            hues[turn < 0 ? 0 : 1] += 1
            #expect((1 / 1.5...1.5).contains(shift.saturation) && (0.5...2).contains(shift.value))
            (greatest, least) = (max(greatest, shift.value), min(least, shift.value))
        }
        #expect(abs(hues[0] - hues[1]) < 150)
        #expect(greatest > 1.9 && least < 0.55)
    }
}
