import Foundation

/// The wind in the camera's mast: a small smooth movement, in parts of the picture's height.
struct Shake {
    static let most = 0.006

    private var waves: [(turns: Double, phase: Double, size: Point)] = []

    init(_ dice: Dice) {
        var dice = dice
        let strength = dice.chance(0.25) ? 0 : dice.real(0.1, 1) * Self.most
        for turns in [0.31, 0.83, 1.9, 4.3] {
            // Together at most the strength.
            let size = strength * 0.5 / (1 + turns) * 0.75
            waves.append(
                (
                    turns * dice.real(0.8, 1.25), dice.real(0, 2 * .pi),
                    Point(size * dice.real(-1, 1), size * dice.real(-1, 1))
                ))
        }
    }

    func offset(at time: Double) -> Point {
        waves.reduce(Point(0, 0)) { $0 + $1.size * sin(2 * .pi * $1.turns * time + $1.phase) }
    }
}
