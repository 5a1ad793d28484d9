/// The stages of one pipeline: started together, ended together.
///
/// The first error any stage throws is kept and `onFailure` runs once (it cancels the queues, so that every other stage
/// returns); `wait()` joins all stages and throws that error.
public final class StageGroup: Sendable {
    private struct State {
        var threads: [StageThread] = []
        var failure: (any Error)?
    }

    private let state = Locked(State())
    private let onFailure: @Sendable () -> Void

    public init(onFailure: @escaping @Sendable () -> Void) { self.onFailure = onFailure }

    /// Starts a stage on a thread of its own.
    public func start(_ name: String, _ body: @escaping @Sendable () throws -> Void) {
        do {
            let thread = try StageThread(name) { [self] in
                do { try body() } catch { fail(error) }
            }
            state.withLock { $0.threads.append(thread) }
        } catch {
            fail(error)
        }
    }

    /// Joins every stage in the order they were started. Call from the thread that started them.
    public func wait() throws {
        let threads = state.withLock { state in
            defer { state.threads = [] }
            return state.threads
        }
        for thread in threads { thread.join() }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private func fail(_ error: any Error) {
        let first = state.withLock { state in
            defer { if state.failure == nil { state.failure = error } }
            return state.failure == nil
        }
        if first { onFailure() }
    }
}
