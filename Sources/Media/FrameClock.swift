/// Makes a rising time line of a stream's timestamps: fills in missing ones and those that go back.
struct FrameClock {
    /// Seconds from frame to frame where the stream's rate is known.
    let nominalDuration: Rational?
    private var last: Int64?

    init(nominalDuration: Rational?) { self.nominalDuration = nominalDuration }

    /// No clock counts further: damage. Within it, sums and differences do not overflow.
    private static let plausible = -(Int64(1) << 60)...(Int64(1) << 60)

    mutating func next(_ given: Int64?, timeBase: Rational) -> Int64 {
        let timestamp = given.flatMap { Self.plausible.contains($0) ? $0 : nil }
        guard let last else {
            self.last = timestamp ?? 0
            return timestamp ?? 0
        }
        let step = max(1, (nominalDuration ?? Rational(1, 25)).rescale(1, to: timeBase))
        let now = timestamp.flatMap { $0 > last ? $0 : nil } ?? last &+ step
        self.last = now
        return now
    }
}
