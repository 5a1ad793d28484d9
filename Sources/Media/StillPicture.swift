/// The one picture of a file, for training and for being judged by: whole and sound, or not at all.
public enum StillPicture {
    /// Reads and decodes a regular file on this thread: its picture, or the first of a video.
    ///
    /// - Throws: `MediaError`, which names the file. Damage that libav conceals is an error: half of the picture would
    ///   be grey, and its objects not to be found.
    public static func read(_ path: String, interrupt: Interrupt = Interrupt()) throws -> Frame {
        try first(of: path, interrupt: interrupt).frame
    }

    /// The same, and what it was read from.
    static func first(of path: String, interrupt: Interrupt) throws -> (frame: Frame, source: VideoSource) {
        guard try JPEGEnd.isThere(path, interrupt: interrupt) else { throw MediaError(.badData, path, "is cut off") }
        let source = try VideoSource(file: path, interrupt: interrupt)
        while let item = try source.next() {
            guard case .frame(let frame) = item else { continue }
            guard !frame.isCorrupt, source.decodeErrors == 0 else { throw MediaError(.badData, path, "is damaged") }
            return (frame, source)
        }
        throw MediaError(.badData, path, "holds no picture that can be decoded")
    }
}
