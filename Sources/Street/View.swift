/// Where things on the ground are seen. Lengths in the picture are parts of its height, x from its middle; metres on
/// the street: x along it, and the depth from the near pavement's edge to the house fronts.
struct View {
    /// From the near edge to the house fronts, in metres.
    let depth: Double
    /// The ground's height in the picture at either end, downwards.
    private let near: Double
    private let far: Double
    /// The size of a metre at either end.
    private let nearScale: Double
    private let farScale: Double
    private let focus: Double

    init(depth: Double, near: Double, far: Double, nearScale: Double, farScale: Double) {
        self.depth = depth
        (self.near, self.far, self.nearScale, self.farScale) = (near, far, nearScale, farScale)
        focus = depth / (1 / farScale - 1 / nearScale)
    }

    /// The size of a metre at a depth.
    func scale(_ depth: Double) -> Double { focus / (focus / nearScale + depth) }

    func ground(_ depth: Double) -> Double {
        near - (nearScale - scale(depth)) * (near - far) / (nearScale - farScale)
    }

    func point(_ x: Double, _ depth: Double) -> Point { Point(x * scale(depth), ground(depth)) }

    /// Metres from the middle to either edge of the picture.
    func halfWidth(_ depth: Double) -> Double { 8.0 / 9 / scale(depth) }
}
