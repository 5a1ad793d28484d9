/// A van from the side: a panel van of one piece, or a cab with a box behind it.
struct Van: Figure {
    private let isBox: Bool
    private let scale: Double
    private let paint: Tone
    private let box: Tone
    private let sign: Tone
    private let signStyle: Int
    private let travelled: Double
    private let hasLamps: Bool

    init(_ dice: Dice, travelled: Double, hasLamps: Bool) {
        var dice = dice
        isBox = dice.chance(0.45)
        scale = dice.real(0.95, 1.06)
        paint = dice.chance(0.5) ? .grey(dice.real(0.82, 0.95)) : dice.carPaint()
        box = dice.chance(0.65) ? .grey(dice.real(0.8, 0.95)) : dice.cloth()
        sign = dice.carPaint()
        signStyle = dice.whole(0, 3)
        self.travelled = travelled
        self.hasLamps = hasLamps
    }

    var footing: (side: Double, deep: Double) { (2.8, 0.32) }

    var reach: (side: Double, top: Double) { (3.4, 3.4) }

    func draw(_ brush: Brush) {
        brush.scaled(scale) {
            brush.rectangle(-1.7, 0.22, 3.6, 0.3)
            brush.fill(.grey(0.05))
            if isBox { drawBox(brush) } else { drawPanel(brush) }
            for x in [-1.75, 1.75] { brush.wheel(Point(x, 0.36), 0.36, travelled / 0.36, arch: paint * 0.25) }
            brush.roundedRectangle(2.5, 0.78, 0.2, 0.22, 0.05)
            brush.fill(hasLamps ? Tone(1, 0.98, 0.85) : Tone(0.9, 0.93, 0.95), shines: hasLamps)
            brush.roundedRectangle(isBox ? -3.0 : -2.73, 0.7, 0.1, 0.3, 0.03)
            brush.fill(hasLamps ? Tone(1, 0.15, 0.1) : Tone(0.65, 0.05, 0.05), shines: hasLamps)
            if hasLamps { brush.lamplight(front: Point(2.7, 0.9), rear: Point(isBox ? -3 : -2.73, 0.85)) }
        }
    }

    private func drawPanel(_ brush: Brush) {
        brush.rounded(
            [-2.73, 0.33, 2.68, 0.33, 2.73, 0.85, 2.62, 1.12, 2.0, 1.32, 1.42, 2.35, 1.2, 2.45, -2.73, 2.45], 0.18)
        brush.fill(paint * 0.72, paint, from: 0.4, to: 2.0)
        pane(brush, [1.02, 1.35, 1.88, 1.35, 1.42, 2.15, 1.02, 2.15])
        for x in [0.92, -0.42, 2.0] {
            brush.line(Point(x, x > 1.5 ? 1.2 : 2.25), Point(x, 0.5))
            brush.stroke(paint * 0.5, 0.02, 0.9)
        }
        brush.line(Point(-2.55, 1.3), Point(-0.42, 1.3))
        brush.stroke(paint * 0.5, 0.025, 0.9)
        brush.line(Point(0.72, 1.2), Point(0.86, 1.2))
        brush.stroke(.grey(0.15), 0.05, 0.95)
        brush.line(Point(-2.65, 0.42), Point(2.6, 0.42))
        brush.stroke(.grey(0.12), 0.16)
        drawSign(brush, Point(-1.1, 1.65), 1.0)
    }

    private func drawBox(_ brush: Brush) {
        brush.rounded([1.0, 0.35, 2.68, 0.35, 2.73, 0.9, 2.62, 1.15, 2.2, 1.35, 1.75, 2.15, 1.0, 2.2], 0.14)
        brush.fill(paint * 0.72, paint, from: 0.4, to: 1.9)
        pane(brush, [1.2, 1.35, 2.05, 1.35, 1.68, 1.98, 1.2, 1.98])
        brush.line(Point(1.12, 2.05), Point(1.12, 0.5))
        brush.stroke(paint * 0.5, 0.02, 0.9)
        brush.rectangle(-2.95, 0.48, 4.0, 0.16)
        brush.fill(.grey(0.15))
        brush.roundedRectangle(-3.02, 0.62, 4.02, 2.2, 0.05)
        brush.fill(box * 0.8, box, from: 0.62, to: 2.4)
        brush.line(Point(-2.98, 2.75), Point(0.96, 2.75))
        brush.stroke(.grey(0.5), 0.07, 0.95)
        brush.line(Point(-2.98, 0.68), Point(0.96, 0.68))
        brush.stroke(.grey(0.45), 0.07, 0.95)
        drawSign(brush, Point(-1.0, 1.75), 1.5)
    }

    private func pane(_ brush: Brush, _ values: [Double]) {
        brush.rounded(values, 0.08)
        brush.fill(Tone(0.12, 0.15, 0.18), Tone(0.36, 0.42, 0.48), from: 1.35, to: 2.15)
        brush.polygon([1.4, 1.4, 1.5, 1.4, 1.62, 1.9, 1.5, 1.9])
        brush.fill(.white, 0.25)
    }

    private func drawSign(_ brush: Brush, _ centre: Point, _ size: Double) {
        switch signStyle {
        case 1:
            brush.ellipse(centre, 0.5 * size, 0.3 * size)
            brush.fill(sign)
        case 2:
            brush.rectangle(centre.x - 1.4, centre.y - 0.12, 2.8, 0.24)
            brush.fill(sign)
            brush.rectangle(centre.x - 0.6, centre.y - 0.42, 1.2, 0.14)
            brush.fill(sign * 0.7)
        case 3:
            brush.circle(centre - Point(0.7, 0), 0.26 * size)
            brush.fill(sign)
            brush.rectangle(centre.x - 0.2, centre.y - 0.02, 1.1, 0.16)
            brush.rectangle(centre.x - 0.2, centre.y - 0.26, 0.8, 0.12)
            brush.fill(sign * 0.8)
        default: break
        }
    }
}
