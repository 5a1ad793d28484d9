import Glibc

/// A mutex with a condition variable. `Synchronization.Mutex` has no lock a condition could wait with,
/// so this is the one place that owns the two pthread objects.
///
/// `@unchecked Sendable`: the pthread objects are made in `init`, freed in `deinit`, and only used through pthread calls.
public final class Condition: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Waits with a limit must not end sooner or later because somebody sets the clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    public func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Waits for `broadcast`; call with the lock held, in a `while` over what is waited for.
    public func wait() { pthread_cond_wait(condition, mutex) }

    /// The same, until this monotonic time at the latest. `false`: it has come.
    public func wait(until deadline: MonotonicTime) -> Bool {
        var time = deadline.timespec
        return pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
    }

    public func broadcast() { pthread_cond_broadcast(condition) }
}
