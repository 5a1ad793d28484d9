import CKernels
import Glibc
import Pipeline
import Synchronization

/// How fast the processors multiply and add, measured: the ceiling for a network on as many threads.
public struct PeakRate: Sendable {
    /// What was measured, for example "AVX-512".
    public let instructions: String
    /// 10^9 operations a second of all threads together; a multiply-add is two. With 8-bit integers they are no
    /// floating-point operations, but are counted the same way.
    public let gflopsPerSecond: Double

    /// Of 32-bit floats. Takes some tenths of a second and all of `threads` processors.
    ///
    /// - Throws: `ThreadError`, or `NeuralError.parameter` for a number of threads that no session takes.
    public static func fp32(threads: Int) throws -> PeakRate { try measured(lk_peak_fp32, threads: threads) }

    /// Of 8-bit integers that are added up in 32 bits; otherwise the same.
    public static func int8(threads: Int) throws -> PeakRate { try measured(lk_peak_int8, threads: threads) }

    private static let attempts = 5
    private static let rounds = 30
    private static let secondsOfRound = 0.001

    /// The best of many short rounds: what else the machine does only makes it slower. Threads once put on a busy
    /// processor may stay there; so others are tried.
    private static func measured(_ type: lk_peak_type, threads: Int) throws -> PeakRate {
        guard Session.threadRange.contains(threads) else {
            throw NeuralError.parameter("threads", value: threads, allowed: Session.threadRange)
        }
        let turns = turns(of: type)
        let rates = try (0..<attempts).map { _ in try rate(of: type, turns: turns, threads: threads) }
        return PeakRate(
            instructions: String(cString: lk_peak_instructions(type)), gflopsPerSecond: (rates.max() ?? 0) / 1e9)
    }

    /// Operations a second in the best round.
    private static func rate(of type: lk_peak_type, turns: UInt64, threads: Int) throws -> Double {
        // A round is over when all threads are through it, and the next one then begins for all.
        let ends = Rounds(threads: threads)
        let operations = Locked(UInt64(0))
        let group = StageGroup { ends.cancel() }
        for thread in 0..<threads {
            group.start("peak-\(thread)") {
                ends.arrive()
                for _ in 0..<rounds {
                    let done = lk_peak_run(type, turns)
                    operations.withLock { $0 += done }
                    ends.arrive()
                }
            }
        }
        try group.wait()
        let times = ends.times
        let best = zip(times.dropFirst(), times).map { $0 - $1 }.min() ?? .infinity
        return Double(operations.withLock { $0 }) / Double(rounds) / best
    }

    /// As many as take a round or somewhat longer, found by doubling; the least of three times is the undisturbed one.
    private static func turns(of type: lk_peak_type) -> UInt64 {
        var turns: UInt64 = 1024
        while true {
            let times = (0..<3).map { _ in
                let begin = MonotonicTime.now
                _ = lk_peak_run(type, turns)
                return MonotonicTime.now - begin
            }
            if times.allSatisfy({ $0 >= secondsOfRound }) { return turns }
            turns *= 2
        }
    }
}

/// Where threads wait for each other at the end of each round. They do so awake: to be woken takes a good part of a round.
private final class Rounds: Sendable {
    private let threads: Int
    private let arrived = Atomic(0)
    private let isCancelled = Atomic(false)
    /// When the last thread of each round arrived.
    private let ends = Locked<[MonotonicTime]>([])

    init(threads: Int) { self.threads = threads }

    var times: [MonotonicTime] { ends.withLock { $0 } }

    func arrive() {
        let position = arrived.add(1, ordering: .acquiringAndReleasing).newValue
        let whole = (position + threads - 1) / threads * threads
        if position == whole { ends.withLock { $0.append(.now) } }
        while arrived.load(ordering: .acquiring) < whole && !isCancelled.load(ordering: .relaxed) { sched_yield() }
    }

    /// After a thread that could not be started: the others must not wait for it.
    func cancel() { isCancelled.store(true, ordering: .relaxed) }
}
