/// Pixels across and down, such as `1280x720`.
public struct StreetSize: Hashable, Sendable, LosslessStringConvertible {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

    /// `nil` where it says no two whole numbers.
    public init?(_ description: String) {
        let sides = description.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let width = sides[0], let height = sides[1] else { return nil }
        self.init(width: width, height: height)
    }

    public var description: String { "\(width)x\(height)" }
}
