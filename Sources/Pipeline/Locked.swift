import Glibc

/// A value that several threads read and change, one at a time.
///
/// `Synchronization.Mutex` would do, but it waits inside the Swift runtime, where the thread sanitizer does not see it:
/// every use is reported as a race. A pthread mutex it understands.
///
/// `@unchecked Sendable`: `value` is only touched with `mutex` held.
public final class Locked<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    public init(_ value: sending Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    public func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure)
        -> Result
    {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
