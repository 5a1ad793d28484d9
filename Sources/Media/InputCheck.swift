import CFFmpeg

/// What can be told of an input before it is opened.
public enum InputCheck {
    /// What may stand before the `://` of a URL, as far as this machine's libav goes.
    public static let schemes: [String] = {
        // Demuxers rather than protocols, and so not among those that libav lists.
        var schemes = ["rtsp", "rtsps"]
        var state: UnsafeMutableRawPointer?
        while let name = avio_enum_protocols(&state, 0) { schemes.append(String(cString: name)) }
        return schemes
    }()

    /// The `rtsp` of `rtsp://camera/stream`, in small letters; `nil` for a path.
    public static func scheme(of input: String) -> String? { InputAddress.scheme(of: input) }

    /// - Throws: why a file is not there or cannot be read, or that nothing fits a pattern. URLs and stdin are passed
    ///   over.
    public static func check(_ input: String) throws(MediaError) { _ = try InputAddress(input, frameRate: nil) }
}
