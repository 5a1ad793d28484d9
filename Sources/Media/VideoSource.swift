import CFFmpeg

/// An input opened for watching: demuxes and decodes. Used by one thread at a time.
public final class VideoSource {
    public enum Item: Sendable {
        case frame(Frame)
        /// A packet of an audio stream, in its place between the frames.
        case audio(Packet)
    }

    public let demuxer: Demuxer
    private let decoder: PictureDecoder
    private var pending: [Item] = []
    private var pendingStart = 0
    private var ended = false
    private var failure: (any Error)?

    /// - Parameters:
    ///   - input: see `InputAddress`: a path, URL, `-`, or a pattern of an image sequence.
    ///   - decoderThreads: libav's; 0 lets it choose.
    public init(
        _ input: String, options: Demuxer.Options = Demuxer.Options(), decoderThreads: Int = 0,
        interrupt: Interrupt = Interrupt()
    ) throws(MediaError) {
        demuxer = try Demuxer(input, options: options, interrupt: interrupt)
        decoder = try PictureDecoder(demuxer, threads: decoderThreads)
    }

    public var info: SourceInfo { demuxer.info }

    /// Displayed width over height, as the container tells before anything is decoded; 1 where it does not.
    public var displayAspect: Double {
        let coded = demuxer.videoStream.pointee.codecpar.pointee
        guard coded.width > 0, coded.height > 0 else { return 1 }
        let pixelAspect = Rational(coded.sample_aspect_ratio)
        let aspect = Double(coded.width) / Double(coded.height) * (pixelAspect.isPositive ? pixelAspect.value : 1)
        return demuxer.orientation.transpose ? 1 / aspect : aspect
    }

    /// Pictures and packets that libav could not make sense of so far.
    public var decodeErrors: Int { decoder.errors }

    /// The next picture or audio packet; `nil` at the end. When reading fails midway, what was decoded until then comes
    /// first, then the error.
    public func next() throws -> Item? {
        while pendingStart == pending.count && !ended {
            pending.removeAll(keepingCapacity: true)
            pendingStart = 0
            try step()
        }
        guard pendingStart < pending.count else {
            if let failure { throw failure }
            return nil
        }
        defer { pendingStart += 1 }
        return pending[pendingStart]
    }

    private func step() throws {
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
        try decoder.decode(packet) { pending.append(.frame($0)) }
        if packet == nil { ended = true }
    }
}
