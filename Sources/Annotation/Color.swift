import Media

/// A colour as displays take it: gamma-encoded, 8 bits a channel.
public struct RGB: Hashable, Sendable {
    public var r: UInt8
    public var g: UInt8
    public var b: UInt8

    public init(r: UInt8, g: UInt8, b: UInt8) {
        self.r = r
        self.g = g
        self.b = b
    }
}

/// Written in the reference's channel order, which is blue, green, red.
private let keys: [SIMD3<Double>] = [[1, 0, 1], [0, 0, 1], [0, 1, 1], [0, 1, 0], [1, 1, 0], [1, 0, 0]]

/// The colour of a class among `classCount` classes, the same as in Darknet's pictures (spec 5.6).
///
/// The multiplier spreads neighbouring classes over the colour circle. Any numbers are safe: the class wraps around
/// the count, and a count below one counts as one.
public func labelColor(classID: Int, classCount: Int) -> RGB {
    let count = max(classCount, 1)
    let product = (classID % count).multipliedFullWidth(by: 123_457)
    let remainder = count.dividingFullWidth(product).remainder
    let wrapped = remainder < 0 ? remainder + count : remainder
    let position = Double(wrapped) / Double(count) * Double(keys.count - 1)
    let below = position.rounded(.down)
    let fraction = position - below
    let color = keys[Int(below)] * (1 - fraction) + keys[Int(position.rounded(.up))] * fraction
    let levels = color * 255
    return RGB(r: UInt8(levels[2].rounded()), g: UInt8(levels[1].rounded()), b: UInt8(levels[0].rounded()))
}

/// One colour in the samples of one picture format.
struct YUVColor: Equatable {
    var y: UInt8
    var u: UInt8
    var v: UInt8
}

extension YUVColor {
    /// Converts by the definitions of ITU-R BT.601, BT.709 and BT.2020, which differ only in `YUVMatrix.weights`.
    init(_ color: RGB, matrix: YUVMatrix, fullRange: Bool) {
        let (kr, kb) = matrix.weights
        let luma = matrix.luma(of: color)
        let blueDifference = (Double(color.b) / 255 - luma) / (2 * (1 - kb))
        let redDifference = (Double(color.r) / 255 - luma) / (2 * (1 - kr))
        let lumaScale: Double = fullRange ? 255 : 219
        let chromaScale: Double = fullRange ? 255 : 224
        y = Self.sample((fullRange ? 0 : 16) + lumaScale * luma)
        u = Self.sample(128 + chromaScale * blueDifference)
        v = Self.sample(128 + chromaScale * redDifference)
    }

    /// Full-range chroma reaches 255.5, so that rounding alone could leave the byte.
    private static func sample(_ value: Double) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }
}

extension YUVMatrix {
    /// Shares of red and blue in luma; green has the rest.
    fileprivate var weights: (red: Double, blue: Double) {
        switch self {
        case .bt601: (0.299, 0.114)
        case .bt709: (0.2126, 0.0722)
        case .bt2020: (0.2627, 0.0593)
        }
    }

    /// Luma of a colour, 0...1.
    fileprivate func luma(of color: RGB) -> Double {
        let (kr, kb) = weights
        return (kr * Double(color.r) + (1 - kr - kb) * Double(color.g) + kb * Double(color.b)) / 255
    }

    /// Black or white, whichever is further from `ground` in luma.
    func contrastingText(on ground: RGB) -> RGB {
        luma(of: ground) > 0.5 ? RGB(r: 0, g: 0, b: 0) : RGB(r: 255, g: 255, b: 255)
    }
}
