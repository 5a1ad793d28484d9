import Foundation

/// What stands in the street for good and hides what passes behind it. No class of its own.
struct Furniture: Figure {
    enum Sort: CaseIterable {
        case lampPost, tree, bollard, bin, bench, hedge, shelter, sign, hydrant
    }

    let sort: Sort
    private let tone: Tone
    private let size: Double
    private let isLit: Bool

    init(_ sort: Sort, _ dice: Dice, isLit: Bool) {
        var dice = dice
        self.sort = sort
        size = dice.real(0.85, 1.2)
        tone = .hue(dice.real(0, 1), dice.real(0.4, 0.9), dice.real(0.3, 0.8))
        self.isLit = isLit
    }

    var footing: (side: Double, deep: Double) {
        switch sort {
        case .lampPost, .bollard, .sign, .hydrant: (0.2, 0.07)
        case .tree, .bin: (0.4, 0.12)
        case .bench: (1.1, 0.15)
        case .hedge, .shelter: (2, 0.2)
        }
    }

    var reach: (side: Double, top: Double) {
        switch sort {
        case .lampPost: (1.6, 6.8)
        case .tree: (2.8, 8)
        case .bollard, .hydrant: (0.4, 1.3)
        case .bin: (0.6, 1.5)
        case .bench: (1.3, 1.2)
        case .hedge: (2.2, 1.3)
        case .shelter: (2.2, 3)
        case .sign: (0.6, 3.2)
        }
    }

    func draw(_ brush: Brush) {
        switch sort {
        case .lampPost: drawLampPost(brush)
        case .tree: drawTree(brush)
        case .bollard:
            brush.roundedRectangle(-0.09, 0, 0.18, 0.95, 0.08)
            brush.fill(.grey(0.2))
            brush.rectangle(-0.09, 0.7, 0.18, 0.1)
            brush.fill(.grey(0.85))
        case .bin:
            brush.rounded([-0.26, 0, 0.26, 0, 0.31, 0.95, -0.31, 0.95], 0.06)
            brush.fill(tone * 0.5, tone * 0.8, from: 0, to: 1)
            brush.roundedRectangle(-0.34, 0.93, 0.68, 0.12, 0.05)
            brush.fill(.grey(0.2))
        case .bench:
            for x in [-0.85, 0.78] {
                brush.rectangle(x, 0, 0.07, 0.85)
                brush.fill(.grey(0.15))
            }
            for y in [0.4, 0.56, 0.7] {
                brush.rectangle(-1, y, 2, 0.1)
                brush.fill(Tone(0.45, 0.29, 0.16))
            }
        case .hedge: drawHedge(brush)
        case .shelter: drawShelter(brush)
        case .sign:
            brush.rectangle(-0.03, 0, 0.06, 2.3)
            brush.fill(.grey(0.5))
            brush.circle(Point(0, 2.5), 0.32)
            brush.fill(.grey(0.92))
            brush.circle(Point(0, 2.5), 0.28)
            brush.stroke(Tone(0.8, 0.08, 0.08), 0.07)
        case .hydrant:
            brush.roundedRectangle(-0.13, 0, 0.26, 0.62, 0.05)
            brush.fill(Tone(0.75, 0.1, 0.08))
            brush.circle(Point(0, 0.62), 0.14)
            brush.rectangle(-0.2, 0.36, 0.4, 0.12)
            brush.fill(Tone(0.65, 0.08, 0.06))
        }
    }

    private func drawLampPost(_ brush: Brush) {
        brush.rectangle(-0.06, 0, 0.12, 5.8)
        brush.rectangle(-0.1, 0, 0.2, 0.9)
        brush.fill(.grey(0.22))
        brush.line(Point(0, 5.75), Point(0.25, 6.1), Point(0.9, 6.2))
        brush.stroke(.grey(0.22), 0.09)
        brush.roundedRectangle(0.75, 6.1, 0.6, 0.14, 0.05)
        brush.fill(isLit ? Tone(1, 0.9, 0.65) : .grey(0.6), shines: isLit)
        if isLit { brush.glow(Point(1.05, 6.1), 1.5, Tone(1, 0.85, 0.55), 0.6) }
    }

    private func drawTree(_ brush: Brush) {
        let w = 0.17 * size
        brush.polygon([-w * 1.5, 0, w * 1.5, 0, w, 0.5, w * 0.8, 4.4, -w * 0.8, 4.4, -w, 0.5])
        brush.fill(Tone(0.33, 0.24, 0.17), Tone(0.24, 0.18, 0.13), from: 0, to: 3.4)
        leaves(brush, Point(0, 5.6), width: 2.0, height: 1.7, count: 110, seed: 3)
    }

    private func drawHedge(_ brush: Brush) {
        brush.roundedRectangle(-1.9, 0, 3.8, 0.95, 0.25)
        brush.fill(Tone(0.1, 0.22, 0.09), Tone(0.2, 0.36, 0.14), from: 0, to: 0.9)
        leaves(brush, Point(0, 0.6), width: 1.9, height: 0.35, count: 60, seed: 5)
    }

    /// Clusters of leaves, the lower ones darker. All of one figure look alike, so the numbers come from its place.
    private func leaves(_ brush: Brush, _ centre: Point, width: Double, height: Double, count: Int, seed: UInt64) {
        var dice = Dice(seed, Int(size * 1000))
        for index in 0..<count {
            let turn = dice.real(0, 2 * .pi)
            let far = dice.real(0, 1).squareRoot()
            let place = centre + Point(width * far * cos(turn), height * far * sin(turn))
            let lightness = 0.6 + 0.3 * sin(turn) * far + 0.25 * Double(index) / Double(count)
            brush.circle(place, min(height, width) * dice.real(0.12, 0.28))
            brush.fill(Tone(0.22, 0.38, 0.14).mixed(Tone(0.4, 0.36, 0.12), dice.real(0, 0.4)) * lightness)
        }
    }

    private func drawShelter(_ brush: Brush) {
        for x in [-1.9, -0.65, 1.82] {
            brush.rectangle(x, 0, 0.08, 2.4)
            brush.fill(.grey(0.25))
        }
        brush.rectangle(-1.85, 0.5, 1.25, 1.75)
        brush.fill(isLit ? Tone(0.95, 0.9, 0.75) : tone, shines: isLit)
        brush.circle(Point(-1.22, 1.5), 0.35)
        brush.fill(.white, 0.6)
        brush.rectangle(-1.7, 0.75, 0.95, 0.2)
        brush.fill(.grey(0.2), 0.7)
        brush.roundedRectangle(-2.1, 2.35, 4.2, 0.2, 0.08)
        brush.fill(.grey(0.3))
        brush.rectangle(-0.5, 0.45, 2.2, 0.08)
        brush.fill(.grey(0.35))
    }
}
