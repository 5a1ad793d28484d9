/// What every format's boxes must keep to.
enum BoxRules {
    /// What rounding to four digits may add to a side.
    private static let slack = 1e-4

    /// What is wrong with a box, or `nil`. It may reach out of the picture, as Darknet's do, but not lie outside.
    static func fault(of box: TruthBox) -> String? {
        guard box.x.isFinite && box.y.isFinite && box.width.isFinite && box.height.isFinite else {
            return "the box \(text(box)) is no box; expected finite numbers"
        }
        guard box.width > 0 && box.height > 0 else {
            return "the box \(text(box)) has no area; expected a width and a height above 0"
        }
        guard box.width <= 1 + slack && box.height <= 1 + slack else {
            return "the box \(text(box)) is larger than the picture; expected sizes relative to it, 0 to 1"
        }
        guard (-slack...1 + slack).contains(box.x) && (-slack...1 + slack).contains(box.y) else {
            return "the box \(text(box)) has its centre outside the picture; expected it relative to it, 0 to 1"
        }
        return nil
    }

    private static func text(_ box: TruthBox) -> String { "\(box.x) \(box.y) \(box.width) \(box.height)" }
}
