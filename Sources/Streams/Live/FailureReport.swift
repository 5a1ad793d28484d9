import Logging
import Media

/// Tells of a stream that fails: the first time, for each new reason, and now and then; a camera that is away for a
/// week must not fill the journal.
struct FailureReport {
    private let logger: Logger
    private var told: Set<String> = []
    private var attempts = 0
    /// Attempts from line to line while nothing changes.
    private static let silence = 100

    init(logger: Logger) { self.logger = logger }

    /// - Returns: whether it is news: the first failure for this reason since the stream worked.
    mutating func failed(_ failure: MediaError, retryIn seconds: Double) -> Bool {
        attempts += 1
        let pause = Double(Int(seconds * 10)) / 10
        if told.insert(failure.reason).inserted {
            logger.warning("\(failure); next attempt in \(pause) s")
            return true
        }
        if attempts % Self.silence == 0 { logger.warning("\(failure); \(attempts) attempts so far") }
        return false
    }

    mutating func recovered() {
        told = []
        attempts = 0
    }
}
