import CPango

/// A figure at its place in the picture.
struct Thing {
    let figure: any Figure
    let point: Point
    let scale: Double
    let depth: Double
    let isMirrored: Bool

    init(_ figure: any Figure, _ view: View, x: Double, depth: Double, isMirrored: Bool = false) {
        self.figure = figure
        point = view.point(x, depth)
        scale = view.scale(depth)
        self.depth = depth
        self.isMirrored = isMirrored
    }

    func draw(_ brush: Brush) {
        brush.inMetres(at: point, scale: scale, mirrored: isMirrored) { figure.draw(brush) }
    }

    /// Draws what lies in `area` of the canvas from the upper left corner of the brush's surface on.
    func draw(_ brush: Brush, _ area: PixelArea, of canvas: Canvas) {
        cairo_translate(brush.cairo, Double(-area.x), Double(-area.y))
        var matrix = canvas.matrix
        cairo_transform(brush.cairo, &matrix)
        draw(brush)
    }
}

/// One of the things that make up a picture, to be laid over the farther ones.
struct Layer {
    let thing: Thing
    /// Of the identity map; 0 is nobody, who only hides others.
    let identity: UInt8
    /// Of what never moves.
    var still: Still?
}

/// A thing that never moves, drawn once.
struct Still {
    private let picture: Surface
    private let area: PixelArea
    let silhouette: Surface
    let silhouetteArea: PixelArea

    init(_ thing: Thing, _ canvas: Canvas, map: Canvas, light: Tone) throws {
        area = canvas.visible(canvas.extent(thing))
        picture = try Surface(CAIRO_FORMAT_ARGB32, width: area.width, height: area.height)
        let brush = Brush(picture)
        brush.light = light
        thing.draw(brush, area, of: canvas)
        silhouetteArea = map.visible(map.extent(thing))
        silhouette = try Surface(CAIRO_FORMAT_A8, width: silhouetteArea.width, height: silhouetteArea.height)
        thing.draw(Brush(silhouette, isSilhouette: true, isSharp: true), silhouetteArea, of: map)
    }

    func paint(_ brush: Brush) {
        cairo_save(brush.cairo)
        cairo_identity_matrix(brush.cairo)
        cairo_set_source_surface(brush.cairo, picture.pointer, Double(area.x), Double(area.y))
        cairo_paint(brush.cairo)
        cairo_restore(brush.cairo)
    }
}
