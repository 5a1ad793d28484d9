import Media
import Pipeline

/// Decoded pictures, kept as long as there is room: those that come first stay. Where every picture is as likely as the
/// next, no other rule keeps better ones; where they come in turn, the least recently used would be the next to be asked
/// for.
final class PictureCache: Sendable {
    private struct State {
        var pictures: [String: DecodedPicture] = [:]
        var byteCount = 0
    }

    private let state = Locked(State())
    private let byteLimit: Int
    private let mostPixels: Int

    /// - Parameters:
    ///   - byteLimit: of all that is kept.
    ///   - mostPixels: see `DecodedPicture`.
    init(byteLimit: Int, mostPixels: Int) {
        self.byteLimit = byteLimit
        self.mostPixels = mostPixels
    }

    var byteCount: Int { state.withLock { $0.byteCount } }

    /// The picture, decoded on this thread where it is not kept. Two threads may decode the same one.
    func picture(_ path: String, interrupt: Interrupt) throws -> DecodedPicture {
        if let kept = state.withLock({ $0.pictures[path] }) { return kept }
        let picture = try DecodedPicture(path, mostPixels: mostPixels, interrupt: interrupt)
        state.withLock { state in
            guard state.pictures[path] == nil, picture.byteCount <= byteLimit - state.byteCount else { return }
            state.pictures[path] = picture
            state.byteCount += picture.byteCount
        }
        return picture
    }
}
