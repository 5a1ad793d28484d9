/// Everything that neither moves nor hides anybody: sky, house fronts and ground.
struct Backdrop {
    let place: Place
    let seed: UInt64

    private var view: View { place.view }
    private var light: Light { place.light }

    /// Draws in parts of the picture's height, x from its middle.
    func draw(_ brush: Brush) {
        drawSky(brush)
        Houses(view: view, light: light, seed: seed).draw(brush)
        drawGround(brush)
    }

    private func drawSky(_ brush: Brush) {
        let horizon = view.ground(view.depth)
        brush.rectangle(-1.2, -0.3, 2.4, horizon + 0.35)
        brush.fill(light.sky.bottom, light.sky.top, from: horizon, to: -0.1, shines: true)
        var dice = Dice(seed, 10)
        for _ in 0..<14 {
            let centre = Point(dice.real(-1, 1), dice.real(-0.1, horizon * 0.7))
            brush.ellipse(centre, dice.real(0.05, 0.2), dice.real(0.01, 0.03))
            brush.fill(.white, light.isDusk ? 0.06 : 0.3, shines: true)
        }
    }

    private func quad(_ brush: Brush, _ left: Double, _ right: Double, _ from: Double, _ to: Double) {
        let corners = [view.point(left, from), view.point(right, from), view.point(right, to), view.point(left, to)]
        brush.polygon(corners.flatMap { [$0.x, $0.y] })
    }

    private func strip(_ brush: Brush, _ from: Double, _ to: Double) {
        brush.rectangle(-1.2, view.ground(to), 2.4, view.ground(from) - view.ground(to) + 0.001)
    }

    private func drawGround(_ brush: Brush) {
        var dice = Dice(seed, 12)
        let asphalt = Tone.grey(dice.real(0.36, 0.54)).mixed(Tone(0.42, 0.44, 0.48), 0.5)
        let paving = dice.pick([
            Tone(0.74, 0.72, 0.68), Tone(0.80, 0.73, 0.63), Tone(0.68, 0.69, 0.72), Tone(0.76, 0.64, 0.57),
        ])
        let cycle = dice.chance(0.5) ? Tone(0.62, 0.38, 0.33) : asphalt * 1.12
        // Whatever lies nearer than the near pavement's edge is pavement too.
        brush.rectangle(-1.2, view.ground(view.depth), 2.4, 1.5)
        brush.fill(paving)
        for band in place.bands {
            strip(brush, band.from, band.to)
            switch band.use {
            case .pavement: brush.fill(paving * 0.92, paving, from: view.ground(band.to), to: view.ground(band.from))
            case .cycleWay: brush.fill(cycle)
            case .road, .parking: brush.fill(asphalt)
            }
        }
        drawPaving(brush, place.bands[0].from - 4, place.nearKerb, paving)
        drawPaving(brush, place.farKerb, view.depth, paving)
        for (edge, side) in [(place.nearKerb, -1.0), (place.farKerb, 1.0)] {
            strip(brush, edge - 0.14, edge + 0.14)
            brush.fill(paving.mixed(.white, 0.25))
            strip(brush, side < 0 ? edge + 0.14 : edge - 0.22, side < 0 ? edge + 0.22 : edge - 0.14)
            brush.fill(.grey(0.1), 0.5)
        }
        drawGrain(brush, &dice)
        drawMarkings(brush)
        if light.isDusk {
            for fixture in place.fixtures where fixture.furniture.sort == .lampPost {
                let scale = view.scale(fixture.depth)
                brush.pool(view.point(fixture.x + 1, fixture.depth), 3.6 * scale, Tone(1, 0.8, 0.5), 0.55)
            }
        }
        if light.isRaining { drawWetness(brush, &dice) }
        strip(brush, view.depth - 0.35, view.depth)
        brush.fill(.grey(0.05), 0.35)
    }

    private func drawPaving(_ brush: Brush, _ from: Double, _ to: Double, _ tone: Tone) {
        let half = view.halfWidth(to) + 2
        var x = -half
        while x < half {
            brush.line(view.point(x, max(from, -0.5)), view.point(x, to))
            brush.stroke(tone * 0.72, 0.0016, 0.6)
            x += 1.1
        }
        var depth = from
        while depth < to {
            strip(brush, depth, depth + 0.035)
            brush.fill(tone * 0.72, 0.6)
            depth += 0.75
        }
    }

    /// Stains, patches and specks.
    private func drawGrain(_ brush: Brush, _ dice: inout Dice) {
        for index in 0..<2200 {
            let depth = dice.real(-0.6, view.depth)
            let half = view.halfWidth(depth) + 1
            let centre = view.point(dice.real(-half, half), depth)
            let size = view.scale(depth) * (index < 40 ? dice.real(0.3, 1.2) : dice.real(0.01, 0.055))
            brush.ellipse(centre, size, size * 0.3)
            brush.fill(dice.chance(0.5) ? .grey(0.1) : .grey(0.85), index < 40 ? 0.05 : 0.16)
        }
        for band in place.bands where band.use == .road {
            let half = view.halfWidth(band.to)
            let left = dice.real(-half, half)
            quad(brush, left, left + dice.real(2, 5), band.from + 0.4, band.to - 0.6)
            brush.fill(.grey(0.12), 0.25)
            let cover = view.point(dice.real(-half, half), (band.from + band.to) / 2)
            let size = view.scale((band.from + band.to) / 2) * 0.36
            brush.ellipse(cover, size, size * 0.42)
            brush.fill(.grey(0.2))
            brush.ellipse(cover, size * 0.8, size * 0.32)
            brush.stroke(.grey(0.33), 0.0015)
        }
    }

    private func drawMarkings(_ brush: Brush) {
        let paint = Tone.grey(0.88)
        for (band, next) in zip(place.bands, place.bands.dropFirst())
        where band.use != .pavement && next.use != .pavement {
            let isSolid = band.use != next.use
            let half = view.halfWidth(band.to) + 4
            guard !isSolid else {
                strip(brush, band.to - 0.05, band.to + 0.05)
                brush.fill(paint, 0.8)
                continue
            }
            var x = -half
            while x < half {
                quad(brush, x, x + 2, band.to - 0.06, band.to + 0.06)
                x += 4.2
            }
            brush.fill(paint, 0.85)
        }
        guard let crossing = place.crossing else { return }
        var depth = place.nearKerb + 0.45
        while depth + 0.5 < place.farKerb {
            quad(brush, crossing.x - 1.7, crossing.x + 1.7, depth, depth + 0.5)
            depth += 1
        }
        brush.fill(paint, 0.9)
    }

    private func drawWetness(_ brush: Brush, _ dice: inout Dice) {
        let (top, bottom) = (view.ground(view.depth), 1.1)
        brush.rectangle(-1.2, top, 2.4, bottom - top)
        brush.fill(.grey(0.02), 0.22)
        for _ in 0..<46 {
            let depth = dice.real(0, view.depth)
            let centre = view.point(dice.real(-1, 1) * view.halfWidth(depth), depth)
            let size = view.scale(depth) * dice.real(0.2, 1.0)
            brush.ellipse(centre, size, size * 0.14)
            brush.ellipse(centre + Point(size * 0.5, size * 0.09), size * 0.7, size * 0.1)
            brush.fill(light.sky.bottom, 0.17, shines: true)
        }
        for _ in 0..<26 {
            let x = dice.real(-1, 1)
            let long = dice.real(0.08, 0.3)
            let tone = light.isDusk ? Tone(1, 0.8, 0.45) : light.sky.bottom
            for part in 0..<4 {
                brush.rectangle(x - 0.012, top + 0.01, 0.024, long * (1 - Double(part) * 0.2))
                brush.fill(tone, 0.035, shines: true)
            }
        }
    }
}
