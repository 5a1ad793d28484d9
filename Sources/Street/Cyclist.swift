import Foundation

/// A bicycle and its rider, from the side.
struct Cyclist: Figure {
    private let size: Double
    private let frame: Tone
    private let skin: Tone
    private let hair: Tone
    private let top: Tone
    private let bottom: Tone
    private let helmet: Tone?
    private let backpack: Tone?
    private let basket: Bool
    private let lean: Double
    private let hasLamps: Bool
    private let travelled: Double

    init(_ dice: Dice, travelled: Double, hasLamps: Bool) {
        var dice = dice
        size = dice.real(0.94, 1.08)
        frame = dice.carPaint()
        skin = dice.pick(Skin.tones)
        hair = dice.pick(Skin.hair)
        top = dice.cloth()
        bottom = dice.trousers()
        helmet = dice.chance(0.5) ? dice.cloth() : nil
        backpack = dice.chance(0.3) ? dice.cloth() : nil
        basket = dice.chance(0.25)
        lean = dice.real(0.12, 0.75)
        self.travelled = travelled
        self.hasLamps = hasLamps
    }

    var footing: (side: Double, deep: Double) { (0.85, 0.1) }

    var reach: (side: Double, top: Double) { (1.2, 2.15) }

    func draw(_ brush: Brush) {
        let s = size
        let wheel = 0.345 * s
        let (rear, front) = (Point(-0.52 * s, wheel), Point(0.55 * s, wheel))
        let crank = Point(-0.06 * s, 0.3 * s)
        let saddle = Point(-0.24 * s, 0.93 * s)
        let grip = Point(0.36 * s, (1.08 - 0.16 * lean) * s)
        let hip = saddle + Point(0.02, 0.07)
        let turn = -travelled / wheel
        let pedal = Point(cos(turn * 0.45), sin(turn * 0.45)) * 0.165 * s

        leg(brush, hip, crank - pedal, bottom * 0.7)
        for centre in [rear, front] { drawWheel(brush, centre, wheel, turn) }
        brush.line(rear, crank, saddle - Point(0, 0.08), rear)
        brush.stroke(frame, 0.04 * s)
        brush.line(crank, Point(0.36 * s, 0.72 * s), saddle - Point(-0.03, 0.2))
        brush.stroke(frame, 0.045 * s)
        brush.line(front, Point(0.36 * s, 0.75 * s), grip - Point(0.02, 0))
        brush.stroke(frame * 0.8, 0.038 * s)
        brush.line(grip - Point(0.06, 0), grip + Point(0.08, 0))
        brush.stroke(.grey(0.12), 0.045 * s)
        brush.line(saddle - Point(0.13, 0), saddle + Point(0.12, 0))
        brush.stroke(.grey(0.1), 0.06 * s)
        brush.line(crank, crank + pedal)
        brush.stroke(.grey(0.3), 0.03)
        if basket {
            brush.polygon([0.42 * s, 0.72, 0.68 * s, 0.72, 0.74 * s, 1.0, 0.4 * s, 1.0])
            brush.fill(Tone(0.5, 0.36, 0.2))
        }
        drawRider(brush, hip, grip)
        leg(brush, hip, crank + pedal, bottom)
        if hasLamps {
            brush.circle(Point(0.5 * s, 0.85 * s), 0.04)
            brush.fill(Tone(1, 1, 0.85), shines: true)
            brush.circle(Point(-0.62 * s, 0.75 * s), 0.03)
            brush.fill(Tone(1, 0.15, 0.1), shines: true)
            brush.glow(Point(0.55 * s, 0.85 * s), 0.35, Tone(1, 0.95, 0.75), 0.7)
            brush.glow(Point(-0.62 * s, 0.75 * s), 0.25, Tone(1, 0.15, 0.1), 0.6)
        }
    }

    private func drawWheel(_ brush: Brush, _ centre: Point, _ radius: Double, _ turn: Double) {
        for spoke in 0..<5 {
            let angle = turn + Double(spoke) * .pi / 5
            let rim = Point(cos(angle), sin(angle)) * radius
            brush.line(centre - rim, centre + rim)
            brush.stroke(.grey(0.55), 0.012)
        }
        brush.circle(centre, radius - 0.025)
        brush.stroke(.grey(0.09), 0.055)
        brush.circle(centre, 0.045)
        brush.fill(.grey(0.25))
    }

    private func leg(_ brush: Brush, _ hip: Point, _ pedal: Point, _ tone: Tone) {
        let ankle = pedal + Point(-0.03, 0.07)
        let knee = joint(from: hip, to: ankle, (0.44 * size, 0.42 * size), bend: 1)
        brush.line(hip, knee, ankle)
        brush.stroke(tone, 0.135 * size)
        brush.line(pedal + Point(-0.07, 0.02), pedal + Point(0.12, 0.01))
        brush.stroke(.grey(0.12), 0.07)
    }

    private func drawRider(_ brush: Brush, _ hip: Point, _ grip: Point) {
        let shoulder = hip + Point(sin(lean), cos(lean)) * 0.56 * size
        let across = Point(cos(lean), -sin(lean))
        let along = shoulder - hip
        let low = hip - along * 0.1
        let quarters = [
            low - across * 0.13, hip + along * 0.5 - across * 0.15, shoulder - across * 0.1,
            shoulder + across * 0.09 + along * 0.02, hip + along * 0.5 + across * 0.12, low + across * 0.14,
        ]
        brush.smooth(quarters.flatMap { [$0.x, $0.y] })
        brush.fill(top)
        if let backpack {
            let pack = [
                hip + along * 0.3 - across * 0.12, hip + along * 0.3 - across * 0.34,
                shoulder - along * 0.02 - across * 0.32, shoulder - along * 0.02 - across * 0.08,
            ]
            brush.rounded(pack.flatMap { [$0.x, $0.y] }, 0.06)
            brush.fill(backpack)
        }
        let elbow = joint(from: shoulder, to: grip, (0.32 * size, 0.32 * size), bend: -1)
        brush.line(shoulder, elbow, grip)
        brush.stroke(top * 0.85, 0.1 * size)
        brush.circle(grip, 0.05)
        brush.fill(skin)
        let head = shoulder + Point(0.06 + 0.12 * lean, 0.22 * size)
        let r = 0.12 * size
        brush.line(head, shoulder)
        brush.stroke(skin * 0.85, 0.1)
        brush.ellipse(head, r * 0.9, r * 1.08)
        brush.fill(skin)
        brush.smooth([
            head.x + r * (helmet == nil ? 0.7 : 1.1), head.y + r * 0.5, head.x + r * 0.3, head.y + r * 1.3,
            head.x - r * 0.8, head.y + r * 1.1, head.x - r * 1.15, head.y + r * 0.1, head.x - r * 0.3,
            head.y + r * 0.25,
        ])
        brush.fill(helmet ?? hair)
    }
}
