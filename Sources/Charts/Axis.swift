import Foundation

/// Numbers along one side of a chart: which lie on it, where, and what is written beside it.
struct Axis {
    let range: ClosedRange<Double>
    let ticks: [Double]
    private let decimals: Int

    /// - Parameters:
    ///   - values: what is to be shown.
    ///   - fixed: the ends, where they are given.
    ///   - isRounded: without fixed ends, whether they become ticks.
    init(_ values: some Sequence<Double>, fixed: ClosedRange<Double>? = nil, isRounded: Bool) {
        var (low, high) = (Double.infinity, -Double.infinity)
        if let fixed, Self.isUsable(fixed.lowerBound), Self.isUsable(fixed.upperBound) {
            (low, high) = (fixed.lowerBound, fixed.upperBound)
        } else {
            for value in values where Self.isUsable(value) { (low, high) = (min(low, value), max(high, value)) }
            if low > high { (low, high) = (0, 1) }
        }
        // One value has room on both sides.
        if high - low <= 1e-12 * max(abs(low), abs(high)) {
            let room = low == 0 ? 1 : abs(low) / 2
            (low, high) = (low - room, high + room)
        }
        let step = Self.step((high - low) / 6)
        if isRounded && fixed == nil {
            (low, high) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
        }
        range = low...high
        // A little slack: ends that are ticks must not be lost to rounding.
        let first = (low / step - 1e-6).rounded(.up)
        let last = (high / step + 1e-6).rounded(.down)
        ticks = stride(from: first, through: last, by: 1).map { $0 * step }
        decimals = max(0, Int(-log10(step).rounded(.down)))
    }

    /// Differences of such numbers are still numbers.
    static func isUsable(_ value: Double) -> Bool { abs(value) < 1e300 }

    /// 1, 2 or 5 times a power of ten, at least `least`.
    private static func step(_ least: Double) -> Double {
        let power = pow(10, log10(least).rounded(.down))
        let digit = [1.0, 2, 5].first { $0 * power >= least * (1 - 1e-9) } ?? 10
        return digit * power
    }

    /// Of a value, 0 at the low end and 1 at the high one.
    func position(_ value: Double) -> Double {
        (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    func text(_ tick: Double) -> String {
        if abs(tick) >= 1e7 || decimals > 6 { return String(format: "%.4g", tick) }
        // Not "-0".
        return String(format: "%.\(decimals)f", tick == 0 ? 0 : tick)
    }
}
