import CKernels
import CPango

/// Who is seen at which pixel: everybody's silhouette, from far to near, the later ones over the earlier.
final class IdentityMap {
    let canvas: Canvas
    private let map: Surface
    /// One silhouette alone, to count it whole. Grows to the largest.
    private var sheet: Surface
    /// Whole silhouettes' pixels by identity.
    private var whole = [Int](repeating: 0, count: 256)
    private var extents = [lk_extent](repeating: lk_extent(), count: 256)

    init(_ canvas: Canvas) throws {
        self.canvas = canvas
        map = try Surface(CAIRO_FORMAT_A8, width: canvas.width, height: canvas.height)
        sheet = try Surface(CAIRO_FORMAT_A8, width: 64, height: 64)
    }

    func clear() { map.clear() }

    func add(_ layer: Layer) throws {
        if let still = layer.still {
            stamp(still.silhouette, still.silhouetteArea, layer.identity)
            return
        }
        let area = canvas.extent(layer.thing)
        // Nobody asks how much there is of what is not seen.
        guard canvas.shows(area) else { return }
        if sheet.width < area.width || sheet.height < area.height {
            sheet = try Surface(
                CAIRO_FORMAT_A8, width: max(sheet.width, area.width), height: max(sheet.height, area.height))
        }
        sheet.clear(width: area.width, height: area.height)
        layer.thing.draw(Brush(sheet, isSilhouette: true, isSharp: true), area, of: canvas)
        whole[Int(layer.identity)] = stamp(sheet, area, layer.identity)
    }

    @discardableResult
    private func stamp(_ silhouette: Surface, _ area: PixelArea, _ identity: UInt8) -> Int {
        silhouette.read { pixels in
            let mask = lk_plane(pixels: pixels, stride: silhouette.stride, width: area.width, height: area.height)
            return map.write { lk_street_stamp(mask, map.plane($0), area.x, area.y, identity) }
        }
    }

    /// What is seen of each of the identities from 1 to `count` within the picture moved by `offset`; nil of who is not.
    func seen(_ count: Int, offset: Point) -> [Seen?] {
        let left = Double(canvas.margin) + offset.x * canvas.unit
        let top = Double(canvas.margin) + offset.y * canvas.unit
        let (width, height) = (canvas.width - 2 * canvas.margin, canvas.height - 2 * canvas.margin)
        let (x, y) = (Int(left.rounded()), Int(top.rounded()))
        map.read { lk_street_survey(map.plane($0), x, y, x + width, y + height, &extents) }
        return extents[1...].prefix(count).indices.map { identity in
            let extent = extents[identity]
            guard extent.count > 0 else { return nil }
            return Seen(
                left: max(0, Double(extent.left) - left), top: max(0, Double(extent.top) - top),
                right: min(Double(width), Double(extent.right) + 1 - left),
                bottom: min(Double(height), Double(extent.bottom) + 1 - top),
                share: min(1, Double(extent.count) / Double(whole[identity])))
        }
    }
}

/// Extents in the map's pixels, and how much of the whole silhouette they hold.
struct Seen {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double
    var share: Double
}
