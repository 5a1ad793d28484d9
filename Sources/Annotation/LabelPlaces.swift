/// A label that needs a place: its size, on the grid, and the box it belongs to.
struct UnplacedLabel {
    var box: PixelRect
    var width: Int
    var height: Int
}

extension Geometry {
    /// Where labels go, so that they cover each other only where there is no other way.
    ///
    /// Each takes the first place that is free: on top of its box, inside it, below it, along its left edge, then along
    /// its right one; and the first of all where none is free. They choose from left to right, as confidences, which
    /// change from frame to frame, would let labels jump.
    ///
    /// - Parameter labels: by falling confidence. So many as `mostKeptApart` keep clear of each other; as they hide the
    ///   picture already, those behind them are not worth the search.
    func places(of labels: [UnplacedLabel]) -> [PixelRect] {
        var places = labels.map { candidates(for: $0)[0] }
        var taken: [PixelRect] = []
        let first = labels.indices.prefix(Self.mostKeptApart)
        for index in first.sorted(by: { labels[$0].box.isBefore(labels[$1].box) }) {
            let free = candidates(for: labels[index]).first { place in !taken.contains { $0.overlaps(place) } }
            if let free { places[index] = free }
            taken.append(places[index])
        }
        return places
    }

    static var mostKeptApart: Int { 200 }

    /// All inside the picture, the best first, at least one.
    private func candidates(for label: UnplacedLabel) -> [PixelRect] {
        let box = label.box
        let lastLeft = max(0, (width - label.width) / grid * grid)
        let lefts = [box.left, max(0, (box.right - label.width) / grid * grid)].map { min($0, lastLeft) }
        var tops = box.top >= label.height ? [box.top - label.height] : []
        // Cut at the picture's end only where nothing else is left.
        if tops.isEmpty || box.top + label.height <= height { tops.append(box.top) }
        if box.bottom + label.height <= height { tops.append(box.bottom) }
        return tops.flatMap { top in
            lefts.map { left in
                PixelRect(
                    left: left, top: top, right: min(left + label.width, width), bottom: min(top + label.height, height)
                )
            }
        }
    }
}

extension PixelRect {
    fileprivate func overlaps(_ other: PixelRect) -> Bool {
        left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    fileprivate func isBefore(_ other: PixelRect) -> Bool {
        (left, top, right, bottom) < (other.left, other.top, other.right, other.bottom)
    }
}
