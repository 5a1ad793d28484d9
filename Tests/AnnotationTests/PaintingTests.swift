import Media
import Testing

@testable import Annotation

@Suite struct PaintingTests {
    @Test func smallerRectanglesClipMasks() {
        let alpha = (0..<8 * 6).map { UInt8($0 * 5) }
        let luma = AlphaPlane(width: 8, height: 6, samples: alpha)
        let mask = TextMask(luma: luma, chroma: luma.averaged(shiftX: 1, shiftY: 1))
        let white = YUVColor(RGB(r: 255, g: 255, b: 255), matrix: .bt601, fullRange: true)
        let red = YUVColor(RGB(r: 255, g: 0, b: 0), matrix: .bt601, fullRange: true)
        let picture = TestPicture(7, 5)
        let original = picture.planes
        let rect = PixelRect(left: 2, top: 2, right: 7, bottom: 5)
        picture.withImage { $0.draw(mask, in: rect, ground: red, text: white) }
        #expect(picture.guardsIntact)
        for row in 0..<5 {
            for column in 0..<7 {
                let inside = row >= 2 && column >= 2
                let share = inside ? Double(alpha[(row - 2) * 8 + column - 2]) / 255 : 0
                let mixed = UInt8((Double(red.y) * (1 - share) + Double(white.y) * share).rounded())
                #expect(picture.y[column, row] == (inside ? mixed : original[0][column, row]))
            }
        }
        for row in 0..<3 {
            for column in 0..<4 {
                let inside = row >= 1 && column >= 1
                let share = inside ? Double(mask.chroma.samples[(row - 1) * 4 + column - 1]) / 255 : 0
                let mixed = UInt8((Double(red.u) * (1 - share) + Double(white.u) * share).rounded())
                #expect(picture.u[column, row] == (inside ? mixed : original[1][column, row]))
            }
        }
    }

    @Test func mixingRoundsToNearestForEveryShare() {
        let shares = AlphaPlane(width: 256, height: 1, samples: Array(0...255))
        let mask = TextMask(luma: shares, chroma: shares)
        let picture = TestPicture(256, 1, shiftX: 0, shiftY: 0)
        let rect = PixelRect(left: 0, top: 0, right: 256, bottom: 1)
        for (ground, text) in [(0, 255), (255, 0), (16, 235), (255, 255), (0, 0), (210, 16)] as [(UInt8, UInt8)] {
            let (from, to) = (YUVColor(y: ground, u: ground, v: ground), YUVColor(y: text, u: text, v: text))
            picture.withImage { $0.draw(mask, in: rect, ground: from, text: to) }
            for share in 0...255 {
                let exact = (Double(ground) * Double(255 - share) + Double(text) * Double(share)) / 255
                #expect(picture.y[share, 0] == UInt8(exact.rounded()) && picture.v[share, 0] == picture.y[share, 0])
            }
        }
    }
}
