import Foundation

/// A walker who comes nearer or goes away.
extension Walker {
    func drawFront(_ brush: Brush, isFacing: Bool) {
        let h = height
        let wide = 0.115 * h * build
        let step = phase.map { sin($0) } ?? 0
        let hip = 0.49 * h + (phase == nil ? 0 : 0.008 * h * cos(2 * (phase ?? 0)))
        let shoulder = hip + 0.325 * h
        let legTone = skirt ? skin : bottom
        for side in [-1.0, 1.0] {
            let lift = max(0, step * side) * 0.07 * h
            let x = side * wide * 0.52
            brush.line(Point(x, hip), Point(x * 1.02, 0.25 * h + lift * 1.1), Point(x, 0.035 * h + lift))
            brush.stroke(legTone * (lift > 0 ? 0.8 : 1), legWidth)
            brush.line(Point(x - 0.008 * h, 0.02 * h + lift), Point(x + side * 0.018 * h, 0.018 * h + lift))
            brush.stroke(shoes, 0.045 * h)
        }
        let arms = (0.17 * h, 0.16 * h)
        var hands: [Point] = []
        for side in [-1.0, 1.0] {
            let root = Point(side * wide * 1.02, shoulder - 0.03 * h)
            let raised = umbrella != nil && side > 0
            let swing = 0.04 * step * side
            let angles = raised ? (0.35, 2.7) : (side * 0.16 + swing, side * 0.05 + swing)
            let shortened = (arms.0, arms.1 * (1 - 0.2 * max(0, -step * side)))
            let hand = brush.limb(root, shortened, angles, armWidth, top * 0.85)
            brush.circle(hand, armWidth * 0.55)
            brush.fill(skin)
            hands.append(hand)
        }
        if skirt {
            brush.polygon([
                -wide * 0.8, hip + 0.08 * h, wide * 0.8, hip + 0.08 * h, wide * 1.3, hip - 0.16 * h, -wide * 1.3,
                hip - 0.16 * h,
            ])
            brush.fill(bottom)
        }
        let hem = hip - (coat ? 0.16 * h : 0.025 * h)
        brush.rounded(
            [
                -wide * 1.12, shoulder, -wide * 0.4, shoulder + 0.04 * h, wide * 0.4, shoulder + 0.04 * h, wide * 1.12,
                shoulder, wide * 0.92, hip + 0.1 * h, wide * (coat ? 1.1 : 0.95), hem, -wide * (coat ? 1.1 : 0.95), hem,
                -wide * 0.92, hip + 0.1 * h,
            ], 0.05)
        brush.fill(top * 0.85, top, from: hip, to: shoulder)
        if let backpack, !isFacing {
            brush.roundedRectangle(-wide * 0.75, hip + 0.05 * h, wide * 1.5, 0.25 * h, 0.06)
            brush.fill(backpack)
        }
        drawFrontHead(brush, Point(0, shoulder + 0.105 * h), isFacing: isFacing)
        if let umbrella { drawUmbrella(brush, hands[1], umbrella) } else if let bag { drawBag(brush, hands[0], bag) }
    }

    private func drawFrontHead(_ brush: Brush, _ centre: Point, isFacing: Bool) {
        let r = headRadius
        brush.line(centre, centre - Point(0, 1.3 * r))
        brush.stroke(skin * 0.85, r * 0.9)
        if longHair {
            brush.roundedRectangle(centre.x - r * 1.0, centre.y - r * 1.6, r * 2.0, r * 2.2, r * 0.6)
            brush.fill(hair)
        }
        brush.ellipse(centre, r * 0.86, r * 1.08)
        brush.fill(isFacing ? skin : hair)
        if isFacing {
            brush.smooth([
                centre.x - r * 0.9, centre.y + r * 0.2, centre.x - r * 0.6, centre.y + r * 1.0, centre.x,
                centre.y + r * 1.2, centre.x + r * 0.6, centre.y + r * 1.0, centre.x + r * 0.9, centre.y + r * 0.2,
                centre.x, centre.y + r * 0.6,
            ])
            brush.fill(hair)
            for side in [-0.33, 0.33] {
                brush.circle(centre + Point(side * r, 0), r * 0.11)
                brush.fill(.grey(0.15))
            }
        }
        if let hat {
            brush.smooth([
                centre.x - r, centre.y + r * 0.35, centre.x - r * 0.7, centre.y + r * 1.25, centre.x + r * 0.7,
                centre.y + r * 1.25, centre.x + r, centre.y + r * 0.35,
            ])
            brush.fill(hat)
        }
    }
}
