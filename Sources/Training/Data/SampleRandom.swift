import Darknet
import Glibc

/// The random numbers of one training sample for one purpose: the same on every thread, in every batch and after every
/// start. A purpose that takes more of them does not move the others'.
///
/// The numbers are fixed by this file and `SeededNumbers` alone, not by the standard library's release.
public struct SampleRandom: RandomNumberGenerator, Sendable {
    public enum Purpose: UInt64, Sendable {
        /// Which picture it is.
        case choice = 1
        /// Which picture stands in for one that cannot be read.
        case replacement
        /// The order of an epoch (the number is the epoch's, or of sizes).
        case order, size
        case placement, color
        /// The order of the truths, which matters where there are more than the network takes.
        case truths
        case mosaic, paste
    }

    private var numbers: SeededNumbers

    /// - Parameters:
    ///   - seed: of the training.
    ///   - sample: since training began.
    public init(seed: UInt64, sample: Int, purpose: Purpose) {
        numbers = SeededNumbers(
            seed: Self.mixed(Self.mixed(Self.mixed(seed) ^ UInt64(bitPattern: Int64(sample))) ^ purpose.rawValue))
    }

    public mutating func next() -> UInt64 { numbers.next() }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var numbers = SeededNumbers(seed: value)
        return numbers.next()
    }

    /// Between the two, in whatever order, without the second.
    public mutating func uniform(_ first: Double, _ second: Double) -> Double {
        first + (second - first) * numbers.uniform()
    }

    /// From 0 to below `count`, which is at least 1. Uneven by less than `count` / 2^64.
    public mutating func below(_ count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(count)).high) }

    /// One of these numbers, the ends included, in whatever order they come.
    public mutating func whole(_ first: Int, _ second: Int) -> Int {
        min(first, second) + below(abs(second - first) + 1)
    }

    public mutating func coin() -> Bool { next() >> 63 == 1 }

    /// Darknet's factor: between 1 and `most`, or as often one over it. Beyond a hundred, a hundred will do.
    public mutating func factor(_ most: Double) -> Double {
        let factor = uniform(1, min(max(most, 0.01), 100))
        return coin() ? factor : 1 / factor
    }

    /// Between two numbers above 0; a factor between them is as likely wherever it is.
    public mutating func logUniform(_ first: Double, _ second: Double) -> Double {
        exp(uniform(log(first), log(second)))
    }

    /// Every order is as likely (Fisher and Yates).
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in elements.indices.dropFirst().reversed() { elements.swapAt(last, below(last + 1)) }
    }
}
