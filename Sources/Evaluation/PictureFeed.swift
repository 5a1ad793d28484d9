public import DataSets
import Media
import Pipeline
import Synchronization

/// Pictures of a data set decoded and made ready on threads of their own, a few ahead of who takes them, in order.
final class PictureFeed<Ready: Sendable>: Sendable {
    private let samples: [Sample]
    private let queue: OrderedQueue<Result<Ready, any Error>>
    private let group: StageGroup
    private let begun = Atomic<Int>(0)

    /// - Parameters:
    ///   - threads: that decode, each holding one picture; as many again may wait.
    ///   - prepare: runs on them.
    init(_ samples: [Sample], threads: Int, prepare: @escaping @Sendable (Frame) throws -> Ready) {
        self.samples = samples
        let queue = OrderedQueue<Result<Ready, any Error>>(capacity: 2 * threads, producers: threads)
        self.queue = queue
        group = StageGroup { queue.cancel() }
        for index in 0..<threads {
            group.start("picture \(index)") { [self] in
                defer { queue.finish() }
                while let position = nextPosition() {
                    let ready = Result { try prepare(StillPicture.read(samples[position].image)) }
                    guard queue.push(ready, at: position) else { return }
                }
            }
        }
    }

    /// Of the pictures in turn; `nil` at the end.
    func next() -> Result<Ready, any Error>? { queue.pop() }

    /// Ends the threads. Throws where one could not be started, in whose place nothing came.
    func close() throws {
        queue.cancel()
        try group.wait()
    }

    private func nextPosition() -> Int? {
        let position = begun.add(1, ordering: .relaxed).oldValue
        return position < samples.count ? position : nil
    }
}

extension PictureFeed {
    /// Hands every picture to `body` in turn, on the calling thread.
    ///
    /// - Parameters:
    ///   - onProblem: called with what a picture could not be decoded for; throws to end the run, returns to go on.
    ///   - stop: asked before each picture.
    ///   - progress: told how many pictures are done.
    static func forEach(
        _ samples: [Sample], threads: Int, prepare: @escaping @Sendable (Frame) throws -> Ready,
        onProblem: (any Error) throws -> Void, stop: () -> Bool, progress: (Int) -> Void,
        body: (Sample, Ready) throws -> Void
    ) throws {
        let feed = PictureFeed(samples, threads: threads, prepare: prepare)
        var done = 0
        do {
            while !stop(), let item = feed.next() {
                switch item {
                case .success(let ready): try body(samples[done], ready)
                case .failure(let error): try onProblem(error)
                }
                done += 1
                progress(done)
            }
        } catch {
            try feed.close()
            throw error
        }
        try feed.close()
    }
}

/// Threads that decode ahead: a few keep up with any network on the CPU.
let decodingThreads = min(Processors.available, 4)

extension PictureResult {
    /// Pictures of which nothing is known yet but their sizes.
    ///
    /// - Parameters: see `Evaluator.run`.
    public static func empty(
        of samples: [Sample], onProblem: (any Error) throws -> Void = { throw $0 }, stop: () -> Bool = { false },
        progress: (Int) -> Void = { _ in }
    ) throws -> [PictureResult] {
        var results: [PictureResult] = []
        try PictureFeed.forEach(
            samples, threads: decodingThreads, prepare: { (width: $0.width, height: $0.height) }, onProblem: onProblem,
            stop: stop, progress: progress,
            body: { results.append(PictureResult(sample: $0, width: $1.width, height: $1.height, boxes: [])) })
        return results
    }
}
