/// How much of each pixel lies within polygons, 0...1.
struct CoverageMask {
    let size: PixelSize
    /// Row by row.
    private(set) var values: [Float]

    /// Lines that a row of pixels is looked at along; across, ends are exact.
    private static let linesPerRow = 4

    /// - Parameter polygons: in pixels of the mask; what lies outside is cut off. A polygon that crosses itself has holes.
    init(_ polygons: some Sequence<[SIMD2<Float>]>, size: PixelSize) {
        self.size = size
        values = [Float](repeating: 0, count: size.width * size.height)
        for polygon in polygons { fill(polygon) }
        // Where parts overlap.
        for index in values.indices { values[index] = min(values[index], 1) }
    }

    private struct Edge {
        let lines: Range<Int>
        let upper: SIMD2<Float>
        let slope: Float
    }

    private mutating func fill(_ polygon: [SIMD2<Float>]) {
        guard var last = polygon.last else { return }
        var edges: [Edge] = []
        let perRow = Float(Self.linesPerRow)
        for point in polygon {
            defer { last = point }
            let (upper, lower) = last.y < point.y ? (last, point) : (point, last)
            // Lines go through the middle of their share of a row.
            let first = Self.line(upper.y * perRow - 0.5, limit: Self.linesPerRow * size.height)
            let end = Self.line(lower.y * perRow - 0.5, limit: Self.linesPerRow * size.height)
            guard first < end else { continue }
            let slope = (lower.x - upper.x) / (lower.y - upper.y)
            edges.append(Edge(lines: first..<end, upper: upper, slope: slope))
        }
        // Line by line: a zigzag has thousands of crossings on each, too many to keep together.
        var crossings: [Float] = []
        for line in 0..<Self.linesPerRow * size.height {
            let y = (Float(line) + 0.5) / perRow
            crossings.removeAll(keepingCapacity: true)
            for edge in edges where edge.lines.contains(line) {
                crossings.append(edge.upper.x + (y - edge.upper.y) * edge.slope)
            }
            crossings.sort()
            // A closed polygon crosses a line an even number of times.
            for index in stride(from: 0, to: crossings.count - 1, by: 2) {
                add(crossings[index], crossings[index + 1], row: line / Self.linesPerRow)
            }
        }
    }

    /// The first line at or below a position.
    private static func line(_ position: Float, limit: Int) -> Int {
        Int(min(max(position.rounded(.up), 0), Float(limit)))
    }

    private mutating func add(_ from: Float, _ to: Float, row: Int) {
        let share = 1 / Float(Self.linesPerRow)
        let (from, to) = (max(from, 0), min(to, Float(size.width)))
        guard from < to else { return }
        let start = row * size.width
        let (first, last) = (Int(from), Int(to))
        if first == last {
            values[start + first] += (to - from) * share
            return
        }
        values[start + first] += (Float(first + 1) - from) * share
        for column in first + 1..<last { values[start + column] += share }
        if last < size.width { values[start + last] += (to - Float(last)) * share }
    }
}
