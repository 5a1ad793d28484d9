import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(10))) struct DroppingQueueTests {
    /// What is taken until the end.
    private func drain(_ queue: DroppingQueue<Int>) -> [Int] {
        var taken: [Int] = []
        while case .element(let number) = queue.pop() { taken.append(number) }
        return taken
    }

    @Test func `drops the oldest when it is full`() {
        let queue = DroppingQueue<Int>(capacity: 3)
        #expect((0..<5).map { queue.push($0) } == [nil, nil, nil, 0, 1])
        queue.finish()
        #expect(drain(queue) == [2, 3, 4])
    }

    @Test func `takes nothing after the end`() {
        let queue = DroppingQueue<Int>(capacity: 3)
        #expect(queue.push(1) == nil)
        queue.finish()
        #expect(queue.push(2) == 2)
        #expect(drain(queue) == [1])
        #expect(drain(queue) == [])
    }

    @Test func `gives back what is inside when cancelled`() {
        let queue = DroppingQueue<Int>(capacity: 3)
        for number in 0..<2 { _ = queue.push(number) }
        #expect(queue.cancel() == [0, 1])
        #expect(queue.cancel() == [])
        #expect(queue.push(2) == 2)
        #expect(drain(queue) == [])
    }

    @Test func `waits for an element as long as it is told`() throws {
        let queue = DroppingQueue<Int>(capacity: 3)
        let begin = ContinuousClock.now
        guard case .nothing = queue.pop(within: 0.05) else {
            Issue.record("there was nothing")
            return
        }
        #expect(ContinuousClock.now - begin >= .milliseconds(50))
        let producer = try StageThread("producer") { _ = queue.push(7) }
        guard case .element(7) = queue.pop(within: 50) else {
            Issue.record("an element came")
            return
        }
        producer.join()
    }

    @Test func `wakes a waiting consumer at the end`() throws {
        for seconds in [nil, 50.0] {
            let queue = DroppingQueue<Int>(capacity: 1)
            let ended = Locked(false)
            let consumer = try StageThread("consumer") {
                if case .end = queue.pop(within: seconds) { ended.withLock { $0 = true } }
            }
            queue.finish()
            consumer.join()
            #expect(ended.withLock { $0 })
        }
    }

    @Test func `loses nothing that it does not give back`() throws {
        let queue = DroppingQueue<Int>(capacity: 4)
        let taken = Locked<[Int]>([])
        let consumer = try StageThread("consumer") {
            while case .element(let number) = queue.pop() { taken.withLock { $0.append(number) } }
        }
        let dropped = (0..<2000).compactMap { queue.push($0) }
        queue.finish()
        consumer.join()
        let all = taken.withLock { $0 }
        #expect(all == all.sorted())
        #expect((all + dropped).sorted() == Array(0..<2000))
    }
}
