import Media
import Testing

@testable import Annotation

@Suite struct ColorTests {
    /// The six colours around the circle, red, green, blue, as they appear on the screen.
    static let circle = [[255, 0, 255], [255, 0, 0], [255, 255, 0], [0, 255, 0], [0, 255, 255], [0, 0, 255]]

    @Test(arguments: [1, 2, 20, 80, 9418]) func labelColorFollowsTheFormula(classCount: Int) {
        for classID in 0..<classCount {
            // In whole numbers: segment and remainder of five times the position.
            let position = classID * 123_457 % classCount * 5
            let (segment, part) = position.quotientAndRemainder(dividingBy: classCount)
            let next = min(segment + 1, 5)
            let color = labelColor(classID: classID, classCount: classCount)
            for (channel, value) in [color.r, color.g, color.b].enumerated() {
                let mixed =
                    Self.circle[segment][channel] * (classCount - part) + Self.circle[next][channel] * part
                #expect(abs(Double(value) - Double(mixed) / Double(classCount)) <= 0.5001)
            }
        }
    }

    @Test func labelColorOfKnownClasses() {
        #expect(labelColor(classID: 0, classCount: 80) == RGB(r: 255, g: 0, b: 255))
        // 16 * 123457 mod 80 = 32; 32 / 80 * 5 = 2
        #expect(labelColor(classID: 16, classCount: 80) == RGB(r: 255, g: 255, b: 0))
        // 1 * 123457 mod 20 = 17; 17 / 20 * 5 = 4.25: a quarter from cyan to blue
        #expect(labelColor(classID: 1, classCount: 20) == RGB(r: 0, g: 191, b: 255))
    }

    @Test func labelColorTakesAnyNumbers() {
        #expect(labelColor(classID: 80 + 16, classCount: 80) == labelColor(classID: 16, classCount: 80))
        #expect(labelColor(classID: 16 - 80, classCount: 80) == labelColor(classID: 16, classCount: 80))
        let magenta = RGB(r: 255, g: 0, b: 255)
        for count in [Int.min, -1, 0, 1] { #expect(labelColor(classID: .min, classCount: count) == magenta) }
        for id in [Int.min, .max] { _ = labelColor(classID: id, classCount: .max) }
    }

    struct Known {
        var rgb: RGB
        var matrix: YUVMatrix
        var fullRange: Bool
        var yuv: [UInt8]

        init(_ rgb: [UInt8], _ matrix: YUVMatrix, full: Bool, _ yuv: [UInt8]) {
            self.rgb = RGB(r: rgb[0], g: rgb[1], b: rgb[2])
            self.matrix = matrix
            fullRange = full
            self.yuv = yuv
        }
    }

    /// Colour bars as the standards' own tables and JFIF give them.
    static let known = [
        Known([255, 255, 255], .bt601, full: false, [235, 128, 128]),
        Known([0, 0, 0], .bt709, full: false, [16, 128, 128]),
        Known([255, 0, 0], .bt601, full: false, [81, 90, 240]),
        Known([0, 255, 0], .bt601, full: false, [145, 54, 34]),
        Known([0, 0, 255], .bt601, full: false, [41, 240, 110]),
        Known([255, 0, 0], .bt709, full: false, [63, 102, 240]),
        Known([0, 255, 0], .bt709, full: false, [173, 42, 26]),
        Known([0, 0, 255], .bt709, full: false, [32, 240, 118]),
        Known([255, 0, 0], .bt2020, full: false, [74, 97, 240]),
        Known([255, 255, 255], .bt2020, full: true, [255, 128, 128]),
        Known([255, 0, 0], .bt601, full: true, [76, 85, 255]),
        Known([0, 255, 0], .bt601, full: true, [150, 44, 21]),
        Known([0, 0, 255], .bt601, full: true, [29, 255, 107]),
    ]

    @Test(arguments: known) func convertsKnownColors(_ known: Known) {
        let color = YUVColor(known.rgb, matrix: known.matrix, fullRange: known.fullRange)
        #expect([color.y, color.u, color.v] == known.yuv)
    }

    @Test func textContrasts() {
        let black = RGB(r: 0, g: 0, b: 0)
        let white = RGB(r: 255, g: 255, b: 255)
        for matrix in [YUVMatrix.bt601, .bt709, .bt2020] {
            #expect(matrix.contrastingText(on: RGB(r: 255, g: 255, b: 0)) == black)
            #expect(matrix.contrastingText(on: RGB(r: 0, g: 255, b: 0)) == black)
            #expect(matrix.contrastingText(on: RGB(r: 0, g: 0, b: 255)) == white)
            #expect(matrix.contrastingText(on: RGB(r: 255, g: 0, b: 0)) == white)
        }
    }
}
