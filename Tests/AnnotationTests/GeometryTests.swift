import Media
import Testing

@testable import Annotation

@Suite struct GeometryTests {
    static func geometry(_ width: Int, _ height: Int, shiftX: Int = 1, shiftY: Int = 1) -> Geometry {
        var byte: UInt8 = 0
        return withUnsafeMutablePointer(to: &byte) {
            let image = YUVImage(
                width: width, height: height, y: $0, u: $0, v: $0, yStride: width, uStride: width, vStride: width,
                chromaShiftX: shiftX, chromaShiftY: shiftY, fullRange: false, matrix: .bt709)
            return Geometry(of: image, pixelAspect: 1)
        }
    }

    static func box(_ x: Float, _ y: Float, _ width: Float, _ height: Float) -> Label {
        Label(text: "", classID: 0, classCount: 1, x: x, y: y, width: width, height: height)
    }

    @Test func linesAndTextGrowWithThePicture() {
        #expect(Self.geometry(320, 240).lineWidth == 2)
        #expect(Self.geometry(320, 240).fontSize == 11)
        #expect(Self.geometry(720, 576).lineWidth == 4, "3 by Darknet's rule, rounded up to whole chroma samples")
        #expect(Self.geometry(720, 576, shiftX: 0, shiftY: 0).lineWidth == 3)
        #expect(Self.geometry(1920, 1080).lineWidth == 6)
        #expect(Self.geometry(1920, 1080).fontSize == 30)
        #expect(Self.geometry(1080, 1920).fontSize == 30, "portrait video has the same text")
        #expect(Self.geometry(3840, 2160).lineWidth == 12)
        #expect(Self.geometry(3840, 2160).fontSize == 60)
    }

    @Test func boxesAreRoundedToTheGridAndClipped() {
        let geometry = Self.geometry(101, 75)
        #expect(
            geometry.visiblePart(of: Self.box(9.4, 20.9, 30, 8)) == PixelRect(left: 10, top: 20, right: 40, bottom: 28))
        #expect(
            geometry.visiblePart(of: Self.box(-5, -5, 500, 500)) == PixelRect(left: 0, top: 0, right: 101, bottom: 75))
        #expect(
            geometry.visiblePart(of: Self.box(50, 50, 0.1, 0.1)) == PixelRect(left: 50, top: 50, right: 52, bottom: 52))
        #expect(
            geometry.visiblePart(of: Self.box(100.9, 74.9, 9, 9))
                == PixelRect(left: 100, top: 74, right: 101, bottom: 75))
        let everything = Self.box(-.greatestFiniteMagnitude, -1e30, .infinity, .infinity)
        #expect(geometry.visiblePart(of: everything) == PixelRect(left: 0, top: 0, right: 101, bottom: 75))
    }

    @Test(
        arguments: [
            (101, 0, 5, 5), (-5, 0, 5, 5), (0, 75, 5, 5), (0, -5, 5, 5), (5, 5, 0, 5), (5, 5, 5, 0), (50, 50, -20, 5),
            (.nan, 0, 5, 5), (0, .nan, 5, 5), (0, 0, .nan, 5), (0, 0, 5, .nan),
            (.infinity, 0, 5, 5), (-.infinity, 0, 5, 5), (-.infinity, 0, .infinity, 5), (0, 0, -.infinity, 5),
        ] as [(Float, Float, Float, Float)])
    func nothingToSee(x: Float, y: Float, width: Float, height: Float) {
        #expect(Self.geometry(101, 75).visiblePart(of: Self.box(x, y, width, height)) == nil)
    }

    @Test func outlineCoversEachPixelOnceAndOnlyTheEdge() {
        for (width, height) in [(40, 30), (41, 31), (5, 30), (4, 4), (1, 1)] {
            let geometry = Self.geometry(width, height)
            let box = PixelRect(left: 0, top: 0, right: width, bottom: height)
            var hits = [Int](repeating: 0, count: width * height)
            geometry.outline(of: box) { strip in
                #expect(strip.left % 2 == 0 && strip.top % 2 == 0)
                for row in strip.top..<strip.bottom {
                    for column in strip.left..<strip.right { hits[row * width + column] += 1 }
                }
            }
            for row in 0..<height {
                for column in 0..<width {
                    // The last whole pair of pixels, and the odd pixel after it.
                    let onEdge =
                        column < 2 || row < 2 || column >= (width - 2) / 2 * 2 || row >= (height - 2) / 2 * 2
                    #expect(hits[row * width + column] == (onEdge ? 1 : 0), "\(width)x\(height): \(column), \(row)")
                }
            }
        }
    }
}
