import CFFmpeg

/// libav's log: nothing of it is printed, since what matters comes back as errors and counters. The two things that it
/// tells nowhere else are counted: packets that RTP lost, and pictures missing that others are built on.
enum LibavLog {
    /// Set once in the process.
    static let taken: Void = lk_take_log()

    /// Counts what the log tells of the one context whose `opaque` points here; must outlive it. libav may count on any
    /// of its threads.
    ///
    /// `@unchecked Sendable`: the number behind the pointer is read and changed atomically.
    final class Counter: @unchecked Sendable {
        private let number = UnsafeMutablePointer<Int64>.allocate(capacity: 1)

        init() { number.initialize(to: 0) }

        deinit { number.deallocate() }

        var value: Int { Int(lk_counted(number)) }
        var opaque: UnsafeMutableRawPointer { UnsafeMutableRawPointer(number) }
    }
}
