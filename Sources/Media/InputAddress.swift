import CFFmpeg
import Foundation

/// What a user named as input, made into what libav opens.
struct InputAddress {
    /// For libav: a URL, or `file:` and a path so that a colon in a name is not taken for a protocol.
    let url: String
    /// A demuxer forced by name, where probing would choose another.
    var format: String?
    /// Options for the demuxer.
    var options: [String: String] = [:]
    /// Reads from a network: needs time limits.
    let isNetwork: Bool
    /// A camera of this machine: needs them too.
    var isCamera = false
    /// Read through `PipeInput` instead of by libav.
    var pipe: PipeInput.Source?

    /// What comes through a pipe or socket that is open already.
    init(descriptor: Int32) {
        (url, pipe) = ("", .descriptor(descriptor))
        isNetwork = false
    }

    /// - Parameters:
    ///   - input: a path, a URL, `-` for stdin, a numbered pattern (`frame%04d.jpg`) or a glob (`shots/*.png`).
    ///   - standardInput: the descriptor that `-` means.
    init(_ input: String, frameRate: Rational?, standardInput: Int32 = STDIN_FILENO) throws(MediaError) {
        if let frameRate { options["framerate"] = frameRate.description }
        if input == "-" {
            isNetwork = false
            var information = stat()
            if fstat(standardInput, &information) == 0, information.st_mode & S_IFMT == S_IFREG {
                // A file can be sought in: some have their index at the end.
                url = "file:/dev/fd/\(standardInput)"
            } else {
                (url, pipe) = ("", .standardInput)
            }
            return
        }
        if let scheme = Self.scheme(of: input) {
            url = scheme + input.dropFirst(scheme.count)
            isNetwork = scheme != "file" && scheme != "pipe"
            return
        }
        isNetwork = false
        var information = stat()
        if stat(input, &information) == 0 {
            if information.st_mode & S_IFMT == S_IFDIR {
                throw MediaError(.noInput, input, "is a directory; name a file, or a pattern such as \(input)/*.jpg")
            }
            if information.st_mode & S_IFMT == S_IFREG && information.st_size == 0 {
                throw MediaError(.badData, input, "is an empty file")
            }
            guard access(input, R_OK) == 0 else {
                throw MediaError(.noInput, input, String(cString: strerror(errno)), reason: .unauthorized)
            }
            if CaptureDevice.isOne(information) {
                (url, format, isCamera) = (input, CaptureDevice.format, true)
                return
            }
            if information.st_mode & S_IFMT == S_IFIFO { pipe = .fifo(input) }
            url = "file:" + input
            // A name with a % in it is a name here, not a pattern.
            options["pattern_type"] = "none"
            return
        }
        let missing = errno
        // A pattern cannot have `file:` before it; with a folder before it, a colon is none of a protocol.
        let pattern = input.hasPrefix("/") ? input : "./" + input
        if PicturePattern.isNumbered(input) {
            (url, format) = (pattern, "image2")
            options["pattern_type"] = "sequence"
            // The first number may be any of these.
            options["start_number_range"] = "100000"
        } else if PicturePattern.isGlob(input) {
            guard PicturePattern(input)?.files.isEmpty == false else { throw Self.nothingFits(input) }
            (url, format) = (pattern, "image2")
            options["pattern_type"] = "glob"
        } else {
            throw MediaError(.noInput, input, String(cString: strerror(missing)))
        }
    }

    /// The URL with user and password in it, as libav takes them.
    func url(with credentials: Credentials, name: String) throws(MediaError) -> String {
        guard isNetwork else {
            throw MediaError(.unsupported, name, "is not on a network; it takes no user and password")
        }
        return try credentials.inserted(into: url)
    }

    static func nothingFits(_ pattern: String) -> MediaError {
        MediaError(.noInput, pattern, "no file fits this pattern")
    }

    /// The `rtsp` of `rtsp://camera/stream`.
    static func scheme(of input: String) -> String? {
        guard let end = input.range(of: "://")?.lowerBound else { return input.hasPrefix("file:") ? "file" : nil }
        let scheme = input[..<end]
        let known = scheme.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        return scheme.isEmpty || !known ? nil : scheme.lowercased()
    }
}
