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
