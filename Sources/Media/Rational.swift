import CFFmpeg

/// A fraction as libav has it: time bases, frame rates, aspect ratios.
public struct Rational: Hashable, Sendable, CustomStringConvertible {
    public var numerator: Int32
    public var denominator: Int32

    public init(_ numerator: Int32, _ denominator: Int32) {
        self.numerator = numerator
        self.denominator = denominator
    }

    init(_ value: AVRational) { self.init(value.num, value.den) }

    var av: AVRational { AVRational(num: numerator, den: denominator) }

    /// Both parts positive: usable as a time base or a rate.
    public var isPositive: Bool { numerator > 0 && denominator > 0 }

    /// 0 where the denominator is 0.
    public var value: Double { denominator == 0 ? 0 : Double(numerator) / Double(denominator) }

    public var inverse: Rational { Rational(denominator, numerator) }

    public var description: String { "\(numerator)/\(denominator)" }

    /// `ticks` of this time base in ticks of `other`, rounded to nearest; never overflows.
    public func rescale(_ ticks: Int64, to other: Rational) -> Int64 { av_rescale_q(ticks, av, other.av) }

    /// `ticks` of this time base in seconds.
    public func seconds(_ ticks: Int64) -> Double { Double(ticks) * value }
}
