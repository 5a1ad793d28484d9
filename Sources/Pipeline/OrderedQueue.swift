/// Puts the results of several producers back in order: elements come with their position, 0, 1, 2, ..., in any order,
/// and leave by rising position. Bounded: a producer that is too far ahead waits.
///
/// Ends as `BoundedQueue` does; it is finished when every producer has called `finish()`.
///
/// `@unchecked Sendable`: every stored property is read and written with `condition` held.
public final class OrderedQueue<Element: Sendable>: @unchecked Sendable {
    private let condition = Condition()
    private var producers: Int
    private var isCancelled = false
    /// The element at position `next` + i lies in slot (`next` + i) % capacity.
    private var slots: [Element?]
    private var next = 0

    /// - Parameters:
    ///   - capacity: how far a producer may be ahead of the consumer, at least 1.
    ///   - producers: how many will call `finish()`, at least 1.
    public init(capacity: Int, producers: Int) {
        precondition(capacity >= 1 && producers >= 1, "a queue holds at least one element and has a producer")
        slots = Array(repeating: nil, count: capacity)
        self.producers = producers
    }

    /// Puts the element at its position, waiting for the consumer to come near. Each position is put once.
    /// `false`: cancelled, the element was not taken.
    public func push(_ element: Element, at position: Int) -> Bool {
        condition.withLock {
            while !isCancelled && position >= next + slots.count { condition.wait() }
            guard !isCancelled else { return false }
            precondition(position >= next && slots[position % slots.count] == nil, "a position is put once")
            slots[position % slots.count] = element
            condition.broadcast()
            return true
        }
    }

    /// Takes the element at the next position, waiting for it. `nil`: finished and drained, or cancelled.
    public func pop() -> Element? {
        condition.withLock {
            let slot = next % slots.count
            while !isCancelled && producers > 0 && slots[slot] == nil { condition.wait() }
            guard let element = slots[slot] else { return nil }
            slots[slot] = nil
            next += 1
            condition.broadcast()
            return element
        }
    }

    /// One producer has no more.
    public func finish() {
        condition.withLock {
            producers -= 1
            condition.broadcast()
        }
    }

    public func cancel() {
        condition.withLock {
            isCancelled = true
            for slot in slots.indices { slots[slot] = nil }
            condition.broadcast()
        }
    }
}
