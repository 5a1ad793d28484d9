import CKernels
import CPango

/// Draws the street as it is, before the camera's lens and sensor. What never moves is drawn but once.
final class Painter {
    private let place: Place
    private let canvas: Canvas
    private let backdrop: Surface
    private let scene: Surface
    /// Shadows together, coarse: they are soft, and where two meet it gets no darker.
    private let shadows: Surface
    private static let coarse = 4

    init(_ place: Place, _ canvas: Canvas, fixtures: [Thing], seed: UInt64) throws {
        (self.place, self.canvas) = (place, canvas)
        backdrop = try Surface(CAIRO_FORMAT_RGB24, width: canvas.width, height: canvas.height)
        scene = try Surface(CAIRO_FORMAT_RGB24, width: canvas.width, height: canvas.height)
        shadows = try Surface(
            CAIRO_FORMAT_A8, width: canvas.width / Self.coarse + 2, height: canvas.height / Self.coarse + 2)
        Backdrop(place: place, seed: seed).draw(brush(backdrop))
        paintShadows(fixtures, on: backdrop)
    }

    /// The scene's pixels with the layers in it, which come from far to near.
    func paint(_ layers: [Layer], rain: Dice) -> Surface {
        scene.write { to in backdrop.read { to.update(from: $0, count: scene.stride * scene.height) } }
        paintShadows(layers.filter { $0.still == nil }.map(\.thing), on: scene)
        let brush = brush(scene)
        for layer in layers {
            if let still = layer.still {
                still.paint(brush)
            } else if canvas.shows(canvas.extent(layer.thing)) {
                layer.thing.draw(brush)
            }
        }
        if place.light.isRaining { paintRain(brush, rain) }
        return scene
    }

    func brush(_ surface: Surface) -> Brush {
        let brush = Brush(surface)
        brush.light = place.light.tone
        var matrix = canvas.matrix
        cairo_transform(brush.cairo, &matrix)
        return brush
    }

    private func paintShadows(_ things: [Thing], on surface: Surface) {
        shadows.clear()
        let brush = Brush(shadows, isSilhouette: true)
        cairo_scale(brush.cairo, 1 / Double(Self.coarse), 1 / Double(Self.coarse))
        var matrix = canvas.matrix
        cairo_transform(brush.cairo, &matrix)
        for thing in things {
            // Right beneath it, whatever the light.
            let foot = thing.figure.footing
            brush.ellipse(thing.point, foot.side * thing.scale, foot.deep * thing.scale)
            cairo_set_source_rgba(brush.cairo, 0, 0, 0, 0.75)
            cairo_fill(brush.cairo)
            guard let shadow = place.light.shadow else { continue }
            cairo_save(brush.cairo)
            let scale = thing.scale
            var lying = cairo_matrix_t(
                xx: thing.isMirrored ? -scale : scale, yx: 0, xy: shadow.x * scale, yy: shadow.y * scale,
                x0: thing.point.x, y0: thing.point.y)
            cairo_transform(brush.cairo, &lying)
            cairo_set_source_rgba(brush.cairo, 0, 0, 0, 1)
            thing.figure.draw(brush)
            cairo_restore(brush.cairo)
        }
        shadows.read { coarse in
            surface.write { fine in
                lk_street_shade(
                    surface.plane(fine), shadows.plane(coarse), UInt32(place.light.shadowStrength * 256))
            }
        }
    }

    private func paintRain(_ brush: Brush, _ dice: Dice) {
        var dice = dice
        for layer in 0..<3 {
            for _ in 0..<60 {
                let from = Point(dice.real(-0.95, 0.95), dice.real(-0.1, 1))
                let long = dice.real(0.03, 0.05) * Double(layer + 1)
                cairo_move_to(brush.cairo, from.x, from.y)
                cairo_line_to(brush.cairo, from.x - long * 0.12, from.y + long)
            }
            brush.stroke(Tone(0.85, 0.88, 0.92), 0.0012 + 0.0006 * Double(layer), 0.3)
        }
    }
}
