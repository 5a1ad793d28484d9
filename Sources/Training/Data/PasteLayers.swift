/// Which pasted object each pixel of an input shows, to know what is left of those below.
struct PasteLayers {
    private let size: PixelSize
    /// The object's number, from 1; 0: none.
    private var tops: [UInt8]
    /// Objects so far.
    private(set) var count = 0

    /// A box that is hidden to more than this part is no truth any more.
    private static let mostHidden = 0.7

    init(_ size: PixelSize) {
        self.size = size
        tops = [UInt8](repeating: 0, count: size.width * size.height)
    }

    /// Puts an object over all others; 255 at most.
    mutating func add(_ mask: CoverageMask, left: Int, top: Int) {
        count += 1
        for row in 0..<mask.size.height where (0..<size.height).contains(top + row) {
            for column in 0..<mask.size.width where (0..<size.width).contains(left + column) {
                if mask.values[row * mask.size.width + column] >= 0.5 {
                    tops[(top + row) * size.width + left + column] = UInt8(count)
                }
            }
        }
    }

    /// What can still be seen of a box: the smallest that holds it, or `nil`.
    ///
    /// - Parameter layer: how many objects were there when its own had been drawn. Only later ones hide it.
    func visible(_ box: TrainingBox, layer: Int) -> TrainingBox? {
        let columns = Self.pixels(box.x, box.width, of: size.width)
        let rows = Self.pixels(box.y, box.height, of: size.height)
        var (left, right, top, bottom) = (Int.max, -1, Int.max, -1)
        var seen = 0
        for row in rows {
            for column in columns where Int(tops[row * size.width + column]) <= layer {
                seen += 1
                (left, right) = (min(left, column), max(right, column))
                (top, bottom) = (min(top, row), max(bottom, row))
            }
        }
        let area = columns.count * rows.count
        if seen == area { return box }
        guard seen > 0, Double(area - seen) <= Self.mostHidden * Double(area) else { return nil }
        // Sides that are not hidden stay where they are, between pixels.
        let (width, height) = (Float(size.width), Float(size.height))
        let x0 = left == columns.lowerBound ? box.x - box.width / 2 : Float(left) / width
        let x1 = right == columns.upperBound - 1 ? box.x + box.width / 2 : Float(right + 1) / width
        let y0 = top == rows.lowerBound ? box.y - box.height / 2 : Float(top) / height
        let y1 = bottom == rows.upperBound - 1 ? box.y + box.height / 2 : Float(bottom + 1) / height
        return TrainingBox(
            classID: box.classID, x: (x0 + x1) / 2, y: (y0 + y1) / 2, width: x1 - x0, height: y1 - y0)
    }

    /// The pixels that a box covers mostly, at least one.
    private static func pixels(_ center: Float, _ size: Float, of length: Int) -> Range<Int> {
        let low = min(max(Int(((center - size / 2) * Float(length)).rounded()), 0), length - 1)
        let high = Int(((center + size / 2) * Float(length)).rounded())
        return low..<min(max(high, low + 1), length)
    }
}
