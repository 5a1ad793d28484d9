import CPango

/// Where the view lies in a drawing of some size: the picture in the middle, and a margin all round into which the
/// camera may shake.
struct Canvas {
    /// Pixels to the picture's 16:9 height.
    let unit: Double
    let margin: Int
    let width: Int
    let height: Int
    private let roll: Double

    /// - Parameter unit: pixels of a 16:9 picture's height that just holds this one.
    init(width: Int, height: Int, unit: Double, roll: Double) {
        self.unit = unit
        self.roll = roll
        margin = Int((Shake.most * unit).rounded(.up)) + 2
        self.width = width + 2 * margin
        self.height = height + 2 * margin
    }

    /// From parts of the picture's height, x from its middle, to pixels.
    var matrix: cairo_matrix_t {
        var matrix = cairo_matrix_t()
        cairo_matrix_init_translate(&matrix, Double(width) / 2, Double(height) / 2)
        cairo_matrix_rotate(&matrix, roll)
        cairo_matrix_scale(&matrix, unit, unit)
        cairo_matrix_translate(&matrix, 0, -0.5)
        return matrix
    }

    /// The whole pixels that a thing may cover, also outside.
    func extent(_ thing: Thing) -> PixelArea {
        var matrix = matrix
        let (side, top) = thing.figure.reach
        var (low, high) = (Point(.infinity, .infinity), Point(-.infinity, -.infinity))
        for corner in [Point(-side, -0.15), Point(side, -0.15), Point(-side, top), Point(side, top)] {
            var (x, y) = (thing.point.x + corner.x * thing.scale, thing.point.y - corner.y * thing.scale)
            cairo_matrix_transform_point(&matrix, &x, &y)
            low = Point(min(low.x, x), min(low.y, y))
            high = Point(max(high.x, x), max(high.y, y))
        }
        return PixelArea(
            x: Int(low.x.rounded(.down)), y: Int(low.y.rounded(.down)), right: Int(high.x.rounded(.up)) + 1,
            bottom: Int(high.y.rounded(.up)) + 1)
    }

    func shows(_ area: PixelArea) -> Bool {
        area.x < width && area.right > 0 && area.y < height && area.bottom > 0
    }

    /// What of an area lies in the drawing; a pixel of it where nothing does.
    func visible(_ area: PixelArea) -> PixelArea {
        let (x, y) = (min(max(0, area.x), width - 1), min(max(0, area.y), height - 1))
        return PixelArea(
            x: x, y: y, right: max(x + 1, min(width, area.right)), bottom: max(y + 1, min(height, area.bottom)))
    }
}

struct PixelArea {
    var x: Int
    var y: Int
    var right: Int
    var bottom: Int

    var width: Int { right - x }
    var height: Int { bottom - y }
}
