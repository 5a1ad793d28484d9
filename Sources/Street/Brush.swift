import CPango

/// A colour as light: each channel from 0 to 1.
struct Tone {
    var red: Double
    var green: Double
    var blue: Double

    init(_ red: Double, _ green: Double, _ blue: Double) { (self.red, self.green, self.blue) = (red, green, blue) }

    static let white = Tone(1, 1, 1)

    static func grey(_ value: Double) -> Tone { Tone(value, value, value) }

    /// Hue in turns; the usual hue, saturation and value.
    static func hue(_ hue: Double, _ saturation: Double, _ value: Double) -> Tone {
        func channel(_ shift: Double) -> Double {
            let turn = (hue + shift) - (hue + shift).rounded(.down)
            return value * (1 - saturation * (1 - min(1, max(0, abs(turn * 6 - 3) - 1))))
        }
        return Tone(channel(0), channel(2.0 / 3), channel(1.0 / 3))
    }

    static func * (tone: Tone, factor: Double) -> Tone {
        Tone(tone.red * factor, tone.green * factor, tone.blue * factor)
    }

    static func * (left: Tone, right: Tone) -> Tone {
        Tone(left.red * right.red, left.green * right.green, left.blue * right.blue)
    }

    func mixed(_ other: Tone, _ share: Double) -> Tone {
        Tone(
            red + (other.red - red) * share, green + (other.green - green) * share, blue + (other.blue - blue) * share)
    }
}

typealias Point = SIMD2<Double>

/// Draws with Cairo, either in colours under the street's light, or as a plain silhouette where colours do not matter
/// and translucent things (shine, glow, lines within a body) are left out.
final class Brush {
    let cairo: OpaquePointer
    let isSilhouette: Bool
    /// The light that falls on everything that does not shine itself.
    var light = Tone.white

    /// - Parameter isSharp: each pixel is covered or not, for counting.
    init(_ surface: Surface, isSilhouette: Bool = false, isSharp: Bool = false) {
        cairo = cairo_create(surface.pointer)
        self.isSilhouette = isSilhouette
        cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND)
        cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND)
        if isSharp { cairo_set_antialias(cairo, CAIRO_ANTIALIAS_NONE) }
    }

    deinit { cairo_destroy(cairo) }

    /// Draws in a space of its own: metres, y upwards, the origin at `origin` of the present space.
    func inMetres(at origin: Point, scale: Double, mirrored: Bool = false, _ draw: () -> Void) {
        cairo_save(cairo)
        cairo_translate(cairo, origin.x, origin.y)
        cairo_scale(cairo, mirrored ? -scale : scale, -scale)
        draw()
        cairo_restore(cairo)
    }

    func scaled(_ factor: Double, _ draw: () -> Void) {
        cairo_save(cairo)
        cairo_scale(cairo, factor, factor)
        draw()
        cairo_restore(cairo)
    }

    func turned(at centre: Point, by angle: Double, _ draw: () -> Void) {
        cairo_save(cairo)
        cairo_translate(cairo, centre.x, centre.y)
        cairo_rotate(cairo, angle)
        draw()
        cairo_restore(cairo)
    }

    // MARK: Paint

    private func set(_ tone: Tone, _ alpha: Double, _ shines: Bool) {
        guard !isSilhouette else { return }
        let seen = shines ? tone : tone * light
        cairo_set_source_rgba(cairo, seen.red, seen.green, seen.blue, alpha)
    }

    private func paint(_ tone: Tone, _ alpha: Double, shines: Bool, width: Double?) {
        guard !isSilhouette || alpha == 1 else { return cairo_new_path(cairo) }
        set(tone, alpha, shines)
        if let width {
            cairo_set_line_width(cairo, width)
            cairo_stroke(cairo)
        } else {
            cairo_fill(cairo)
        }
    }

    func fill(_ tone: Tone, _ alpha: Double = 1, shines: Bool = false) {
        paint(tone, alpha, shines: shines, width: nil)
    }

    func stroke(_ tone: Tone, _ width: Double, _ alpha: Double = 1) {
        paint(tone, alpha, shines: false, width: width)
    }

    /// Fills from `low` at height `from` to `high` at height `to`.
    func fill(_ low: Tone, _ high: Tone, from: Double, to: Double, shines: Bool = false) {
        guard !isSilhouette else { return cairo_fill(cairo) }
        let pattern = cairo_pattern_create_linear(0, from, 0, to)
        for (place, tone) in [(0.0, low), (1, high)] {
            let seen = shines ? tone : tone * light
            cairo_pattern_add_color_stop_rgb(pattern, place, seen.red, seen.green, seen.blue)
        }
        cairo_set_source(cairo, pattern)
        cairo_pattern_destroy(pattern)
        cairo_fill(cairo)
    }

    /// A round glow that fades to nothing at `radius`.
    func glow(_ centre: Point, _ radius: Double, _ tone: Tone, _ alpha: Double) {
        guard !isSilhouette else { return }
        let pattern = cairo_pattern_create_radial(centre.x, centre.y, 0, centre.x, centre.y, radius)
        cairo_pattern_add_color_stop_rgba(pattern, 0, tone.red, tone.green, tone.blue, alpha)
        cairo_pattern_add_color_stop_rgba(pattern, 0.4, tone.red, tone.green, tone.blue, alpha * 0.35)
        cairo_pattern_add_color_stop_rgba(pattern, 1, tone.red, tone.green, tone.blue, 0)
        cairo_set_source(cairo, pattern)
        cairo_pattern_destroy(pattern)
        circle(centre, radius)
        cairo_fill(cairo)
    }

    /// A glow that lies on the ground.
    func pool(_ centre: Point, _ radius: Double, _ tone: Tone, _ alpha: Double) {
        cairo_save(cairo)
        cairo_translate(cairo, centre.x, centre.y)
        cairo_scale(cairo, 1, 0.32)
        glow(Point(0, 0), radius, tone, alpha)
        cairo_restore(cairo)
    }

    // MARK: Paths

    func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        cairo_rectangle(cairo, x, y, width, height)
    }

    func circle(_ centre: Point, _ radius: Double) {
        cairo_new_sub_path(cairo)
        cairo_arc(cairo, centre.x, centre.y, radius, 0, 2 * .pi)
        cairo_close_path(cairo)
    }

    /// The half above `centre`, in a space with y upwards.
    func halfDisc(_ centre: Point, _ radius: Double) {
        cairo_new_sub_path(cairo)
        cairo_arc(cairo, centre.x, centre.y, radius, 0, .pi)
        cairo_close_path(cairo)
    }

    func ellipse(_ centre: Point, _ radiusX: Double, _ radiusY: Double) {
        cairo_save(cairo)
        cairo_translate(cairo, centre.x, centre.y)
        cairo_scale(cairo, radiusX, radiusY)
        circle(Point(0, 0), 1)
        cairo_restore(cairo)
    }

    /// x, y, x, y ...
    func polygon(_ values: [Double]) {
        for index in stride(from: 0, to: values.count, by: 2) { cairo_line_to(cairo, values[index], values[index + 1]) }
        cairo_close_path(cairo)
    }

    func line(_ points: Point...) {
        for point in points { cairo_line_to(cairo, point.x, point.y) }
    }

    /// A closed outline with its corners rounded off.
    func rounded(_ values: [Double], _ radius: Double) {
        let points = stride(from: 0, to: values.count, by: 2).map { Point(values[$0], values[$0 + 1]) }
        cairo_new_sub_path(cairo)
        for (index, corner) in points.enumerated() {
            let before = points[(index + points.count - 1) % points.count] - corner
            let after = points[(index + 1) % points.count] - corner
            let entry = corner + before * min(0.5, radius / max(1e-9, length(before)))
            let exit = corner + after * min(0.5, radius / max(1e-9, length(after)))
            cairo_line_to(cairo, entry.x, entry.y)
            let (first, second) = (entry + (corner - entry) * 0.6, exit + (corner - exit) * 0.6)
            cairo_curve_to(cairo, first.x, first.y, second.x, second.y, exit.x, exit.y)
        }
        cairo_close_path(cairo)
    }

    func roundedRectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ radius: Double) {
        rounded([x, y, x + width, y, x + width, y + height, x, y + height], radius)
    }

    /// A closed smooth curve through the points (x, y, x, y ...).
    func smooth(_ values: [Double]) {
        let points = stride(from: 0, to: values.count, by: 2).map { Point(values[$0], values[$0 + 1]) }
        let count = points.count
        cairo_new_sub_path(cairo)
        cairo_move_to(cairo, points[0].x, points[0].y)
        for index in 0..<count {
            let (here, next) = (points[index], points[(index + 1) % count])
            let first = here + (next - points[(index + count - 1) % count]) / 6
            let second = next - (points[(index + 2) % count] - here) / 6
            cairo_curve_to(cairo, first.x, first.y, second.x, second.y, next.x, next.y)
        }
        cairo_close_path(cairo)
    }
}

func length(_ vector: Point) -> Double { (vector.x * vector.x + vector.y * vector.y).squareRoot() }
