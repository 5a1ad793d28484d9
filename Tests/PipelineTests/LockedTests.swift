import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(10))) struct LockedTests {
    @Test func changesOfSeveralThreadsAddUp() throws {
        let count = Locked(0)
        let threads = try (0..<4).map { index in
            try StageThread("count-\(index)") { for _ in 0..<10_000 { count.withLock { $0 += 1 } } }
        }
        for thread in threads { thread.join() }
        #expect(count.withLock { $0 } == 40_000)
    }

    @Test func anErrorLetsGoOfTheLock() {
        struct Refused: Error {}
        let value = Locked(1)
        #expect(throws: Refused.self) {
            try value.withLock { (_: inout Int) throws(Refused) in throw Refused() }
        }
        #expect(value.withLock { $0 } == 1)
    }
}
