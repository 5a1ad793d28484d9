/// The row of house fronts, shops and gardens behind the street.
struct Houses {
    let view: View
    let light: Light
    let seed: UInt64

    func draw(_ brush: Brush) {
        var dice = Dice(seed, 11)
        let half = view.halfWidth(view.depth) + 6
        let scale = view.scale(view.depth)
        brush.inMetres(at: view.point(0, view.depth), scale: scale) {
            brush.roundedRectangle(-half, 0, 2 * half, 3.4, 0.2)
            brush.fill(Tone(0.2, 0.32, 0.16), Tone(0.3, 0.42, 0.22), from: 0, to: 3)
            var x = -half
            while x < half {
                let width = dice.real(6, 10.5)
                switch dice.whole(0, 9) {
                case 0, 1: drawGarden(brush, x, width, &dice)
                default: drawHouse(brush, x, width, &dice)
                }
                x += width
            }
        }
    }

    private func drawGarden(_ brush: Brush, _ x: Double, _ width: Double, _ dice: inout Dice) {
        for _ in 0..<46 {
            let centre = Point(x + dice.real(0, width), dice.real(1.2, 5.2))
            brush.circle(centre, dice.real(0.4, 0.95))
            brush.fill(Tone(0.2, 0.36, 0.14).mixed(Tone(0.34, 0.42, 0.16), dice.real(0, 1)) * dice.real(0.7, 1.15))
        }
        brush.rectangle(x, 0, width, 1.15)
        brush.fill(Tone(0.42, 0.33, 0.27), Tone(0.56, 0.44, 0.36), from: 0, to: 1.1)
        brush.rectangle(x, 1.1, width, 0.14)
        brush.fill(.grey(0.62))
    }

    private func drawHouse(_ brush: Brush, _ x: Double, _ width: Double, _ dice: inout Dice) {
        let walls = [
            Tone(0.62, 0.36, 0.28), Tone(0.72, 0.50, 0.38), Tone(0.86, 0.80, 0.68), Tone(0.78, 0.78, 0.76),
            Tone(0.66, 0.70, 0.74), Tone(0.88, 0.72, 0.52), Tone(0.60, 0.66, 0.58), Tone(0.90, 0.86, 0.82),
            Tone(0.50, 0.34, 0.30),
        ]
        let wall = dice.pick(walls) * dice.real(0.85, 1.05)
        let floors = dice.whole(2, 4)
        let storey = dice.real(2.9, 3.3)
        let height = Double(floors) * storey + 0.6
        brush.rectangle(x, 0, width, height)
        brush.fill(wall * 0.84, wall, from: 0, to: height)
        drawBricks(brush, x, width, height, wall, &dice)
        brush.rectangle(x, height - 0.25, width, 0.3)
        brush.fill(wall * 0.7)
        brush.rectangle(x, 0, width, 0.45)
        brush.fill(wall * 0.62)
        let isShop = dice.chance(0.5)
        if isShop { drawShop(brush, x, width, storey, &dice) } else { drawGroundFloor(brush, x, width, &dice) }
        let columns = max(2, Int(width / 2.4))
        let trim = dice.chance(0.6) ? Tone.grey(0.93) : wall * 0.6
        let windowHeight = dice.real(1.3, 1.7)
        for floor in 1..<floors {
            for column in 0..<columns {
                let middle = x + width * (Double(column) + 0.5) / Double(columns)
                drawWindow(brush, middle - 0.5, Double(floor) * storey + 0.85, 1, windowHeight, trim, &dice)
            }
        }
    }

    private func drawBricks(
        _ brush: Brush, _ x: Double, _ width: Double, _ height: Double, _ wall: Tone, _ dice: inout Dice
    ) {
        guard dice.chance(0.6) else { return }
        var y = 0.5
        while y < height {
            brush.rectangle(x, y, width, 0.02)
            y += 0.28
        }
        brush.fill(wall * 0.7, 0.5)
        for _ in 0..<60 {
            brush.rectangle(x + dice.real(0, width - 0.5), 0.5 + 0.28 * Double(dice.whole(0, 40)), 0.5, 0.26)
            if dice.chance(0.5) { brush.fill(wall * 0.75, 0.3) } else { brush.fill(wall * 1.1, 0.3) }
        }
    }

    private func drawWindow(
        _ brush: Brush, _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ trim: Tone, _ dice: inout Dice
    ) {
        brush.rectangle(x - 0.1, y - 0.1, width + 0.2, height + 0.2)
        brush.fill(trim)
        let isLit = dice.chance(light.isDusk ? 0.45 : 0.03)
        let shade = dice.real(0.7, 1.1)
        brush.rectangle(x, y, width, height)
        if isLit {
            brush.fill(Tone(1, 0.78, 0.42) * shade, Tone(1, 0.88, 0.6) * shade, from: y, to: y + height, shines: true)
        } else {
            brush.fill(Tone(0.16, 0.2, 0.25) * shade, Tone(0.42, 0.5, 0.58) * shade, from: y, to: y + height)
        }
        if dice.chance(0.4) {
            let fall = dice.real(0.2, 0.6) * height
            brush.rectangle(x, y + height - fall, width, fall)
            brush.fill(.grey(0.85), 0.75)
        }
        brush.rectangle(x + width / 2 - 0.03, y, 0.06, height)
        brush.rectangle(x, y + height * 0.55, width, 0.06)
        brush.fill(trim * 0.95)
        brush.rectangle(x - 0.18, y - 0.2, width + 0.36, 0.12)
        brush.fill(trim * 0.85)
    }

    private func drawDoor(_ brush: Brush, _ x: Double, _ dice: inout Dice) {
        brush.rectangle(x - 0.1, 0, 1.2, 2.35)
        brush.fill(.grey(0.85))
        let tone = Tone.hue(dice.real(0, 1), 0.6, dice.real(0.2, 0.6))
        brush.rectangle(x, 0.05, 1, 2.2)
        brush.fill(tone)
        for row in 0..<2 {
            for column in 0..<2 {
                brush.rectangle(x + 0.12 + Double(column) * 0.42, 0.25 + Double(row) * 1.0, 0.34, 0.8)
                brush.fill(tone * 0.8)
            }
        }
    }

    private func drawGroundFloor(_ brush: Brush, _ x: Double, _ width: Double, _ dice: inout Dice) {
        drawDoor(brush, x + width * 0.12, &dice)
        let count = max(1, Int((width * 0.88 - 1.6) / 2.1))
        for index in 0..<count {
            drawWindow(brush, x + width * 0.12 + 1.7 + Double(index) * 2.1, 0.95, 1.3, 1.35, .grey(0.9), &dice)
        }
    }

    private func drawShop(_ brush: Brush, _ x: Double, _ width: Double, _ storey: Double, _ dice: inout Dice) {
        let tone = dice.carPaint()
        brush.rectangle(x + 0.2, 0, width - 0.4, storey - 0.1)
        brush.fill(tone * 0.7)
        let lit = light.isDusk && dice.chance(0.75)
        let panes = max(2, Int(width / 2.3))
        let door = dice.whole(0, panes - 1)
        for pane in 0..<panes {
            let (left, wide) = (
                x + 0.35 + (width - 0.7) * Double(pane) / Double(panes), (width - 0.7) / Double(panes) - 0.14
            )
            let bottom = pane == door ? 0.05 : 0.55
            brush.rectangle(left, bottom, wide, 2.25 - bottom)
            if lit {
                brush.fill(Tone(0.95, 0.78, 0.5), Tone(1, 0.93, 0.75), from: bottom, to: 2.2, shines: true)
            } else {
                brush.fill(Tone(0.2, 0.23, 0.27), Tone(0.45, 0.52, 0.58), from: bottom, to: 2.2)
            }
            if pane != door {
                for _ in 0..<3 {
                    let w = dice.real(0.2, 0.5)
                    brush.rectangle(left + dice.real(0, max(0.01, wide - w)), bottom, w, dice.real(0.25, 0.9))
                    brush.fill(dice.cloth(), 0.75)
                }
                brush.polygon([left + 0.2, bottom, left + 0.45, bottom, left + 0.95, 2.2, left + 0.7, 2.2])
                brush.fill(.white, 0.1)
            }
        }
        brush.rectangle(x + 0.2, 2.35, width - 0.4, 0.55)
        brush.fill(tone)
        brush.roundedRectangle(x + width * 0.25, 2.45, width * 0.5, 0.35, 0.1)
        brush.fill(.grey(0.95), 0.9, shines: lit)
        var mark = x + width * 0.28
        while mark < x + width * 0.72 {
            let w = dice.real(0.1, 0.3)
            brush.rectangle(mark, 2.54, w, 0.17)
            mark += w + 0.1
        }
        brush.fill(tone * 0.6)
        guard dice.chance(0.6) else { return }
        let stripes = Int(width / 0.6)
        for index in 0..<stripes {
            let left = x + 0.2 + (width - 0.4) * Double(index) / Double(stripes)
            let right = x + 0.2 + (width - 0.4) * Double(index + 1) / Double(stripes)
            let stripe = index.isMultiple(of: 2) ? tone : .grey(0.93)
            brush.circle(Point((left + right) / 2, 2.0), (right - left) / 2)
            brush.fill(stripe * 0.9)
            brush.polygon([left + 0.03, 2.5, right + 0.03, 2.5, right, 2.0, left, 2.0])
            brush.fill(stripe)
        }
    }
}
