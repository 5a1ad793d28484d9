import Media

/// Pixels `left..<right` by `top..<bottom`, inside the picture.
///
/// Left and top lie on the chroma grid; right and bottom do too, or at the picture's end. Nothing drawn shares a
/// chroma sample with pixels left as they were, so no colour bleeds over an edge.
struct PixelRect: Equatable {
    var left: Int
    var top: Int
    var right: Int
    var bottom: Int

    var width: Int { right - left }
    var height: Int { bottom - top }
    var isEmpty: Bool { width <= 0 || height <= 0 }
}

/// Sizes and places of what is drawn into pictures of one format.
struct Geometry {
    let width: Int
    let height: Int
    /// Pixels to a chroma sample along the more subsampled axis; used for both axes, so that lines are even.
    let grid: Int
    /// Of box outlines: Darknet's rule (spec 5.6), but two pixels at least, rounded up to the grid.
    let lineWidth: Int
    /// Em height of label text in pixels.
    let fontSize: Int

    init(of image: YUVImage, pixelAspect: Double) {
        width = image.width
        height = image.height
        grid = 1 << max(image.chromaShiftX, image.chromaShiftY)
        lineWidth = Self.roundUp(max(2, Int(0.006 * Double(height))), to: grid)
        // By the shorter side as displayed, so that labels in portrait video do not fill its width.
        let shorter = min(Double(width) * pixelAspect, Double(height))
        fontSize = min(max(Int(shorter / 36), 11), 128)
    }

    static func roundUp(_ value: Int, to grid: Int) -> Int { (value + grid - 1) / grid * grid }

    /// The part of a box inside the picture, rounded to the grid; nil when none is, or when a number is not a number.
    ///
    /// A box that reaches outside is closed along the picture's edge, as the event records clip it.
    func visiblePart(of label: Label) -> PixelRect? {
        guard let (left, right) = span(from: label.x, length: label.width, limit: width),
            let (top, bottom) = span(from: label.y, length: label.height, limit: height)
        else { return nil }
        return PixelRect(left: left, top: top, right: right, bottom: bottom)
    }

    /// Clips to 0...limit before anything becomes an integer, so that infinities and huge numbers are safe.
    private func span(from start: Float, length: Float, limit: Int) -> (Int, Int)? {
        let low = max(Double(start), 0)
        let high = min(Double(start) + Double(length), Double(limit))
        guard low < high, length > 0 else { return nil }
        let step = Double(grid)
        let last = (limit - 1) / grid * grid
        let first = min(Int((low / step).rounded()) * grid, last)
        let end = max(Int((high / step).rounded()) * grid, first + grid)
        return (first, min(end, limit))
    }

    /// The strips of a box's outline, drawn inwards; the whole box where nothing would be left open.
    func outline(of box: PixelRect, _ body: (PixelRect) -> Void) {
        let inner = PixelRect(
            left: box.left + lineWidth, top: box.top + lineWidth,
            // An odd picture's end lies off the grid: the line there takes the odd pixel too.
            right: (box.right - lineWidth) / grid * grid, bottom: (box.bottom - lineWidth) / grid * grid
        )
        guard !inner.isEmpty else { return body(box) }
        body(PixelRect(left: box.left, top: box.top, right: box.right, bottom: inner.top))
        body(PixelRect(left: box.left, top: inner.top, right: inner.left, bottom: inner.bottom))
        body(PixelRect(left: inner.right, top: inner.top, right: box.right, bottom: inner.bottom))
        body(PixelRect(left: box.left, top: inner.bottom, right: box.right, bottom: box.bottom))
    }
}
