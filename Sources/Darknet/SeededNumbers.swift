/// Reproducible random numbers of a seed (SplitMix64). Trainings and their checkpoints depend on them: they never change.
package struct SeededNumbers: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= Self.step
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// From 0 to below 1.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// What the seed grows by with each number.
    package static let step: UInt64 = 0x9E37_79B9_7F4A_7C15
}
