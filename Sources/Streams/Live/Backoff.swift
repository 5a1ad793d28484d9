/// How long to wait before the next attempt: twice as long each time, never longer than the limit, and never just the
/// same for all the cameras behind a switch that failed.
struct Backoff {
    /// Seconds.
    let shortest: Double
    /// Seconds; at least `shortest`.
    let longest: Double
    private var next: Double

    init(shortest: Double = 0.5, longest: Double) {
        self.shortest = shortest
        self.longest = max(longest, shortest)
        next = shortest
    }

    /// Seconds to wait now: up to a quarter less than the full pause.
    mutating func pause(using generator: inout some RandomNumberGenerator) -> Double {
        let full = min(next, longest)
        next = min(next * 2, longest)
        return full * Double.random(in: 0.75...1, using: &generator)
    }

    /// An attempt worked.
    mutating func reset() { next = shortest }
}
