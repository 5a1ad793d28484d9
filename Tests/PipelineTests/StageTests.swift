import Foundation
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(10))) struct StageThreadTests {
    @Test(arguments: [("decode", "decode"), ("a name of more than fifteen bytes", "a name of more ")])
    func `runs under its name and is joined`(_ name: String, _ expected: String) throws {
        let seen = Locked("")
        let thread = try StageThread(name) {
            let name: String
            do {
                name = try String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
            } catch {
                name = "\(error)"
            }
            seen.withLock { $0 = name }
        }
        thread.join()
        #expect(seen.withLock { $0 } == expected + "\n")
    }

    @Test func `lets go of its body at its end`() throws {
        final class Captured: Sendable {}
        weak var captured: Captured?
        try {
            let object = Captured()
            captured = object
            try StageThread("short") { _ = object }.join()
        }()
        #expect(captured == nil)
    }

    @Test func `says which thread was refused`() {
        #expect(
            ThreadError(name: "infer", errno: EAGAIN).description
                == "cannot start thread infer: Resource temporarily unavailable")
    }
}

@Suite(.timeLimit(.minutes(10))) struct StageGroupTests {
    private struct Failure: Error, Equatable { let number: Int }

    @Test func `waits for every stage`() throws {
        let done = Locked(0)
        let group = StageGroup {}
        for _ in 0..<5 { group.start("stage") { done.withLock { $0 += 1 } } }
        try group.wait()
        #expect(done.withLock { $0 } == 5)
        try group.wait()
    }

    @Test func `throws the first error and ends the other stages by it`() {
        let queue = BoundedQueue<Int>(capacity: 1)
        let failures = Locked(0)
        let ended = Locked(false)
        let group = StageGroup {
            failures.withLock { $0 += 1 }
            queue.cancel()
        }
        group.start("blocked") {
            while queue.pop() != nil {}
            ended.withLock { $0 = true }
            throw Failure(number: 2)
        }
        group.start("failing") { throw Failure(number: 1) }
        #expect(throws: Failure(number: 1)) { try group.wait() }
        #expect(failures.withLock { $0 } == 1)
        #expect(ended.withLock { $0 })
    }

    @Test func `lets go of its stages`() throws {
        final class Captured: Sendable {}
        weak var captured: Captured?
        weak var released: StageGroup?
        try {
            let object = Captured()
            let group = StageGroup {}
            (captured, released) = (object, group)
            group.start("stage") { _ = object }
            try group.wait()
        }()
        #expect(captured == nil)
        #expect(released == nil)
    }
}
