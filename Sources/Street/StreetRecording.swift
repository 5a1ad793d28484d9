import Media

/// The street as a video file.
public enum StreetRecording {
    /// Renders and codes the first `frames` pictures of a street, as H.264 where the container takes it.
    ///
    /// - Parameters:
    ///   - path: the file to create (truncated if there).
    ///   - container: a name whose extension says the container, and that errors tell, for when `path` has another.
    ///   - isStopped: asked before each picture; `true` ends the file there, playable.
    ///   - written: told the index of each picture, from 0, and what is in it.
    /// - Throws: `StreetError`, `MediaError`, and what `written` throws.
    public static func write(
        _ options: StreetOptions, frames: Int, to path: String, container: String? = nil,
        isStopped: () -> Bool = { false },
        written: (_ index: Int, _ objects: [StreetObject]) throws -> Void = { _, _ in }
    ) throws {
        let street = try Street(options)
        let container = container ?? path
        let info = SourceInfo(madeHere: container, frameRate: Rational(Int32(options.frameRate), 1), frames: frames)
        var writer: VideoWriter?
        for index in 0..<frames {
            if isStopped() { break }
            let picture = try street.picture(at: index)
            let file =
                try writer
                ?? VideoWriter(
                    path: path, container: container, source: info, first: picture.frame,
                    options: VideoWriter.Options())
            writer = file
            try file.write(file.canvas(for: picture.frame, isDrawn: false))
            try written(index, picture.objects)
        }
        try writer?.finish()
    }
}
