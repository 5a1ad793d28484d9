import Media

/// The street as a video file.
public enum StreetRecording {
    /// Renders and codes the first `frames` pictures of a street, as H.264 where the container takes it.
    ///
    /// - Parameters:
    ///   - path: the file to create (truncated if there); its extension says the container.
    ///   - progress: told the number of pictures done, after each.
    ///   - isStopped: asked before each; `true` ends the file there, playable.
    /// - Returns: what is in each picture that was written.
    /// - Throws: `MediaError`.
    public static func write(
        _ options: StreetOptions, frames: Int, to path: String, progress: (Int) -> Void = { _ in },
        isStopped: () -> Bool = { false }
    ) throws -> [[StreetObject]] {
        let street = try Street(options)
        let info = SourceInfo(madeHere: path, frameRate: Rational(Int32(options.frameRate), 1), frames: frames)
        var writer: VideoWriter?
        var truth: [[StreetObject]] = []
        truth.reserveCapacity(frames)
        while truth.count < frames, !isStopped() {
            let picture = try street.picture(at: truth.count)
            let file =
                try writer
                ?? VideoWriter(
                    path: path, container: path, source: info, first: picture.frame, options: VideoWriter.Options())
            writer = file
            try file.write(file.canvas(for: picture.frame, isDrawn: false))
            truth.append(picture.objects)
            progress(truth.count)
        }
        try writer?.finish()
        return truth
    }
}
