import Glibc

/// A moment by the clock that nobody sets (CLOCK_MONOTONIC).
public struct MonotonicTime: Comparable, Sendable {
    /// Since some fixed moment.
    let nanoseconds: UInt64

    public static var now: MonotonicTime {
        var time = Glibc.timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Seconds from `earlier` to `later`; negative where they are the other way round.
    public static func - (later: MonotonicTime, earlier: MonotonicTime) -> Double {
        Double(Int64(bitPattern: later.nanoseconds &- earlier.nanoseconds)) / 1e9
    }

    /// - Parameter seconds: not negative; more than a hundred years counts as a hundred years.
    public static func + (time: MonotonicTime, seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds + (seconds > 0 ? UInt64(min(seconds, 3e9) * 1e9) : 0))
    }

    var timespec: timespec {
        Glibc.timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
