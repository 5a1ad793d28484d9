import Pipeline

/// A sink's state and counts, handed on at each change. Any thread.
final class SinkAccount: Sendable {
    let target: String
    private let status: Locked<SinkStatus>
    private let update: @Sendable (SinkStatus) -> Void

    /// - Parameter update: told under a lock, so that the newest comes last.
    init(_ status: SinkStatus, update: @escaping @Sendable (SinkStatus) -> Void) {
        target = status.target
        self.status = Locked(status)
        self.update = update
        update(status)
    }

    func write(_ count: Int) { change { $0.written += count } }

    func lose(_ count: Int) {
        if count > 0 { change { $0.lost += count } }
    }

    func setFailure(_ failure: String?) { change { $0.failure = failure } }

    private func change(_ body: (inout SinkStatus) -> Void) {
        status.withLock { status in
            body(&status)
            update(status)
        }
    }
}
