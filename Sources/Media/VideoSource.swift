import CFFmpeg
import Glibc

/// An input opened for watching: demuxes and decodes. Used by one thread at a time.
public final class VideoSource {
    public enum Item: Sendable {
        case frame(Frame)
        /// A packet of an audio stream, in its place between the frames.
        case audio(Packet)
    }

    private enum Contents {
        case stream(Demuxer, PictureDecoder)
        case pictures(PictureSequence)
    }

    private let contents: Contents
    /// A JPEG file that ends before its picture does: libav shows what is missing in one colour, and says nothing.
    private let isCutOff: Bool
    private var pending: [Item] = []
    private var pendingStart = 0
    private var ended = false
    private var failure: (any Error)?
    private var frames = 0
    /// Frames handed out so far that are damaged, or built on damage.
    public private(set) var corruptFrames = 0

    /// - Parameters:
    ///   - input: see `InputAddress`: a path, URL, `-`, or a pattern of an image sequence.
    ///   - decoderThreads: libav's; 0 lets it choose.
    ///   - onProblem: called by `next` with why a picture of a pattern is no sound one; throws to end the run, returns
    ///     to go on with the next.
    public init(
        _ input: String, options: Demuxer.Options = Demuxer.Options(), decoderThreads: Int = 0,
        interrupt: Interrupt = Interrupt(), onProblem: @escaping (MediaError) throws -> Void = { throw $0 }
    ) throws {
        if let pattern = PicturePattern(input) {
            contents = .pictures(
                try PictureSequence(
                    pattern, rate: options.frameRate, interrupt: interrupt, onProblem: onProblem))
            isCutOff = false
        } else {
            let demuxer = try Demuxer(input, options: options, interrupt: interrupt)
            contents = .stream(demuxer, try PictureDecoder(demuxer, threads: decoderThreads))
            isCutOff = try Self.isCutOff(input, interrupt)
        }
    }

    /// A regular file that no end is missing of, as is known already.
    init(file path: String, interrupt: Interrupt) throws(MediaError) {
        let demuxer = try Demuxer(path, interrupt: interrupt)
        contents = .stream(demuxer, try PictureDecoder(demuxer, threads: 1))
        isCutOff = false
    }

    private static func isCutOff(_ input: String, _ interrupt: Interrupt) throws(MediaError) -> Bool {
        var information = stat()
        guard input != "-", stat(input, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            return false
        }
        return try !JPEGEnd.isThere(input, interrupt: interrupt)
    }

    public var info: SourceInfo {
        switch contents {
        case .stream(let demuxer, _): demuxer.info
        case .pictures(let pictures): pictures.info
        }
    }

    /// Displayed width over height: of a pattern's first picture; else as the container tells before anything is
    /// decoded, 1 where it does not.
    public var displayAspect: Double {
        switch contents {
        case .stream(let demuxer, _): demuxer.displayAspect
        case .pictures(let pictures): pictures.displayAspect
        }
    }

    /// Pictures and packets that libav could not make sense of so far; those of a pattern are told as problems.
    public var decodeErrors: Int {
        switch contents {
        case .stream(_, let decoder): decoder.errors
        case .pictures: 0
        }
    }

    /// What is missing in a pattern's numbers, in words; `nil`: nothing.
    public var gap: String? {
        if case .pictures(let pictures) = contents { pictures.pattern.gap } else { nil }
    }

    /// What of the input was damaged so far, in words; `nil`: nothing.
    public var damage: String? {
        var parts: [String] = []
        if isCutOff {
            parts.append("is cut off; what it lacks cannot be found in it")
        } else if corruptFrames > 0 {
            parts.append(
                "\(corruptFrames) of \(frames) frame\(frames == 1 ? "" : "s") damaged, or built on damage; "
                    + "what is found there, or not, cannot be trusted")
        }
        let errors = decodeErrors
        if errors > 0 {
            let what = errors == 1 ? "packet or picture" : "packets or pictures"
            parts.append("\(errors) damaged \(what) passed over")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// The next picture or audio packet; `nil` at the end. When reading fails midway, what was decoded until then comes
    /// first, then the error. After an error of `onProblem`, the next call goes on behind that picture.
    public func next() throws -> Item? {
        guard let item = try nextItem() else { return nil }
        if case .frame(let frame) = item {
            frames += 1
            if frame.isTainted { corruptFrames += 1 }
        }
        return item
    }

    private func nextItem() throws -> Item? {
        switch contents {
        case .pictures(let pictures): return try pictures.next().map { .frame($0) }
        case .stream(let demuxer, let decoder):
            while pendingStart == pending.count && !ended {
                pending.removeAll(keepingCapacity: true)
                pendingStart = 0
                try step(demuxer, decoder)
            }
        }
        guard pendingStart < pending.count else {
            if let failure { throw failure }
            return nil
        }
        defer { pendingStart += 1 }
        return pending[pendingStart]
    }

    private func step(_ demuxer: Demuxer, _ decoder: PictureDecoder) throws {
        var packet: Packet?
        do {
            packet = try demuxer.read()
        } catch {
            failure = error
        }
        if let packet, !demuxer.isVideo(packet) {
            pending.append(.audio(packet))
            return
        }
        try decoder.decode(packet) { frame in
            if isCutOff { frame.markCorrupt() }
            pending.append(.frame(frame))
        }
        if packet == nil { ended = true }
    }
}

extension Demuxer {
    fileprivate var displayAspect: Double {
        let coded = videoStream.pointee.codecpar.pointee
        guard coded.width > 0, coded.height > 0 else { return 1 }
        let pixelAspect = Rational(coded.sample_aspect_ratio)
        let aspect = Double(coded.width) / Double(coded.height) * (pixelAspect.isPositive ? pixelAspect.value : 1)
        return orientation.transpose ? 1 / aspect : aspect
    }
}
