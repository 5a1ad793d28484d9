/// A first-in first-out queue between two stages that blocks its producer when full and its consumer when empty,
/// and that either side can end.
///
/// - `finish()`: the producer has no more; the consumer drains what is left and then gets `nil`.
/// - `cancel()`: nobody wants the rest; what is inside is dropped, both sides return at once.
///
/// `@unchecked Sendable`: every stored property is read and written with `condition` held.
public final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private enum State { case open, finished, cancelled }

    public let capacity: Int
    private let condition = Condition()
    private var state = State.open
    private var elements: [Element?]
    private var head = 0
    private var count = 0

    /// - Parameter capacity: elements held at most, at least 1.
    public init(capacity: Int) {
        precondition(capacity >= 1, "a queue holds at least one element")
        self.capacity = capacity
        elements = Array(repeating: nil, count: capacity)
    }

    /// Appends, waiting for room. `false`: the queue was finished or cancelled, the element was not taken.
    public func push(_ element: Element) -> Bool {
        condition.withLock {
            while state == .open && count == capacity { condition.wait() }
            guard state == .open else { return false }
            elements[(head + count) % capacity] = element
            count += 1
            condition.broadcast()
            return true
        }
    }

    /// Takes the oldest element, waiting for one. `nil`: finished and drained, or cancelled.
    public func pop() -> Element? {
        condition.withLock {
            while state == .open && count == 0 { condition.wait() }
            return takeFirst()
        }
    }

    public func finish() {
        condition.withLock {
            if state == .open { state = .finished }
            condition.broadcast()
        }
    }

    public func cancel() {
        condition.withLock {
            state = .cancelled
            while takeFirst() != nil {}
            condition.broadcast()
        }
    }

    /// With the lock held.
    private func takeFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = elements[head]
        elements[head] = nil
        head = (head + 1) % capacity
        count -= 1
        condition.broadcast()
        return element
    }
}
