import Pipeline
import Synchronization
import Testing

@Suite struct OrderedQueueTests {
    @Test func elementsLeaveInOrder() {
        let queue = OrderedQueue<String>(capacity: 3, producers: 1)
        #expect(queue.push("c", at: 2))
        #expect(queue.push("a", at: 0))
        #expect(queue.push("b", at: 1))
        queue.finish()
        #expect([queue.pop(), queue.pop(), queue.pop(), queue.pop()] == ["a", "b", "c", nil])
    }

    @Test func manyProducersAreSortedAndBounded() throws {
        let (producers, count, capacity) = (4, 2000, 3)
        let queue = OrderedQueue<Int>(capacity: capacity, producers: producers)
        let taken = Atomic(0)
        let threads = try (0..<producers).map { producer in
            try StageThread("producer") {
                for position in stride(from: producer, to: count, by: producers) {
                    #expect(queue.push(position, at: position))
                    let ahead = position - taken.load(ordering: .sequentiallyConsistent)
                    #expect(ahead <= capacity)
                }
                queue.finish()
            }
        }
        for position in 0..<count {
            #expect(queue.pop() == position)
            taken.add(1, ordering: .sequentiallyConsistent)
        }
        #expect(queue.pop() == nil)
        for thread in threads { thread.join() }
    }

    @Test func finishedOnlyWithTheLastProducer() {
        let queue = OrderedQueue<Int>(capacity: 2, producers: 2)
        queue.finish()
        #expect(queue.push(7, at: 0))
        #expect(queue.pop() == 7)
        queue.finish()
        #expect(queue.pop() == nil)
    }

    @Test func aGapIsNotPassedOver() {
        let queue = OrderedQueue<Int>(capacity: 2, producers: 1)
        #expect(queue.push(1, at: 1))
        queue.finish()
        #expect(queue.pop() == nil)
    }

    @Test func cancelReleasesProducersAndElements() throws {
        final class Token: Sendable {}
        weak var inside: Token?
        let queue = OrderedQueue<Token>(capacity: 1, producers: 1)
        do {
            let token = Token()
            inside = token
            #expect(queue.push(token, at: 0))
        }
        let refused = Atomic(false)
        let producer = try StageThread("producer") {
            refused.store(!queue.push(Token(), at: 5), ordering: .sequentiallyConsistent)
        }
        queue.cancel()
        producer.join()
        let wasRefused = refused.load(ordering: .sequentiallyConsistent)
        #expect(wasRefused)
        #expect(inside == nil)
        #expect(queue.pop() == nil)
    }
}
