import Foundation

/// A person on foot, or standing.
struct Walker: Figure {
    let height: Double
    let build: Double
    let isChild: Bool
    let skin: Tone
    let hair: Tone
    let top: Tone
    let bottom: Tone
    let shoes: Tone
    let longHair: Bool
    let hat: Tone?
    let coat: Bool
    let skirt: Bool
    let backpack: Tone?
    let bag: Tone?
    let umbrella: Tone?
    let isRunning: Bool
    let heading: Heading
    let holdsLead: Bool
    /// Of the step, in radians; nil while standing.
    let phase: Double?

    /// - Parameter travelled: metres walked so far, which put the legs where they are; nil for one who stands.
    init(_ dice: Dice, heading: Heading, travelled: Double?, speed: Double, isRaining: Bool, holdsLead: Bool) {
        var dice = dice
        self.holdsLead = holdsLead
        self.heading = heading
        isChild = dice.chance(0.13) && !holdsLead
        isRunning = speed > 2
        height = isChild ? dice.real(1.2, 1.4) : dice.real(1.58, 1.9)
        build = dice.real(0.88, 1.3)
        skin = dice.pick(Skin.tones)
        hair = dice.pick(Skin.hair)
        top = dice.cloth()
        bottom = dice.trousers()
        shoes = .grey(dice.pick([0.1, 0.25, 0.9]))
        longHair = dice.chance(0.4)
        hat = dice.chance(0.2) ? dice.cloth() : nil
        coat = dice.chance(0.3)
        skirt = dice.chance(0.18)
        backpack = dice.chance(0.25) ? dice.cloth() * 0.8 : nil
        bag = dice.chance(0.3) ? dice.cloth() * 0.9 : nil
        umbrella =
            isRaining && dice.chance(0.6) && speed < 2 && !holdsLead
            ? .hue(dice.real(0, 1), dice.real(0, 0.9), 0.7) : nil
        let stride = height * (isRunning ? 1.3 : 0.82)
        phase = travelled.map { $0 / stride * 2 * .pi }
    }

    var footing: (side: Double, deep: Double) { (0.3, 0.1) }

    var reach: (side: Double, top: Double) { (umbrella == nil ? 0.65 * height : 1.1, umbrella == nil ? 2.1 : 2.6) }

    func draw(_ brush: Brush) {
        switch heading {
        case .right, .left: drawSide(brush)
        case .toward, .away: drawFront(brush, isFacing: heading == .toward)
        }
    }

    var headRadius: Double { isChild ? 0.085 * height : 0.068 * height }
    var legWidth: Double { 0.085 * height * build }
    var armWidth: Double { 0.062 * height * build }

    private func legAngles(_ phase: Double) -> (Double, Double) {
        let swing = (isRunning ? 0.75 : 0.45) * sin(phase)
        let bend = (isRunning ? 0.5 : 0.12) + (isRunning ? 1.1 : 0.65) * max(0, cos(phase))
        return (swing + bend * 0.25, swing - bend * 0.75)
    }

    private func drawSide(_ brush: Brush) {
        let h = height
        let bones = (0.25 * h, 0.25 * h)
        let near = phase.map { legAngles($0) } ?? (0.06, 0.02)
        let far = phase.map { legAngles($0 + .pi) } ?? (-0.06, -0.08)
        // The lower foot stands on the ground.
        let drops = [near, far].map { -limbPoints(Point(0, 0), bones, $0).1.y }
        let hip = Point(0, max(drops[0], drops[1]) + 0.025 * h)
        let lean = isRunning ? 0.16 : phase == nil ? 0 : 0.04
        let shoulder = hip + Point(lean * h * 0.6, 0.325 * h)
        let swing = phase.map { (isRunning ? 0.9 : 0.5) * sin($0) } ?? 0.05
        let elbow = isRunning ? 1.5 : 0.25
        let arms = (0.17 * h, 0.16 * h)
        let sleeve = coat ? top * 0.9 : top * 0.92
        let legTone = skirt ? skin : bottom

        drawArm(brush, shoulder, arms, (swing, swing + elbow), sleeve * 0.75)
        drawLeg(brush, hip, bones, far, legTone * 0.72)
        drawLeg(brush, hip, bones, near, legTone)
        if let backpack {
            brush.roundedRectangle(shoulder.x - 0.22 * h, hip.y + 0.06 * h, 0.16 * h, 0.25 * h, 0.05)
            brush.fill(backpack)
        }
        let (back, front) = (0.075 * h * build, 0.08 * h * build)
        if skirt {
            brush.polygon([
                -back, hip.y + 0.08 * h, front, hip.y + 0.08 * h, front * 1.9, hip.y - 0.16 * h, -back * 2,
                hip.y - 0.16 * h,
            ])
            brush.fill(bottom)
        }
        let hem = hip.y - (coat ? 0.16 * h : 0.02 * h)
        brush.smooth([
            shoulder.x - back * 0.9, shoulder.y, shoulder.x, shoulder.y + 0.035 * h, shoulder.x + front * 0.75,
            shoulder.y - 0.01 * h, shoulder.x * 0.6 + front * 1.15, hip.y + 0.18 * h, front * (coat ? 1.3 : 1.0), hem,
            -back * (coat ? 1.25 : 1.05), hem, -back * 1.0, hip.y + 0.15 * h,
        ])
        brush.fill(top * 0.85, top, from: hip.y, to: shoulder.y)
        drawHead(brush, shoulder + Point(0.012 * h + lean * 0.12 * h, 0.105 * h))
        let raised = umbrella != nil
        let hand = drawArm(
            brush, shoulder, arms, raised ? (0.3, 2.3) : holdsLead ? (0.35, 0.9) : (-swing, -swing + elbow), sleeve)
        if let umbrella {
            drawUmbrella(brush, hand, umbrella)
        } else if let bag, !isRunning, !holdsLead {
            drawBag(brush, hand, bag)
        }
    }

    private func drawLeg(
        _ brush: Brush, _ hip: Point, _ bones: (Double, Double), _ angles: (Double, Double), _ tone: Tone
    ) {
        let foot = brush.limb(hip, bones, angles, legWidth, tone)
        let tilt = angles.1 * 0.6
        brush.line(
            foot + Point(-0.015 * height, -0.003), foot + Point(0.075 * height * cos(tilt), 0.075 * height * sin(tilt)))
        brush.stroke(shoes, 0.042 * height)
    }

    @discardableResult
    private func drawArm(
        _ brush: Brush, _ shoulder: Point, _ bones: (Double, Double), _ angles: (Double, Double), _ tone: Tone
    ) -> Point {
        let root = shoulder - Point(0, 0.025 * height)
        let hand = brush.limb(root, bones, angles, armWidth, tone)
        brush.circle(hand, armWidth * 0.55)
        brush.fill(skin)
        return hand
    }

    private func drawHead(_ brush: Brush, _ centre: Point) {
        let r = headRadius
        brush.line(centre, centre - Point(0.02, 1.3 * r))
        brush.stroke(skin * 0.85, r * 0.9)
        brush.ellipse(centre, r * 0.88, r * 1.08)
        brush.fill(skin)
        brush.circle(centre + Point(r * 0.85, -r * 0.1), r * 0.2)
        brush.fill(skin)
        if longHair {
            brush.smooth([
                centre.x - r * 0.2, centre.y + r * 1.1, centre.x - r * 1.05, centre.y + r * 0.3, centre.x - r * 1.15,
                centre.y - r * 1.7, centre.x - r * 0.3, centre.y - r * 1.4, centre.x + r * 0.1, centre.y + r * 0.3,
            ])
            brush.fill(hair)
        }
        brush.smooth([
            centre.x + r * 0.75, centre.y + r * 0.65, centre.x, centre.y + r * 1.2, centre.x - r * 1.0,
            centre.y + r * 0.4, centre.x - r * 0.85, centre.y - r * 0.5, centre.x - r * 0.3, centre.y + r * 0.2,
        ])
        brush.fill(hair)
        if let hat {
            brush.smooth([
                centre.x + r * 0.95, centre.y + r * 0.45, centre.x + r * 0.4, centre.y + r * 1.35, centre.x - r * 0.8,
                centre.y + r * 1.2, centre.x - r * 1.0, centre.y + r * 0.3,
            ])
            brush.fill(hat)
        }
    }

    func drawUmbrella(_ brush: Brush, _ hand: Point, _ tone: Tone) {
        let top = Point(hand.x * 0.3, max(hand.y, height) + 0.42)
        brush.line(hand, top)
        brush.stroke(.grey(0.2), 0.025)
        let (y, r) = (top.y - 0.32, 0.58)
        brush.smooth([
            top.x - r, y, top.x - r * 0.72, y + 0.2, top.x, y + 0.33, top.x + r * 0.72, y + 0.2, top.x + r, y,
            top.x + r * 0.4, y + 0.06, top.x, y + 0.02, top.x - r * 0.4, y + 0.06,
        ])
        brush.fill(tone * 0.7, tone, from: y, to: y + 0.3)
    }

    func drawBag(_ brush: Brush, _ hand: Point, _ tone: Tone) {
        brush.line(hand + Point(-0.06, -0.12), hand, hand + Point(0.06, -0.12))
        brush.stroke(tone * 0.6, 0.02)
        brush.roundedRectangle(hand.x - 0.15, hand.y - 0.36, 0.3, 0.26, 0.04)
        brush.fill(tone)
    }
}
