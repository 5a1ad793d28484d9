/// How often a layer gives which number, and the range that int8 should spread its steps over.
///
/// The range that loses least: what lies outside is clipped, but a narrower range has finer steps. It minimises the mean
/// square error over all that was seen, which a few outliers do not decide as they decide the extremes.
struct RangeHistogram {
    /// Bins from -limit to limit.
    private var counts = [Int](repeating: 0, count: binCount)
    private var limit: Float = 0
    private(set) var least: Float = 0
    private(set) var greatest: Float = 0

    private static let binCount = 4096

    mutating func add(_ values: UnsafeBufferPointer<Float>) {
        var (least, greatest) = (Float.infinity, -Float.infinity)
        for value in values where value.isFinite {
            least = min(least, value)
            greatest = max(greatest, value)
        }
        guard least <= greatest else { return }
        self.least = min(self.least, least)
        self.greatest = max(self.greatest, greatest)
        let extreme = max(self.greatest, -self.least)
        guard extreme > 0 else { return }
        // A power of two, so that two bins become one.
        if limit == 0 { limit = Float(sign: .plus, exponent: extreme.exponent, significand: 2) }
        while extreme >= limit { widen() }
        let scale = Float(Self.binCount / 2) / limit
        let middle = Float(Self.binCount / 2)
        counts.withUnsafeMutableBufferPointer { counts in
            for value in values where value.isFinite {
                counts[min(Int(value * scale + middle), Self.binCount - 1)] += 1
            }
        }
    }

    /// Twice the range, in the same number of bins.
    private mutating func widen() {
        var wider = [Int](repeating: 0, count: Self.binCount)
        for (bin, count) in counts.enumerated() { wider[Self.binCount / 4 + bin / 2] += count }
        counts = wider
        limit *= 2
    }

    /// The range of least error.
    var bestRange: ClosedRange<Float> {
        var best = (range: min(least, 0)...max(greatest, 0), error: Double.infinity)
        let shares = stride(from: 1.0, through: 0.2, by: -0.02).map { Float($0) }
        for upper in shares {
            for lower in [Float(1), 0.85, 0.7, 0.55, 0.4] {
                let range = min(least, 0) * lower...max(greatest, 0) * upper
                let error = error(of: range)
                if error < best.error { best = (range, error) }
            }
        }
        return best.range
    }

    /// Sum of squares of what is lost.
    private func error(of range: ClosedRange<Float>) -> Double {
        let step = Double(range.upperBound - range.lowerBound) / 255
        let width = Double(limit) * 2 / Double(Self.binCount)
        var error = 0.0
        for (bin, count) in counts.enumerated() where count > 0 {
            let value = (Double(bin) + 0.5) * width - Double(limit)
            let clipped = min(max(value, Double(range.lowerBound)), Double(range.upperBound))
            error += Double(count) * ((value - clipped) * (value - clipped) + step * step / 12)
        }
        return error
    }
}
