import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(10))) struct BoundedQueueTests {
    @Test(arguments: [1, 2, 3, 7])
    func `hands on in order`(capacity: Int) throws {
        let queue = BoundedQueue<Int>(capacity: capacity)
        let producer = try StageThread("producer") {
            for number in 0..<1000 { _ = queue.push(number) }
            queue.finish()
        }
        var received: [Int] = []
        while let number = queue.pop() { received.append(number) }
        producer.join()
        #expect(received == Array(0..<1000))
        #expect(queue.pop() == nil)
    }

    @Test func `holds its capacity and no more`() throws {
        let queue = BoundedQueue<Int>(capacity: 3)
        let pushed = Locked(0)
        let producer = try StageThread("producer") {
            for number in 0..<10 where queue.push(number) { pushed.withLock { $0 += 1 } }
        }
        for number in 0..<10 {
            #expect(queue.pop() == number)
            // What was taken, and what fits behind it.
            #expect(pushed.withLock { $0 } <= number + 1 + queue.capacity)
        }
        producer.join()
        #expect(pushed.withLock { $0 } == 10)
    }

    @Test func `refuses after the end and drains what is inside`() {
        let queue = BoundedQueue<Int>(capacity: 2)
        #expect(queue.push(1))
        queue.finish()
        queue.finish()
        #expect(!queue.push(2))
        #expect(queue.pop() == 1)
        #expect(queue.pop() == nil)
        #expect(queue.pop() == nil)
    }

    @Test func `lets go of what is inside when cancelled`() {
        final class Element: Sendable {}
        let queue = BoundedQueue<Element>(capacity: 3)
        weak var released: Element?
        do {
            let element = Element()
            released = element
            // Not at the start of the ring.
            _ = queue.push(Element())
            _ = queue.pop()
            _ = queue.push(element)
        }
        #expect(released != nil)
        queue.cancel()
        #expect(released == nil)
        #expect(queue.pop() == nil)
        #expect(!queue.push(Element()))
        queue.finish()
        #expect(queue.pop() == nil)
    }

    @Test func `keeps nothing of what was taken`() {
        final class Element: Sendable {}
        let queue = BoundedQueue<Element>(capacity: 2)
        weak var taken: Element?
        do {
            let element = Element()
            taken = element
            _ = queue.push(element)
        }
        _ = queue.pop()
        #expect(taken == nil)
    }

    @Test func `wakes a blocked producer when finished or cancelled`() throws {
        for end in [BoundedQueue<Int>.finish, BoundedQueue<Int>.cancel] {
            let queue = BoundedQueue<Int>(capacity: 1)
            #expect(queue.push(0))
            let accepted = Locked<Bool?>(nil)
            let producer = try StageThread("producer") {
                let taken = queue.push(1)
                accepted.withLock { $0 = taken }
            }
            end(queue)()
            producer.join()
            #expect(accepted.withLock { $0 } == false)
        }
    }

    @Test func `wakes every blocked consumer when finished or cancelled`() throws {
        for end in [BoundedQueue<Int>.finish, BoundedQueue<Int>.cancel] {
            let queue = BoundedQueue<Int>(capacity: 1)
            let ended = Locked(0)
            let consumers = try (0..<3).map { _ in
                try StageThread("consumer") { if queue.pop() == nil { ended.withLock { $0 += 1 } } }
            }
            end(queue)()
            for consumer in consumers { consumer.join() }
            #expect(ended.withLock { $0 } == 3)
        }
    }

    @Test func `loses and doubles nothing among many producers and consumers`() throws {
        let queue = BoundedQueue<Int>(capacity: 4)
        let received = Locked<[Int]>([])
        let consumers = try (0..<4).map { _ in
            try StageThread("consumer") {
                while let number = queue.pop() { received.withLock { $0.append(number) } }
            }
        }
        let producers = try (0..<4).map { producer in
            try StageThread("producer") { for number in 0..<500 { _ = queue.push(producer * 500 + number) } }
        }
        for producer in producers { producer.join() }
        queue.finish()
        for consumer in consumers { consumer.join() }
        #expect(received.withLock { $0.sorted() } == Array(0..<2000))
    }
}
