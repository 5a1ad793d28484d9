import Synchronization

/// How many of something there may be at a time.
final class Limit: Sendable {
    private let taken = Atomic(0)
    private let most: Int

    init(_ most: Int) { self.most = most }

    /// A place, given back with its last reference; `nil`: all are taken.
    func place() -> Place? {
        guard taken.add(1, ordering: .relaxed).newValue <= most else {
            taken.subtract(1, ordering: .relaxed)
            return nil
        }
        return Place(limit: self)
    }

    final class Place: Sendable {
        private let limit: Limit
        fileprivate init(limit: Limit) { self.limit = limit }
        deinit { limit.taken.subtract(1, ordering: .relaxed) }
    }
}
