/// Finds each label of one picture a place where it covers none that was placed before it.
struct LabelPlaces {
    private let geometry: Geometry
    private var taken: [PixelRect] = []

    /// So many labels hide the picture, wherever they lie: those behind them are not worth the search.
    private static let most = 200

    init(_ geometry: Geometry) { self.geometry = geometry }

    /// The first free of: on top of the box, inside it, below it, each along its left edge, then along its right one.
    /// The first of all where none is free: what is placed later then lies beneath.
    ///
    /// - Parameters:
    ///   - width: of the label, on the grid, like its height.
    mutating func place(width: Int, height: Int, at box: PixelRect) -> PixelRect {
        let candidates = geometry.places(width: width, height: height, at: box)
        guard taken.count < Self.most else { return candidates[0] }
        let place = candidates.first { candidate in !taken.contains { $0.overlaps(candidate) } } ?? candidates[0]
        taken.append(place)
        return place
    }
}

extension Geometry {
    /// Where a label of a size on the grid may go, the best place first, all inside the picture.
    func places(width labelWidth: Int, height labelHeight: Int, at box: PixelRect) -> [PixelRect] {
        let lastLeft = max(0, (width - labelWidth) / grid * grid)
        let lefts = [box.left, max(0, (box.right - labelWidth) / grid * grid)].map { min($0, lastLeft) }
        var tops = box.top >= labelHeight ? [box.top - labelHeight] : []
        tops.append(box.top)
        if box.bottom + labelHeight <= height { tops.append(box.bottom) }
        return tops.flatMap { top in
            lefts.map { left in
                PixelRect(
                    left: left, top: top, right: min(left + labelWidth, width), bottom: min(top + labelHeight, height))
            }
        }
    }
}

extension PixelRect {
    fileprivate func overlaps(_ other: PixelRect) -> Bool {
        left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }
}
