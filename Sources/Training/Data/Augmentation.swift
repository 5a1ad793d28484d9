public import Darknet
public import Detection

/// What is done to a picture before the network is trained on it (spec 7.6).
public struct Augmentation: Hashable, Sendable {
    /// How the picture comes into the network's input.
    public enum Placement: Hashable, Sendable {
        /// Its aspect jittered, as large as fits, anywhere on grey (Darknet since 2017).
        case letterboxJitter
        /// A random part of it, or a little more than it with its edges repeated, stretched (Darknet of 2016).
        case crop
        /// Scaled, stretched, turned and moved at random; black outside. For classifiers.
        case classifierCrop
        /// The square in its middle. For classifiers.
        case centerCrop
        /// As in inference, nothing at random.
        case plain(ResizeMode)
    }

    public var placement: Placement
    /// Of `.letterboxJitter` and `.crop`: the part of the picture's width and height by which they change at most.
    public var jitter: Double
    /// Half of the pictures are mirrored.
    public var flips = true
    /// The hue turns by so much of the full circle at most, either way.
    public var hue: Double
    /// Saturation and value are multiplied by 1 to this, or divided.
    public var saturation: Double
    public var exposure: Double
    /// Of `.classifierCrop`: degrees at most, either way.
    public var angle: Double
    /// Of `.classifierCrop`: the width over the height is multiplied by 1 to this, or divided.
    public var aspect: Double
    public var cropSides: CropSides
    /// Objects beyond so many are left out, whichever come last in random order.
    public var maxTruths: Int
    /// How many of the detection pictures are made of four, 0...1.
    public var mosaic = 0.0
    /// How many of the detection pictures get objects of others, cut out along their outlines, 0...1.
    public var copyPaste = 0.0
    /// Of `.letterboxJitter`: pictures are enlarged or made smaller by 1 to this.
    public var zoom = 1.0

    /// Of `.classifierCrop`: pixels of the scaled picture's shorter side.
    public struct CropSides: Hashable, Sendable {
        /// At the cfg's own input width.
        let width: Int
        let least: Int
        let most: Int
        /// At others: parts of the width.
        let leastPart: Double
        let mostPart: Double

        init(_ net: NetOptions) {
            (width, least, most) = (net.width, net.minCrop, net.maxCrop)
            (leastPart, mostPart) = (Double(net.minRatio), Double(net.maxRatio))
        }

        /// The least and the most, at least one pixel.
        func sides(width: Int) -> (least: Int, most: Int) {
            if width == self.width { return (max(1, least), max(1, most)) }
            let side = { (part: Double) in max(1, Int((min(max(part, 0), 1000) * Double(width)).rounded())) }
            return (side(leastPart), side(mostPart))
        }
    }

    /// As the cfg says, by Darknet's present rules.
    ///
    /// - Parameter region: the detector's; `nil`: of a classifier.
    public init(net: NetOptions, region: Region?) {
        placement = region == nil ? net.center ? .centerCrop : .classifierCrop : .letterboxJitter
        jitter = Double(region?.jitter ?? 0)
        hue = Double(net.hue)
        saturation = Double(net.saturation)
        exposure = Double(net.exposure)
        angle = Double(net.angle)
        aspect = Double(net.aspect)
        cropSides = CropSides(net)
        maxTruths = region?.maxTruths ?? 0
    }

    /// Nothing at random: for validation, and to see whether a network can learn its pictures by heart.
    public static func none(net: NetOptions, region: Region?, resize: ResizeMode = .letterbox) -> Augmentation {
        var plain = Augmentation(net: net, region: region)
        plain.placement = region == nil ? .centerCrop : .plain(resize)
        plain.flips = false
        (plain.hue, plain.saturation, plain.exposure) = (0, 1, 1)
        return plain
    }
}

/// A change of a picture's colours, in HSV.
struct ColorShift: Hashable {
    /// Of the full circle, 0...1.
    var hue = 0.0
    var saturation = 1.0
    var value = 1.0
}

extension Augmentation {
    func colorShift(_ random: inout SampleRandom) -> ColorShift {
        let turn = random.uniform(-hue, hue)
        return ColorShift(
            // Whole turns change nothing, and the kernel adds less than one.
            hue: turn - turn.rounded(.down), saturation: random.factor(saturation), value: random.factor(exposure))
    }
}
