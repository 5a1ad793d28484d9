/// A passenger car from the side.
struct Car: Figure {
    private enum Shape: CaseIterable { case hatchback, saloon, estate, offRoad, pickup }

    private let shape: Shape
    private let scale: Double
    private let paint: Tone
    private let isTaxi: Bool
    private let travelled: Double
    private let hasLamps: Bool
    private let isParked: Bool

    init(_ dice: Dice, travelled: Double, hasLamps: Bool, isParked: Bool) {
        var dice = dice
        shape = dice.pick(Shape.allCases)
        scale = dice.real(0.95, 1.06)
        paint = dice.carPaint()
        isTaxi = dice.chance(0.08)
        self.travelled = travelled
        self.hasLamps = hasLamps && !isParked
        self.isParked = isParked
    }

    var footing: (side: Double, deep: Double) { (2.2, 0.3) }

    var reach: (side: Double, top: Double) { (2.8, 2.2) }

    func draw(_ brush: Brush) {
        let s = scale
        // Half the length; heights of the bonnet, the belt line and the roof; the cabin's corners from rear to front.
        let form: (half: Double, bonnet: Double, belt: Double, roof: Double, cabin: [Double], tail: Double)
        switch shape {
        case .hatchback: form = (1.95, 0.92, 0.95, 1.48, [-1.86, -1.45, 0.35, 1.05], 0.95)
        case .saloon: form = (2.3, 0.9, 0.95, 1.43, [-1.6, -0.85, 0.4, 1.1], 0.98)
        case .estate: form = (2.3, 0.9, 0.95, 1.47, [-2.2, -1.8, 0.45, 1.15], 0.96)
        case .offRoad: form = (2.2, 1.08, 1.1, 1.72, [-2.1, -1.75, 0.45, 1.05], 1.1)
        case .pickup: form = (2.45, 1.06, 1.08, 1.72, [-0.75, -0.6, 0.6, 1.2], 1.08)
        }
        brush.scaled(s) {
            let wheel = form.roof > 1.6 ? 0.37 : 0.315
            let axles = [-form.half * 0.62, form.half * 0.64]
            let sill = form.roof > 1.6 ? 0.38 : 0.27
            let c = form.cabin
            let h = form.half
            // Beneath, so that no light shows between the wheels.
            brush.rectangle(axles[0], wheel * 0.6, axles[1] - axles[0], 0.3)
            brush.fill(.grey(0.05))
            brush.rounded(
                [
                    -h, sill, h * 0.99, sill, h, form.bonnet * 0.72, h * 0.93, form.bonnet * 0.93, c[3],
                    form.belt + 0.03,
                    c[2], form.roof, c[1], form.roof, c[0], form.tail, -h * 0.99, form.tail * 0.96,
                ], 0.22)
            brush.fill(paint * 0.6, paint.mixed(.white, 0.12), from: sill, to: form.belt)
            glass(brush, c, belt: form.belt, roof: form.roof)
            brush.line(Point(-h * 0.97, sill + 0.04), Point(h * 0.97, sill + 0.04))
            brush.stroke(.grey(0.1), 0.09)
            brush.line(Point(-h * 0.9, form.belt * 0.78), Point(h * 0.88, form.bonnet * 0.8))
            brush.stroke(.white, 0.022, 0.35)
            for x in [(c[1] + c[2]) / 2 - 0.05, c[2] * 0.5 + c[3] * 0.5 + 0.06] {
                brush.line(Point(x, form.belt), Point(x - 0.04, sill + 0.1))
                brush.stroke(paint * 0.4, 0.018, 0.9)
                brush.line(Point(x - 0.34, form.belt - 0.1), Point(x - 0.2, form.belt - 0.1))
                brush.stroke(.grey(0.75), 0.03, 0.9)
            }
            for axle in axles { brush.wheel(Point(axle, wheel), wheel, travelled / wheel, arch: paint * 0.25) }
            if isTaxi {
                brush.roundedRectangle((c[1] + c[2]) / 2 - 0.25, form.roof - 0.03, 0.5, 0.18, 0.05)
                brush.fill(Tone(1, 0.85, 0.2), shines: hasLamps)
            }
            brush.roundedRectangle(h * 0.84, form.bonnet * 0.66, h * 0.13, 0.13, 0.05)
            brush.fill(hasLamps ? Tone(1, 0.98, 0.85) : Tone(0.9, 0.93, 0.95), shines: hasLamps)
            brush.roundedRectangle(-h * 0.985, form.tail * 0.72, 0.13, 0.16, 0.04)
            brush.fill(hasLamps ? Tone(1, 0.15, 0.1) : Tone(0.65, 0.05, 0.05), shines: hasLamps)
            if hasLamps { brush.lamplight(front: Point(h, form.bonnet * 0.72), rear: Point(-h, form.tail * 0.8)) }
        }
    }

    private func glass(_ brush: Brush, _ c: [Double], belt: Double, roof: Double) {
        let top = roof - 0.09
        let pillar = (c[1] + c[2]) / 2
        let dark = isParked ? Tone(0.16, 0.19, 0.22) : Tone(0.12, 0.15, 0.18)
        // The side's panes lean with the roof's pillars.
        let rise = (top - belt) / (roof - belt)
        let rearTop = c[0] + (c[1] - c[0]) * rise + 0.16
        let frontTop = c[3] + (c[2] - c[3]) * rise - 0.1
        for pane in [
            [c[0] + 0.3, belt, pillar - 0.04, belt, pillar - 0.04, top, max(rearTop, c[1] + 0.02), top],
            [pillar + 0.04, belt, c[3] - 0.16, belt, min(frontTop, c[2] + 0.02), top, pillar + 0.04, top],
        ] {
            brush.rounded(pane, 0.07)
            brush.fill(dark, dark.mixed(Tone(0.6, 0.7, 0.8), 0.45), from: belt, to: top)
        }
        let shift = 0.25 * (top - belt) / 0.4
        for x in [pillar + 0.22, pillar - 0.42] {
            brush.polygon([x, belt + 0.02, x + 0.1, belt + 0.02, x + 0.1 + shift, top - 0.02, x + shift, top - 0.02])
            brush.fill(.white, 0.22)
        }
    }
}
