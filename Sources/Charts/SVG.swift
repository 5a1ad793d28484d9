import Foundation

/// An SVG file in the making.
struct SVG {
    enum Anchor: String { case start, middle, end }

    private var text: String
    private var isClipped = false

    init(width: Double, height: Double) {
        let size = "\(Self.number(width)) \(Self.number(height))"
        text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" width="\(Self.number(width))" \
            height="\(Self.number(height))" font-family="sans-serif">
            <rect width="100%" height="100%" fill="#ffffff"/>

            """
    }

    mutating func text(
        _ content: String, x: Double, y: Double, size: Int, anchor: Anchor, isBold: Bool = false,
        isUpright: Bool = false,
        color: String = "#222222"
    ) {
        let turn = isUpright ? " transform=\"rotate(-90 \(Self.number(x)) \(Self.number(y)))\"" : ""
        let weight = isBold ? " font-weight=\"bold\"" : ""
        text +=
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(size)\" "
            + "text-anchor=\"\(anchor.rawValue)\" fill=\"\(color)\"\(weight)\(turn)>\(Self.escaped(content))</text>\n"
    }

    mutating func rule(from start: Place, to end: Place, color: String) {
        text +=
            "<line x1=\"\(Self.number(start.x))\" y1=\"\(Self.number(start.y))\" x2=\"\(Self.number(end.x))\" "
            + "y2=\"\(Self.number(end.y))\" stroke=\"\(color)\"/>\n"
    }

    mutating func line(_ places: [Place], color: String) {
        let points = places.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
        text +=
            "<polyline points=\"\(points)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.8\" "
            + "stroke-linejoin=\"round\"\(clip)/>\n"
    }

    mutating func dot(_ place: Place, color: String) {
        text +=
            "<circle cx=\"\(Self.number(place.x))\" cy=\"\(Self.number(place.y))\" r=\"3.5\" fill=\"\(color)\"\(clip)/>\n"
    }

    /// A square, the bluer the nearer `shade` is to 1.
    mutating func cell(x: Double, y: Double, side: Double, shade: Double) {
        let channel = { (full: Double) in Int((255 - shade * (255 - full)).rounded()) }
        text +=
            "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(side))\" "
            + "height=\"\(Self.number(side))\" fill=\"rgb(\(channel(8)),\(channel(64)),\(channel(129)))\" "
            + "stroke=\"#e4e4e4\"/>\n"
    }

    /// What is drawn with lines and dots from now on ends there.
    mutating func clip(x: Double, y: Double, width: Double, height: Double) {
        // Dots at the plot's edge stay whole.
        text +=
            "<clipPath id=\"plot\"><rect x=\"\(Self.number(x - 4))\" y=\"\(Self.number(y - 4))\" "
            + "width=\"\(Self.number(width + 8))\" height=\"\(Self.number(height + 8))\"/></clipPath>\n"
        isClipped = true
    }

    func finished() -> String { text + "</svg>\n" }

    private var clip: String { isClipped ? " clip-path=\"url(#plot)\"" : "" }

    /// To a hundredth of a unit.
    private static func number(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
    }

    /// Names come from files that others wrote.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // XML has no place for control characters, not even escaped, nor for the last two.
            case _ where scalar.properties.generalCategory == .control, "\u{FFFE}", "\u{FFFF}": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
