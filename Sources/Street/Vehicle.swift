/// What cars and vans have in common.
extension Brush {
    func wheel(_ centre: Point, _ radius: Double, _ turn: Double, arch: Tone) {
        halfDisc(centre, radius + 0.07)
        fill(arch)
        circle(centre, radius)
        fill(.grey(0.07))
        circle(centre, radius * 0.62)
        fill(.grey(0.6))
        guard !isSilhouette else { return }
        turned(at: centre, by: -turn) {
            for spoke in 0..<5 {
                turned(at: Point(0, 0), by: Double(spoke) * 0.4 * .pi) {
                    ellipse(Point(radius * 0.38, 0), radius * 0.14, radius * 0.09)
                }
            }
        }
        fill(.grey(0.2))
        circle(centre, radius * 0.12)
        fill(.grey(0.3))
    }

    /// Lit lamps, and the front ones' light ahead.
    func lamplight(front: Point, rear: Point) {
        glow(front, 0.7, Tone(1, 0.95, 0.75), 0.85)
        glow(rear, 0.4, Tone(1, 0.12, 0.08), 0.8)
        glow(front + Point(1.2, -0.45), 1.3, Tone(1, 0.95, 0.75), 0.22)
    }
}
