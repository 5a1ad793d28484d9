import CKernels
import Testing

@testable import Training

/// Spec 7.6: hue, saturation and value.
@Suite struct DistortTests {
    private typealias HSV = (h: Double, s: Double, v: Double)

    /// As textbooks have it, with branches.
    private func hsv(_ r: Double, _ g: Double, _ b: Double) -> HSV {
        let (most, least) = (max(r, g, b), min(r, g, b))
        let spread = most - least
        guard spread > 0 else { return (0, 0, most) }
        var hue: Double
        if most == r {
            hue = (g - b) / spread
        } else if most == g {
            hue = 2 + (b - r) / spread
        } else {
            hue = 4 + (r - g) / spread
        }
        if hue < 0 { hue += 6 }
        return (hue / 6, spread / most, most)
    }

    private func rgb(_ color: HSV) -> [Double] {
        let (sixths, v) = (6 * color.h, color.v)
        let sector = Int(sixths)
        let f = sixths - Double(sector)
        let (p, q, t) = (v * (1 - color.s), v * (1 - color.s * f), v * (1 - color.s * (1 - f)))
        return [[v, t, p], [q, v, p], [p, v, t], [p, q, v], [t, p, v], [v, p, q]][sector % 6]
    }

    private func reference(_ color: [Double], _ shift: ColorShift) -> [Double] {
        var turned = hsv(color[0], color[1], color[2])
        turned.h += shift.hue
        if turned.h >= 1 { turned.h -= 1 }
        return rgb((turned.h, turned.s * shift.saturation, turned.v * shift.value)).map { min(max($0, 0), 1) }
    }

    private func distorted(_ color: [Float], _ shift: ColorShift, _ kernel: lk_sample_kernel) -> [Float] {
        var (planes, count) = (color, color.count / 3)
        planes.withUnsafeMutableBufferPointer { planes in
            guard let red = planes.baseAddress else { return }
            lk_distort(
                kernel, red, red + count, red + 2 * count, count, Float(shift.hue), Float(shift.saturation),
                Float(shift.value))
        }
        count = 0
        return planes
    }

    /// C17.
    @Test func aKnownColor() {
        let color = hsv(0.8, 0.4, 0.2)
        #expect(abs(color.h - 0.0555556) < 1e-6 && abs(color.s - 0.75) < 1e-9 && color.v == 0.8)
        let shift = ColorShift(hue: 0.1, saturation: 1.5, value: 1.2)
        for kernel in [lk_sample_portable, lk_sample_best()] {
            let result = distorted([0.8, 0.4, 0.2], shift, kernel)
            for (value, expected) in zip(result, [0.96, 0.888, 0] as [Float]) { #expect(abs(value - expected) < 1e-6) }
        }
    }

    @Test(arguments: [1, 7, 8, 9, 1003]) func colorsAgreeWithTheDefinition(count: Int) {
        var random = SampleRandom(seed: 1, sample: count, purpose: .color)
        for round in 0..<20 {
            // Also grey ones, and ones with two equal or no colours.
            let colors: [[Double]] = (0..<count).map { _ in
                let levels = (0..<3).map { _ in Double(random.below(round % 2 == 0 ? 4 : 256)) }
                return levels.map { Double(Float($0 / (round % 2 == 0 ? 3 : 255))) }
            }
            let shift = ColorShift(
                hue: random.uniform(0, 1), saturation: random.factor(3), value: random.factor(2))
            let planes = (0..<3).flatMap { color in colors.map { Float($0[color]) } }
            let portable = distorted(planes, shift, lk_sample_portable)
            #expect(distorted(planes, shift, lk_sample_best()) == portable)
            for (index, color) in colors.enumerated() {
                let expected = reference(color, shift)
                for channel in 0..<3 {
                    #expect(abs(Double(portable[channel * count + index]) - expected[channel]) < 1e-5)
                }
            }
        }
    }

    @Test func nothingChangesNothing() {
        let colors: [Float] = (0..<300).map { Float($0 * 7919 % 256) / 255 }
        for (before, after) in zip(colors, distorted(colors, ColorShift(), lk_sample_best())) {
            #expect(abs(before - after) < 1e-6)
        }
    }
}
