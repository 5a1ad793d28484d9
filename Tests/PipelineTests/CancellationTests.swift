import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(10))) struct CancellationTests {
    @Test func aPauseLastsAsLongAsAsked() {
        let cancellation = Cancellation()
        let start = MonotonicTime.now
        #expect(cancellation.pause(seconds: 0.05))
        #expect(MonotonicTime.now - start >= 0.05)
        #expect(!cancellation.isCancelled)
    }

    @Test func cancellingWakesThoseThatPause() throws {
        let cancellation = Cancellation()
        let ended = BoundedQueue<Bool>(capacity: 3)
        let threads = try (0..<3).map { index in
            try StageThread("pause-\(index)") { _ = ended.push(cancellation.pause(seconds: 1e9)) }
        }
        cancellation.cancel()
        for thread in threads { thread.join() }
        #expect((0..<3).map { _ in ended.pop() } == [false, false, false])
    }

    @Test func afterwardsNothingPauses() {
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(!cancellation.pause(seconds: 1e9))
        #expect(cancellation.isCancelled)
    }

    @Test(arguments: [0, -1, Double.nan, -Double.infinity]) func whatIsNoTimeDoesNotPause(_ seconds: Double) {
        #expect(Cancellation().pause(seconds: seconds))
    }
}
