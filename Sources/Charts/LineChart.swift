/// Curves over a common axis, as a picture that every browser shows.
public struct LineChart: Sendable {
    public struct Series: Sendable {
        public var name: String
        public var points: [Point]
        /// A dot at every point, for few points.
        public var isMarked: Bool

        public init(_ name: String, _ points: [Point], isMarked: Bool = false) {
            self.name = name
            self.points = points
            self.isMarked = isMarked
        }
    }

    public struct Point: Hashable, Sendable {
        public var x: Double
        public var y: Double
        /// Written beside the point.
        public var label: String?

        public init(_ x: Double, _ y: Double, label: String? = nil) {
            self.x = x
            self.y = y
            self.label = label
        }
    }

    public var title: String
    public var xLabel: String
    public var yLabel: String
    public var series: [Series]
    /// Fixed ends of an axis; `nil`: what the points need.
    public var xRange: ClosedRange<Double>?
    public var yRange: ClosedRange<Double>?

    public init(title: String, xLabel: String, yLabel: String, series: [Series]) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.series = series
    }
}
