public import DataSets
import Media

extension PictureFeed {
    /// Hands every picture to `body` in turn, on the calling thread.
    ///
    /// - Parameters:
    ///   - prepare: runs on the feed's threads.
    ///   - onProblem: called with what a picture could not be decoded for; throws to end the run, returns to go on.
    ///   - stop: asked before each picture.
    ///   - progress: told how many pictures are done.
    static func forEach(
        _ samples: [Sample], prepare: @escaping @Sendable (Frame) throws -> Ready,
        onProblem: (any Error) throws -> Void, stop: () -> Bool, progress: (Int) -> Void,
        body: (Sample, Ready) throws -> Void
    ) throws {
        let feed = PictureFeed(samples.map(\.image)) { try prepare(StillPicture.read($0)) }
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
            samples, prepare: { (width: $0.width, height: $0.height) }, onProblem: onProblem,
            stop: stop, progress: progress,
            body: { results.append(PictureResult(sample: $0, width: $1.width, height: $1.height, boxes: [])) })
        return results
    }
}
