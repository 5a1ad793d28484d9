import CPango

/// Sets lines of text with Pango: shaping, writing direction and a font for each script through fontconfig.
///
/// Owns its font map, since Pango's default one belongs to the thread that asks. Not thread safe.
final class TextRenderer {
    private let fontMap: UnsafeMutablePointer<PangoFontMap>
    private let layout: OpaquePointer
    /// Pixel width over pixel height.
    private let pixelAspect: Double

    init(pixelAspect: Double) {
        self.pixelAspect = pixelAspect
        fontMap = pango_cairo_font_map_new()
        let context = pango_font_map_create_context(fontMap)
        let options = cairo_font_options_create()
        // Grey, whatever the desktop's settings say: a mask has no subpixels. Exact widths suit scaled text.
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        pango_cairo_context_set_font_options(context, options)
        cairo_font_options_destroy(options)
        layout = pango_layout_new(context)
        g_object_unref(context.map(UnsafeMutableRawPointer.init))
        pango_layout_set_single_paragraph_mode(layout, 1)
        // The middle, because the class name begins and the confidence ends the text.
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_MIDDLE)
    }

    deinit {
        g_object_unref(UnsafeMutableRawPointer(layout))
        g_object_unref(UnsafeMutableRawPointer(fontMap))
    }
}

extension TextRenderer {
    /// Text in the middle of a margin, its size rounded up to whole chroma samples. Nil when there is nothing to see
    /// or Cairo fails; the box then stays without a label.
    func render(_ text: String, style: TextStyle) -> TextMask? {
        guard let line = lineOfText(text) else { return nil }
        let marginX = max(2, Double(style.fontSize) / 4 / pixelAspect)
        let marginY = max(1, (Double(style.fontSize) / 10).rounded())
        let maxTextWidth = max(1, Double(min(style.maxWidth, Self.widestMask)) - 2 * marginX)
        let size = lay(line, fontSize: style.fontSize, maxWidth: maxTextWidth * pixelAspect)

        // A fallback font may have lines of any height, and an ellipsis can be wider than a tiny picture.
        let textHeight = min(size.height, 2 * style.fontSize)
        let textWidth = min(Double(size.width) / pixelAspect, maxTextWidth)
        let grid = 1 << max(style.chromaShiftX, style.chromaShiftY)
        let width = Geometry.roundUp(Int((textWidth + 2 * marginX).rounded(.up)), to: grid)
        let height = Geometry.roundUp(textHeight + 2 * Int(marginY), to: grid)
        guard
            let luma = rasterise(
                width: width, height: height, left: marginX - Double(size.left) / pixelAspect, top: marginY)
        else { return nil }
        return TextMask(luma: luma, chroma: luma.averaged(shiftX: style.chromaShiftX, shiftY: style.chromaShiftY))
    }

    /// Well within Cairo's limit of 32,767 pixels.
    private static var widestMask: Int { 16384 }

    /// Shapes the line, shortening it to `maxWidth`, and returns its logical rectangle; all in square pixels.
    private func lay(_ line: String, fontSize: Int, maxWidth: Double) -> (left: Int, width: Int, height: Int) {
        let font = pango_font_description_new()
        pango_font_description_set_family(font, "sans-serif")
        pango_font_description_set_weight(font, PANGO_WEIGHT_SEMIBOLD)
        pango_font_description_set_absolute_size(font, Double(fontSize) * Double(PANGO_SCALE))
        pango_layout_set_font_description(layout, font)
        pango_font_description_free(font)
        pango_layout_set_width(layout, Int32(maxWidth * Double(PANGO_SCALE)))
        pango_layout_set_text(layout, line, Int32(line.utf8.count))
        var logical = PangoRectangle()
        pango_layout_get_pixel_extents(layout, nil, &logical)
        return (Int(logical.x), Int(logical.width), Int(logical.height))
    }

    /// Draws the layout with its logical origin at `left`, `top`.
    private func rasterise(width: Int, height: Int, left: Double, top: Double) -> AlphaPlane? {
        let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(width), Int32(height))
        defer { cairo_surface_destroy(surface) }
        let cairo = cairo_create(surface)
        defer { cairo_destroy(cairo) }
        cairo_translate(cairo, left, top)
        cairo_scale(cairo, 1 / pixelAspect, 1)
        pango_cairo_show_layout(cairo, layout)
        cairo_surface_flush(surface)
        guard cairo_status(cairo) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(surface) else {
            return nil
        }
        let stride = Int(cairo_image_surface_get_stride(surface))
        let samples = [UInt8](unsafeUninitializedCapacity: width * height) { buffer, count in
            for row in 0..<height {
                _ = buffer[(row * width)...].update(
                    fromContentsOf: UnsafeBufferPointer(start: data + row * stride, count: width))
            }
            count = width * height
        }
        return AlphaPlane(width: width, height: height, samples: samples)
    }
}
