/// A first-in first-out queue whose producer never waits: when it is full, the oldest element makes room.
///
/// `@unchecked Sendable`: every stored property is read and written with `condition` held.
public final class DroppingQueue<Element: Sendable>: @unchecked Sendable {
    public enum Popped {
        case element(Element)
        /// Nothing came within the time.
        case nothing
        /// Finished and drained.
        case end
    }

    private let capacity: Int
    private let condition = Condition()
    private var elements: [Element] = []
    private var isFinished = false

    /// - Parameter capacity: elements held at most, at least 1; a few, since those left are moved up.
    public init(capacity: Int) {
        precondition(capacity >= 1, "a queue holds at least one element")
        self.capacity = capacity
    }

    /// Returns the element that is dropped for it: the oldest, or itself where the queue is finished.
    public func push(_ element: Element) -> Element? {
        condition.withLock {
            guard !isFinished else { return element }
            let dropped = elements.count == capacity ? elements.removeFirst() : nil
            elements.append(element)
            condition.broadcast()
            return dropped
        }
    }

    /// Takes the oldest element, waiting for one.
    ///
    /// - Parameter seconds: how long to wait at most; `nil`: for ever.
    public func pop(within seconds: Double? = nil) -> Popped {
        let deadline = seconds.map { MonotonicTime.now + $0 }
        return condition.withLock {
            while elements.isEmpty && !isFinished {
                guard let deadline else {
                    condition.wait()
                    continue
                }
                guard condition.wait(until: deadline) else { break }
            }
            if !elements.isEmpty { return .element(elements.removeFirst()) }
            return isFinished ? .end : .nothing
        }
    }

    /// The consumer takes what is left and then gets the end.
    public func finish() {
        condition.withLock {
            isFinished = true
            condition.broadcast()
        }
    }

    /// Finishes, and returns what was left.
    public func cancel() -> [Element] {
        condition.withLock {
            isFinished = true
            condition.broadcast()
            defer { elements = [] }
            return elements
        }
    }
}
