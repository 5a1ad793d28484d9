import CFFmpeg

/// Turns the packets of a demuxer's video stream into pictures: decodes, turns them upright, takes interlacing out, gives
/// every picture a timestamp that rises, and marks those that are built on damage.
///
/// Used by one thread at a time, which may be another than the demuxer's: it copies what it needs when it is made.
///
/// `@unchecked Sendable`: one stage makes it and hands it to the one that uses it from then on.
public final class PictureDecoder: @unchecked Sendable {
    private let name: String
    private let decoder: Decoder
    private let timeBase: Rational
    private let orientation: Orientation
    private var filter: FrameFilter?
    private var filterKey: FilterKey?
    private var clock: FrameClock
    private var origins = PacketOrigins()
    private var damage: DamageTracker
    private var missing = 0
    private var decoded = 0
    /// Packets since the last picture; `nil` before the first.
    private var barren: Int?
    private let mostBarren: Int?

    /// What the present filter graph (none for an empty chain) was built for.
    private struct FilterKey: Equatable {
        var layout: PictureLayout
        var orientation: Orientation
        var deinterlace: Bool

        var chain: [String] { (deinterlace ? ["yadif=mode=send_frame:deint=interlaced"] : []) + orientation.filters }
    }

    /// Call on the demuxer's thread.
    ///
    /// - Parameter threads: libav's decoding threads; 0 lets it choose. A live stream is decoded by one where libav may
    ///   choose, and by several a picture rather than a picture each, which would delay it.
    public init(_ demuxer: Demuxer, threads: Int) throws(MediaError) {
        name = demuxer.name
        decoder = try Decoder(demuxer.videoStream, name: demuxer.name, threads: threads, isLive: demuxer.isLive)
        timeBase = demuxer.timeBase
        orientation = demuxer.orientation
        clock = FrameClock(nominalDuration: demuxer.info.frameRate?.inverse)
        damage = DamageTracker(isWhole: decoder.startsWhole)
        mostBarren = demuxer.isLive ? Self.livePatience : nil
    }

    /// libav decodes a camera's new coding as if it were the old one, and nothing comes of it.
    private static let livePatience = 100

    /// Pictures and packets that libav could not make sense of so far.
    public var errors: Int { decoder.errors }

    /// Hands a packet of the video stream (`nil`: the end) to the decoder, and every picture that is ready to `body`.
    /// Damage is passed over and counted, but a live stream that gives no pictures any more is an error.
    public func decode(_ packet: Packet?, _ body: (Frame) throws -> Void) throws {
        if let packet {
            origins.add(packet)
            decoder.tag(packet, origins.count)
            if packet.followsLoss || packet.isCorrupt { damage.damaged(at: origins.count) }
        }
        let errors = decoder.errors
        try decoder.decode(packet) { try accept($0, body) }
        if decoder.errors != errors { damage.damaged(at: origins.count) }
        noteMissing()
        if packet == nil { return try drainFilter(body) }
        guard let barren else { return }
        self.barren = barren + 1
        if barren == mostBarren {
            throw MediaError(.badData, name, "gave no picture in \(barren) packets; its coding may have changed")
        }
    }

    /// Forgets what it was building on. To be called where packets were left out, except for disposable ones; the next
    /// one should be a key.
    public func flush() {
        decoder.flush()
        filter = nil
        filterKey = nil
        damage.begin(isWhole: decoder.startsWhole)
        barren = nil
    }

    /// Where the decoder found that pictures are missing.
    private func noteMissing() {
        guard decoder.missing != missing else { return }
        missing = decoder.missing
        damage.missing(before: origins.count)
    }

    private func accept(_ frame: Frame, _ body: (Frame) throws -> Void) throws {
        noteMissing()
        barren = 0
        frame.timeBase = timeBase
        let best = frame.pointer.pointee.best_effort_timestamp
        frame.timestamp = clock.next(best == lk_nopts ? nil : best, timeBase: timeBase)
        let orientation = Orientation(of: frame) ?? orientation
        // Once interlacing was seen it may come back at any frame; yadif lets progressive ones pass.
        let deinterlace = frame.isInterlaced || filterKey?.deinterlace == true
        let key = FilterKey(layout: frame.layout, orientation: orientation, deinterlace: deinterlace)
        if key != filterKey {
            try drainFilter(body)
            filter = key.chain.isEmpty ? nil : try FrameFilter(key.chain, like: frame, subject: name)
            filterKey = key
        }
        guard let filter else { return try emit(frame, body) }
        for ready in try filter.filter(frame) { try emit(ready, body) }
    }

    private func drainFilter(_ body: (Frame) throws -> Void) throws {
        for ready in try filter?.filter(nil) ?? [] { try emit(ready, body) }
        filter = nil
    }

    private func emit(_ frame: Frame, _ body: (Frame) throws -> Void) throws {
        frame.index = decoded
        decoded += 1
        origins.mark(frame)
        frame.isTainted = damage.isTainted(
            packet: origins.number(of: frame), isKey: frame.isKey, isCorrupt: frame.isCorrupt, seconds: frame.seconds)
        try body(frame)
    }
}
