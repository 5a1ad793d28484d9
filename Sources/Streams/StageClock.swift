import Pipeline

/// The stages whose time is told at the end of a run.
public enum Stage: String, Sendable, CaseIterable {
    case decode, resize, infer, draw, encode, log
}

/// Adds up how long each stage worked, waiting not counted. Shared by all stages.
public final class StageClock: Sendable {
    private let times = Locked<[Stage: Duration]>([:])

    public init() {}

    func measure<Result>(_ stage: Stage, _ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        defer {
            let passed = ContinuousClock.now - start
            times.withLock { $0[stage, default: .zero] += passed }
        }
        return try body()
    }

    public var totals: [Stage: Duration] { times.withLock { $0 } }
}
