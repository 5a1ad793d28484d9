import Foundation

/// Something that stands on the ground, drawn in metres round the point where it does: x to the right, y upwards.
protocol Figure {
    /// How far it reaches at most to either side, and up.
    var reach: (side: Double, top: Double) { get }
    /// Half of what it covers of the ground: along the street, and in the picture downwards.
    var footing: (side: Double, deep: Double) { get }
    func draw(_ brush: Brush)
}

/// Which way something faces, as the camera sees it.
enum Heading {
    case right, left, toward, away
}

enum Skin {
    static let tones = [
        Tone(0.96, 0.80, 0.69), Tone(0.88, 0.68, 0.54), Tone(0.76, 0.55, 0.40), Tone(0.55, 0.38, 0.26),
        Tone(0.36, 0.24, 0.17),
    ]
    static let hair = [
        Tone(0.10, 0.08, 0.07), Tone(0.22, 0.14, 0.09), Tone(0.42, 0.27, 0.14), Tone(0.78, 0.62, 0.34),
        Tone(0.62, 0.62, 0.62), Tone(0.50, 0.20, 0.10),
    ]
}

extension Dice {
    /// A colour that clothes have.
    mutating func cloth() -> Tone {
        if chance(0.35) { return .grey(real(0.1, 0.9)) }
        return .hue(real(0, 1), real(0.3, 0.9), real(0.25, 0.95))
    }

    mutating func trousers() -> Tone {
        chance(0.6)
            ? pick([Tone(0.15, 0.2, 0.36), Tone(0.12, 0.12, 0.14), Tone(0.34, 0.36, 0.42), Tone(0.62, 0.55, 0.42)])
            : cloth() * 0.8
    }

    mutating func carPaint() -> Tone {
        if chance(0.5) { return .grey(pick([0.08, 0.2, 0.45, 0.7, 0.92])) }
        return .hue(pick([0.0, 0.01, 0.03, 0.12, 0.33, 0.48, 0.58, 0.6, 0.64]), real(0.55, 0.95), real(0.35, 0.9))
    }
}

extension Brush {
    /// Two bones from `root`, each `length` long and turned by its angle from straight down (forwards is positive).
    /// Returns where the second one ends.
    @discardableResult
    func limb(_ root: Point, _ lengths: (Double, Double), _ angles: (Double, Double), _ width: Double, _ tone: Tone)
        -> Point
    {
        let (joint, end) = limbPoints(root, lengths, angles)
        line(root, joint, end)
        stroke(tone, width)
        return end
    }
}

func limbPoints(_ root: Point, _ lengths: (Double, Double), _ angles: (Double, Double)) -> (Point, Point) {
    let joint = root + Point(sin(angles.0), -cos(angles.0)) * lengths.0
    return (joint, joint + Point(sin(angles.1), -cos(angles.1)) * lengths.1)
}

/// The joint between two bones of these lengths that reach from `root` to `end`, bent to the side of `bend` (1 or -1).
func joint(from root: Point, to end: Point, _ lengths: (Double, Double), bend: Double) -> Point {
    let span = end - root
    let distance = min(length(span), (lengths.0 + lengths.1) * 0.999)
    let along = (distance * distance + lengths.0 * lengths.0 - lengths.1 * lengths.1) / (2 * distance)
    let across = max(0, lengths.0 * lengths.0 - along * along).squareRoot()
    let unit = span / max(1e-9, length(span))
    return root + unit * along + Point(-unit.y, unit.x) * across * bend
}
