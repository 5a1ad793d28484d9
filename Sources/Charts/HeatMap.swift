/// Counts in rows and columns, the darker the larger a part of their row.
public struct HeatMap: Sendable {
    public var title: String
    public var rowLabel: String
    public var columnLabel: String
    public var rows: [String]
    public var columns: [String]
    /// By row, then column; none negative.
    public var values: [[Int]]

    public init(
        title: String, rowLabel: String, columnLabel: String, rows: [String], columns: [String], values: [[Int]]
    ) {
        self.title = title
        self.rowLabel = rowLabel
        self.columnLabel = columnLabel
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// A whole SVG file on white, as large as the rows and columns need.
    public func svg() -> String {
        let cell = rows.count > 30 ? 16.0 : 28
        let labels = 24 + 6.5 * Double(min(Self.mostCharacters, (rows + columns).map(\.count).max() ?? 0))
        let (left, top) = (labels + 24, labels + 64)
        let width = max(left + cell * Double(columns.count) + 24, 420)
        var svg = SVG(width: width, height: top + cell * Double(rows.count) + 24)
        svg.text(title, x: width / 2, y: 26, size: 17, anchor: .middle, isBold: true)
        svg.text(rowLabel, x: left - 8, y: top - 8, size: 12, anchor: .end, isBold: true)
        svg.text(columnLabel, x: left, y: 46, size: 12, anchor: .start, isBold: true)
        for (index, name) in columns.enumerated() {
            let x = left + (Double(index) + 0.5) * cell + 4
            svg.text(Self.short(name), x: x, y: top - 6, size: 11, anchor: .start, isUpright: true)
        }
        for (index, (name, row)) in zip(rows, values).enumerated() {
            let y = top + Double(index) * cell
            svg.text(Self.short(name), x: left - 8, y: y + cell / 2 + 4, size: 11, anchor: .end)
            let sum = row.reduce(0, +)
            for (column, value) in row.enumerated() {
                let share = sum > 0 ? Double(value) / Double(sum) : 0
                let x = left + Double(column) * cell
                svg.cell(x: x, y: y, side: cell, shade: share)
                guard value > 0, cell > 20 || value < 1000 else { continue }
                svg.text(
                    "\(value)", x: x + cell / 2, y: y + cell / 2 + 3, size: cell > 20 ? 10 : 7, anchor: .middle,
                    color: share > 0.5 ? "#ffffff" : "#222222")
            }
        }
        return svg.finished()
    }

    private static let mostCharacters = 18

    private static func short(_ name: String) -> String {
        name.count > mostCharacters ? name.prefix(mostCharacters - 1) + "…" : name
    }
}
