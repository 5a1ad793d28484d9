import Logging
import Media

/// Tells of a stream that fails: the first time, when the reason changes, and now and then; a camera that is away for a
/// week must not fill the journal.
struct FailureReport {
    private let logger: Logger
    private var told: String?
    private var attempts = 0
    /// Attempts from line to line while nothing changes.
    private static let silence = 100

    init(logger: Logger) { self.logger = logger }

    /// - Returns: whether it is news: the first failure, or for another reason than the one before.
    mutating func failed(_ failure: MediaError, retryIn seconds: Double) -> Bool {
        attempts += 1
        defer { told = failure.reason }
        let pause = Double(Int(seconds * 10)) / 10
        if told != failure.reason {
            logger.warning("\(failure); next attempt in \(pause) s")
            return true
        }
        if attempts % Self.silence == 0 { logger.warning("\(failure); \(attempts) attempts so far") }
        return false
    }

    mutating func recovered() {
        told = nil
        attempts = 0
    }
}
