/// The pictures of a pattern, at a steady rate. Each is opened on its own: one that is damaged ends nothing and is not
/// passed over in silence, and they may differ in coding. Decoded on threads of their own, a few ahead.
///
/// Used by one thread at a time.
final class PictureSequence {
    let info: SourceInfo
    /// Width over height of the first sound picture.
    let displayAspect: Double
    let pattern: PicturePattern
    private let timeBase: Rational
    private let feed: PictureFeed<Frame>
    private let onProblem: (MediaError) throws -> Void
    private var position: Int64 = 0
    private var decoded = 0

    /// - Parameters:
    ///   - rate: pictures a second; `nil`: 25.
    ///   - onProblem: see `VideoSource`.
    /// - Throws: no file fits, or none of them is a sound picture.
    init(
        _ pattern: PicturePattern, rate: Rational?, interrupt: Interrupt,
        onProblem: @escaping (MediaError) throws -> Void
    ) throws {
        let (first, codec) = try Self.firstSound(of: pattern, interrupt)
        let rate = rate ?? Rational(25, 1)
        info = SourceInfo(madeHere: pattern.text, codec: codec, frameRate: rate, frames: pattern.files.count)
        displayAspect = Double(first.width) / Double(first.height) * first.pixelAspect
        self.pattern = pattern
        timeBase = rate.inverse
        self.onProblem = onProblem
        feed = PictureFeed(pattern.files) { path in
            try PictureSequence.picture(in: path, interrupt).frame
        }
    }

    /// Only ends the threads: who goes before the end does not ask whether all of them could be started.
    deinit { try? feed.close() }

    /// The next sound picture; `nil` at the end. One that is not keeps its time.
    func next() throws -> Frame? {
        while let result = feed.next() {
            defer { position += 1 }
            do {
                let frame = try result.get()
                frame.timeBase = timeBase
                frame.timestamp = position
                frame.index = decoded
                decoded += 1
                return frame
            } catch let error as MediaError where error.kind != .interrupted {
                try onProblem(error)
            }
        }
        try feed.close()
        return nil
    }

    private static func firstSound(
        of pattern: PicturePattern, _ interrupt: Interrupt
    ) throws -> (frame: Frame, codec: String) {
        var problem: MediaError?
        for path in pattern.files {
            do {
                return try picture(in: path, interrupt)
            } catch let error as MediaError where error.kind != .interrupted {
                problem = problem ?? error
            }
        }
        guard let problem else { throw InputAddress.nothingFits(pattern.text) }
        guard pattern.files.count > 1 else { throw problem }
        throw MediaError(
            .badData, pattern.text, "none of \(pattern.files.count) files is a sound picture; the first: \(problem)")
    }

    private static func picture(in path: String, _ interrupt: Interrupt) throws -> (frame: Frame, codec: String) {
        let (frame, source) = try StillPicture.first(of: path, interrupt: interrupt)
        guard try source.next() == nil else {
            throw MediaError(.badData, path, "holds more than one picture; name it as an input of its own")
        }
        return (frame, source.info.codecName)
    }
}
