import Foundation

/// A dog from the side, perhaps with the lead in the hand of who walks behind it.
struct Dog: Figure {
    private let shoulder: Double
    private let length: Double
    private let girth: Double
    private let coat: Tone
    private let patch: Tone?
    private let earsUp: Bool
    private let bushy: Bool
    private let muzzle: Double
    private let collar: Tone
    private let phase: Double
    private let lead: Point?

    /// - Parameter lead: where its end is held, in metres from where the dog stands, the dog looking to the right.
    init(_ dice: Dice, travelled: Double, lead: Point?) {
        var dice = dice
        // Retriever, shepherd, hound, terrier, and one between.
        let build = dice.pick([
            (0.58, 1.25, 0.24), (0.62, 1.3, 0.25), (0.68, 1.2, 0.19), (0.5, 1.15, 0.22), (0.56, 1.4, 0.22),
        ])
        shoulder = build.0 * dice.real(0.95, 1.15)
        length = shoulder * build.1
        girth = build.2 * dice.real(0.9, 1.15)
        coat = dice.pick([
            Tone(0.80, 0.62, 0.36), Tone(0.12, 0.11, 0.11), Tone(0.45, 0.28, 0.15), Tone(0.90, 0.86, 0.78),
            Tone(0.58, 0.54, 0.50), Tone(0.70, 0.42, 0.20), Tone(0.30, 0.20, 0.13),
        ])
        patch =
            dice.chance(0.45) ? dice.pick([Tone(0.15, 0.12, 0.1), Tone(0.95, 0.92, 0.88), Tone(0.5, 0.3, 0.15)]) : nil
        earsUp = dice.chance(0.5)
        bushy = dice.chance(0.5)
        muzzle = dice.real(0.8, 1.15)
        collar = .hue(dice.real(0, 1), 0.9, 0.8)
        phase = travelled / (shoulder * 1.5) * 2 * .pi
        self.lead = lead
    }

    var footing: (side: Double, deep: Double) { (0.42, 0.09) }

    var reach: (side: Double, top: Double) { (1.05, 1.35) }

    func draw(_ brush: Brush) {
        let (h, half) = (shoulder, length / 2)
        let bob = 0.02 * sin(2 * phase)
        let back = h + bob
        // A trot: opposite legs together.
        leg(brush, Point(-half * 0.82, back - girth * 0.5), phase + .pi, coat * 0.7, isHind: true)
        leg(brush, Point(half * 0.78, back - girth * 0.5), phase, coat * 0.7, isHind: false)
        let wag = 0.3 * sin(phase * 1.3)
        let tail = Point(-half * 0.98, back - 0.05)
        let tip = tail + Point(-0.24 * h / 0.55, 0.2 + 0.14 * wag)
        brush.line(tail, tail + Point(-0.12, 0.04), tip)
        brush.stroke(coat * 0.9, bushy ? 0.11 : 0.055)
        brush.smooth([
            -half * 1.05, back - 0.04, -half * 0.5, back + 0.01, half * 0.3, back - 0.01, half * 0.95, back + 0.04,
            half * 1.12, back - 0.12, half * 0.85, back - girth * 1.2, half * 0.3, back - girth * 1.15, -half * 0.4,
            back - girth * 0.85, -half * 0.95, back - girth * 0.95,
        ])
        brush.fill(coat * 0.78, coat, from: back - girth, to: back)
        if let patch {
            brush.ellipse(Point(-half * 0.1, back - girth * 0.38), half * 0.38, girth * 0.34)
            brush.fill(patch)
        }
        leg(brush, Point(-half * 0.8, back - girth * 0.5), phase, coat, isHind: true)
        leg(brush, Point(half * 0.82, back - girth * 0.5), phase + .pi, coat, isHind: false)
        drawHead(brush, Point(half * 1.28, back + 0.2 + bob), neck: Point(half * 0.86, back - 0.08))
    }

    private func leg(_ brush: Brush, _ hip: Point, _ phase: Double, _ tone: Tone, isHind: Bool) {
        let swing = 0.42 * sin(phase)
        let lift = max(0, cos(phase)) * 0.09
        let paw = Point(hip.x + swing * hip.y * 0.75, 0.03 + lift)
        let bone = hip.y * 0.53
        let knee = joint(from: hip, to: paw, (bone, bone), bend: isHind ? 1 : -1)
        brush.line(hip, knee, paw)
        brush.stroke(tone, girth * 0.36)
        brush.line(paw, paw + Point(0.05, -0.005))
        brush.stroke(tone, 0.06)
    }

    private func drawHead(_ brush: Brush, _ head: Point, neck: Point) {
        let r = 0.115 * (0.7 + 0.5 * shoulder / 0.6)
        brush.line(neck, head - Point(r * 0.3, r * 0.2))
        brush.stroke(coat, girth * 0.72)
        if let lead, !brush.isSilhouette {
            let end = neck + (head - neck) * 0.45
            brush.line(end, (end + lead) / 2 - Point(0, 0.08), lead)
            brush.stroke(collar * 0.6, 0.018)
        }
        let across = Point(0.6, -0.5) * girth * 0.5
        let place = neck + (head - neck) * 0.45
        brush.line(place - across * 0.8, place + across * 0.8)
        brush.stroke(collar, 0.045)
        brush.circle(head, r)
        brush.fill(coat)
        brush.smooth([
            head.x + r * 0.4, head.y + r * 0.6, head.x + r * (1.5 * muzzle + 0.4), head.y + r * 0.05,
            head.x + r * (1.5 * muzzle + 0.3), head.y - r * 0.45, head.x + r * 0.3, head.y - r * 0.85,
        ])
        brush.fill(coat * 0.92)
        brush.circle(head + Point(r * (1.5 * muzzle + 0.3), -r * 0.05), r * 0.22)
        brush.fill(.grey(0.06))
        brush.circle(head + Point(r * 0.5, r * 0.3), r * 0.13)
        brush.fill(.grey(0.05))
        if earsUp {
            brush.polygon([
                head.x - r * 0.75, head.y + r * 0.5, head.x - r * 0.45, head.y + r * 1.9, head.x + r * 0.2,
                head.y + r * 0.8,
            ])
        } else {
            brush.smooth([
                head.x - r * 0.7, head.y + r * 0.8, head.x, head.y + r * 0.8, head.x - r * 0.1, head.y - r * 0.8,
                head.x - r * 0.7, head.y - r * 1.0,
            ])
        }
        brush.fill((patch ?? coat) * 0.75)
    }
}
