import Annotation
import Media
import TestSupport

/// A picture of random samples with margins of guard bytes around every plane.
final class TestPicture {
    struct Plane: Equatable {
        static let margin = 3
        static let guardByte: UInt8 = 0xA5

        let width: Int
        let height: Int
        var stride: Int { width + 2 * Self.margin }
        var bytes: [UInt8]
        var offset: Int { Self.margin * stride + Self.margin }

        init(width: Int, height: Int, random: inout SplitMix64) {
            self.width = width
            self.height = height
            bytes = Array(repeating: Self.guardByte, count: (width + 2 * Self.margin) * (height + 2 * Self.margin))
            for row in 0..<height {
                for column in 0..<width { self[column, row] = UInt8.random(in: .min ... .max, using: &random) }
            }
        }

        subscript(column: Int, row: Int) -> UInt8 {
            get { bytes[offset + row * stride + column] }
            set { bytes[offset + row * stride + column] = newValue }
        }

        var guardsIntact: Bool {
            bytes.indices.allSatisfy { index in
                let column = index % stride - Self.margin
                let row = index / stride - Self.margin
                let inside = (0..<width).contains(column) && (0..<height).contains(row)
                return inside || bytes[index] == Self.guardByte
            }
        }

        var flipped: Plane {
            var copy = self
            for row in 0..<height {
                for column in 0..<width { copy[column, row] = self[column, height - 1 - row] }
            }
            return copy
        }
    }

    let width: Int
    let height: Int
    let shiftX: Int
    let shiftY: Int
    var y: Plane
    var u: Plane
    var v: Plane

    init(_ width: Int, _ height: Int, shiftX: Int = 1, shiftY: Int = 1, seed: UInt64 = 1) {
        self.width = width
        self.height = height
        self.shiftX = shiftX
        self.shiftY = shiftY
        var random = SplitMix64(seed: seed)
        let columns = (width + (1 << shiftX) - 1) >> shiftX
        let rows = (height + (1 << shiftY) - 1) >> shiftY
        y = Plane(width: width, height: height, random: &random)
        u = Plane(width: columns, height: rows, random: &random)
        v = Plane(width: columns, height: rows, random: &random)
    }

    var planes: [Plane] { [y, u, v] }
    var guardsIntact: Bool { planes.allSatisfy(\.guardsIntact) }

    /// - Parameter bottomUp: hands the planes over from their last row, with negative strides.
    func draw(_ labels: [Label], with annotator: Annotator, bottomUp: Bool = false) {
        withImage(bottomUp: bottomUp) { annotator.draw(labels, into: $0) }
    }

    func withImage(bottomUp: Bool = false, _ body: (YUVImage) -> Void) {
        let yStart = bottomUp ? y.offset + (height - 1) * y.stride : y.offset
        let chromaStart = bottomUp ? u.offset + (u.height - 1) * u.stride : u.offset
        let sign = bottomUp ? -1 : 1
        let (yStride, chromaStride) = (y.stride * sign, u.stride * sign)
        y.bytes.withUnsafeMutableBufferPointer { yBytes in
            u.bytes.withUnsafeMutableBufferPointer { uBytes in
                v.bytes.withUnsafeMutableBufferPointer { vBytes in
                    guard let y = yBytes.baseAddress, let u = uBytes.baseAddress, let v = vBytes.baseAddress else {
                        return
                    }
                    body(
                        YUVImage(
                            width: width, height: height, y: y + yStart, u: u + chromaStart, v: v + chromaStart,
                            yStride: yStride, uStride: chromaStride, vStride: chromaStride,
                            chromaShiftX: shiftX, chromaShiftY: shiftY, fullRange: false, matrix: .bt601
                        ))
                }
            }
        }
    }
}
