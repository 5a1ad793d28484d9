import CFFmpeg
import Foundation

/// An input opened for watching: demuxes, decodes, turns pictures upright, takes interlacing out, and gives every picture
/// a timestamp that rises. Used by one thread at a time.
public final class VideoSource {
    public enum Item: Sendable {
        case frame(Frame)
        /// A packet of an audio stream, in its place between the frames.
        case audio(Packet)
    }

    public let demuxer: Demuxer
    private let decoder: Decoder
    private var filter: FrameFilter?
    private var filterKey: FilterKey?
    private var clock: FrameClock
    private var pending: [Item] = []
    private var pendingStart = 0
    private var ended = false
    private var failure: (any Error)?
    private var decoded = 0

    /// What the present filter graph (none for an empty chain) was built for.
    private struct FilterKey: Equatable {
        var layout: PictureLayout
        var orientation: Orientation
        var deinterlace: Bool

        var chain: [String] { (deinterlace ? ["yadif=mode=send_frame:deint=interlaced"] : []) + orientation.filters }
    }

    /// - Parameters:
    ///   - input: see `InputAddress`: a path, URL, `-`, or a pattern of an image sequence.
    ///   - decoderThreads: libav's; 0 lets it choose.
    public init(
        _ input: String, options: Demuxer.Options = Demuxer.Options(), decoderThreads: Int = 0,
        interrupt: Interrupt = Interrupt()
    ) throws(MediaError) {
        demuxer = try Demuxer(input, options: options, interrupt: interrupt)
        decoder = try Decoder(demuxer.videoStream, name: demuxer.name, threads: decoderThreads)
        clock = FrameClock(nominalDuration: demuxer.info.frameRate?.inverse)
    }

    public var info: SourceInfo { demuxer.info }

    /// Displayed width over height, as the container tells before anything is decoded; 1 where it does not.
    public var displayAspect: Double {
        let coded = demuxer.videoStream.pointee.codecpar.pointee
        guard coded.width > 0, coded.height > 0 else { return 1 }
        let pixelAspect = Rational(coded.sample_aspect_ratio)
        let aspect = Double(coded.width) / Double(coded.height) * (pixelAspect.isPositive ? pixelAspect.value : 1)
        let isTurned = demuxer.displayMatrix.map { Orientation(matrix: $0).transpose } ?? false
        return isTurned ? 1 / aspect : aspect
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
        try decoder.decode(packet) { try accept($0) }
        if packet == nil {
            ended = true
            try drainFilter()
        }
    }

    private func accept(_ frame: Frame) throws {
        frame.timeBase = demuxer.timeBase
        let best = frame.pointer.pointee.best_effort_timestamp
        frame.timestamp = clock.next(best == lk_nopts ? nil : best, timeBase: frame.timeBase)
        let orientation = Orientation(frame: frame, stream: demuxer.displayMatrix)
        // Once interlacing was seen it may come back at any frame; yadif lets progressive ones pass.
        let deinterlace = frame.isInterlaced || filterKey?.deinterlace == true
        let key = FilterKey(layout: frame.layout, orientation: orientation, deinterlace: deinterlace)
        if key != filterKey {
            try drainFilter()
            filter = key.chain.isEmpty ? nil : try FrameFilter(key.chain, like: frame, subject: demuxer.name)
            filterKey = key
        }
        guard let filter else { return emit(frame) }
        for ready in try filter.filter(frame) { emit(ready) }
    }

    private func drainFilter() throws {
        for ready in try filter?.filter(nil) ?? [] { emit(ready) }
        filter = nil
    }

    private func emit(_ frame: Frame) {
        frame.index = decoded
        decoded += 1
        pending.append(.frame(frame))
    }
}

/// Makes a rising time line of a stream's timestamps: fills in missing ones and those that go back.
struct FrameClock {
    /// Seconds from frame to frame where the stream's rate is known.
    let nominalDuration: Rational?
    private var last: Int64?

    init(nominalDuration: Rational?) { self.nominalDuration = nominalDuration }

    /// No clock counts further: damage. Within it, sums and differences do not overflow.
    private static let plausible = -(Int64(1) << 60)...(Int64(1) << 60)

    mutating func next(_ given: Int64?, timeBase: Rational) -> Int64 {
        let timestamp = given.flatMap { Self.plausible.contains($0) ? $0 : nil }
        guard let last else {
            self.last = timestamp ?? 0
            return timestamp ?? 0
        }
        let step = max(1, (nominalDuration ?? Rational(1, 25)).rescale(1, to: timeBase))
        let now = timestamp.flatMap { $0 > last ? $0 : nil } ?? last &+ step
        self.last = now
        return now
    }
}
