import Pipeline
import Synchronization

/// Picture files read and made ready on threads of their own, a few ahead of who takes them, in order.
public final class PictureFeed<Ready: Sendable>: Sendable {
    private let paths: [String]
    private let queue: OrderedQueue<Result<Ready, any Error>>
    private let group: StageGroup
    private let begun = Atomic<Int>(0)

    /// - Parameter read: runs on a few threads, which keep up with any network on the CPU: each holds one picture, and
    ///   as many again may wait.
    public init(_ paths: [String], read: @escaping @Sendable (_ path: String) throws -> Ready) {
        self.paths = paths
        let threads = min(Processors.available, 4)
        let queue = OrderedQueue<Result<Ready, any Error>>(capacity: 2 * threads, producers: threads)
        self.queue = queue
        group = StageGroup { queue.cancel() }
        for index in 0..<threads {
            group.start("picture \(index)") { [self] in
                defer { queue.finish() }
                while let position = nextPosition() {
                    let ready = Result { try read(paths[position]) }
                    guard queue.push(ready, at: position) else { return }
                }
            }
        }
    }

    /// Of the pictures in turn; `nil` at the end.
    public func next() -> Result<Ready, any Error>? { queue.pop() }

    /// Ends the threads. Throws where one could not be started, in whose place nothing came.
    public func close() throws {
        queue.cancel()
        try group.wait()
    }

    private func nextPosition() -> Int? {
        let position = begun.add(1, ordering: .relaxed).oldValue
        return position < paths.count ? position : nil
    }
}
