import CFFmpeg
import Foundation

/// An opened input: finds its streams and reads its packets. The only owner of its AVFormatContext.
///
/// Used by one thread at a time; `interrupt.cancel()` may be called from any.
public final class Demuxer {
    /// What the input calls itself in messages, without credentials.
    public let name: String
    let interrupt: Interrupt
    /// Seconds to wait for a packet; `nil`: for ever.
    private let readLimit: Double?
    let isLive: Bool
    private let isCamera: Bool
    /// Behind `context` where libav does not read by itself; freed after it.
    private let pipe: PipeInput?
    /// Behind `context`, as the pipe.
    private let lost = LibavLog.Counter()
    private(set) var context: UnsafeMutablePointer<AVFormatContext>
    /// The stream that is watched.
    let videoStream: UnsafeMutablePointer<AVStream>
    /// Streams handed through unchanged when asked for.
    let audioStreams: [UnsafeMutablePointer<AVStream>]
    /// What the input told of itself when it was opened.
    public let info: SourceInfo
    private var references: ReferenceScan?
    private var timeline = Timeline()
    /// Packets read to see where the times of the one before them lead, and what ended that.
    private var ahead: [Packet] = []
    private var failure: MediaError?
    private var lastArrival: ContinuousClock.Instant?
    private var producerClock: ProducerClock
    /// The video packet before was.
    private var wasCorrupt = false

    public convenience init(
        _ input: String, options: Options = Options(), interrupt: Interrupt = Interrupt()
    ) throws(MediaError) {
        try self.init(
            try InputAddress(input, frameRate: options.frameRate), name: redacted(input), options: options,
            interrupt: interrupt)
    }

    /// What comes through a pipe or socket.
    ///
    /// - Parameter descriptor: its reading end, closed with the demuxer, also where this throws.
    public convenience init(
        descriptor: Int32, name: String, options: Options = Options(), interrupt: Interrupt = Interrupt()
    ) throws(MediaError) {
        try self.init(InputAddress(descriptor: descriptor), name: name, options: options, interrupt: interrupt)
    }

    private init(
        _ address: InputAddress, name: String, options: Options, interrupt: Interrupt
    ) throws(MediaError) {
        LibavLog.taken
        self.name = name
        self.interrupt = interrupt
        isLive = options.isLive
        isCamera = address.isCamera
        let isTimed = address.isNetwork || address.isCamera
        let openLimit = isTimed ? options.connectTimeout ?? options.networkTimeout : nil
        readLimit = isTimed ? options.stallTimeout ?? options.networkTimeout : nil
        let pipe = try address.pipe.map { source throws(MediaError) in
            try PipeInput(source, name: name, interrupt: interrupt)
        }
        self.pipe = pipe
        let begin = ContinuousClock.now
        context = try Self.open(
            address, options: options, pipe: pipe, lost: lost, name: name, limit: openLimit, interrupt: interrupt)
        var opened: UnsafeMutablePointer<AVFormatContext>? = context
        do {
            let (context, name) = (context, name)
            try Self.checkSizes(of: context, name: name)
            let spent = options.connectTimeout == nil ? 0 : (ContinuousClock.now - begin) / .seconds(1)
            var found = interrupt.limited(to: openLimit.map { $0 - spent }) { Self.findStreamInfo(context) }
            // libav takes what it has by then for enough, were it nothing.
            if options.connectTimeout != nil && interrupt.hasExpired { found = lk_averror_exit }
            try Self.checkOpening(found, name: name, limit: openLimit, interrupt: interrupt)
            try check(found, "avformat_find_stream_info", name, .badData)
            videoStream = try Self.findVideo(in: context, name: name)
            audioStreams = options.wantsAudio ? Self.streams(of: context).filter(Self.isAudio) : []
            info = try SourceInfo(context, video: videoStream, audio: audioStreams, name: name)
        } catch {
            avformat_close_input(&opened)
            throw error
        }
        producerClock = ProducerClock(timeBase: Rational(videoStream.pointee.time_base))
        references = ReferenceScan(videoStream.pointee.codecpar.pointee)
        let wanted = audioStreams + [videoStream]
        for stream in Self.streams(of: context) where !wanted.contains(stream) {
            stream.pointee.discard = AVDISCARD_ALL
        }
    }

    deinit {
        var owned: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&owned)
    }

    /// Packets of the network that did not arrive so far, as RTP's numbering tells.
    public var lostPackets: Int { lost.value }

    public func isVideo(_ packet: Packet) -> Bool { packet.streamIndex == Int(videoStream.pointee.index) }

    /// No other picture is built on this packet's, as far as can be seen from outside: it may be left out. Not if it
    /// brings news of damage, which the decoder is to know of.
    public func isDisposable(_ packet: Packet) -> Bool {
        guard isVideo(packet), !packet.followsLoss, !packet.isCorrupt else { return false }
        if packet.pointer.pointee.flags & AV_PKT_FLAG_DISPOSABLE != 0 { return true }
        return references?.isDisposable(packet.bytes) ?? false
    }

    // MARK: Reading

    /// The next packet of a wanted stream, its times on one time line; `nil` at the end.
    public func read() throws(MediaError) -> Packet? {
        var packet = ahead.isEmpty ? nil : ahead.removeFirst()
        if packet == nil {
            if let failure { throw failure }
            packet = try readNext()
        }
        guard let packet, let stream = context.pointee.streams[packet.streamIndex] else { return nil }
        timeline.place(packet, of: stream) { timeAfter(packet, in: stream) }
        return packet
    }

    /// The time of the packet that follows in the same stream.
    private func timeAfter(_ packet: Packet, in stream: UnsafeMutablePointer<AVStream>) -> Int64? {
        let follows = { (other: Packet) in
            other.streamIndex == packet.streamIndex && Timeline.time(of: other, in: stream) != nil
        }
        if let known = ahead.first(where: follows) { return Timeline.time(of: known, in: stream) }
        do {
            while failure == nil, ahead.count < Self.mostAhead, let read = try readNext() {
                ahead.append(read)
                if follows(read) { return Timeline.time(of: read, in: stream) }
            }
        } catch {
            failure = error
        }
        return nil
    }

    private static let mostAhead = 256

    private func readNext() throws(MediaError) -> Packet? {
        let packet = try Packet()
        let lostBefore = lost.value
        let status = interrupt.limited(to: readLimit) { readWanted(packet) }
        try checkReading(status)
        guard status >= 0 else { return nil }
        // What a parser held back comes out when its source falls silent: it arrived before that.
        let isHeldBack = interrupt.hasExpired
        if isHeldBack { failure = stalled }
        packet.arrival = isHeldBack ? lastArrival ?? .now : .now
        lastArrival = packet.arrival
        if let stream = context.pointee.streams[packet.streamIndex] {
            packet.timeBase = Rational(stream.pointee.time_base)
        }
        guard isVideo(packet) else { return packet }
        // A parser that puts pictures together knows a picture's end by the next one's beginning: what comes beside the
        // data, it hands on with the picture before.
        let parser = av_stream_get_parser(videoStream)
        let isLate = parser.map { $0.pointee.flags & PARSER_FLAG_COMPLETE_FRAMES == 0 } ?? false
        packet.followsLoss = lost.value != lostBefore || (isLate && wasCorrupt)
        wasCorrupt = packet.isCorrupt
        packet.producerTime = producerTime(of: packet, isLate: isLate)
        return packet
    }

    /// libav's status of reading a packet of a wanted stream.
    private func readWanted(_ packet: Packet) -> Int32 {
        while true {
            let status = av_read_frame(context, packet.pointer)
            if status == lk_averror(EAGAIN) {
                if interrupt.shouldStop { return lk_averror_exit }
                // There is nothing to wait on: libav keeps the camera's descriptor to itself.
                if isCamera { usleep(2000) }
                continue
            }
            guard status >= 0 else { return status }
            let stream = context.pointee.streams[packet.streamIndex]
            if stream == videoStream || audioStreams.contains(where: { $0 == stream }) { return status }
            av_packet_unref(packet.pointer)
            if interrupt.shouldStop { return lk_averror_exit }
        }
    }

    private var stalled: MediaError {
        MediaError(.unavailable, name, "sent nothing for \((readLimit ?? 0).formatted()) s", reason: .stalled)
    }

    private func checkReading(_ status: Int32) throws(MediaError) {
        guard status < 0 else { return }
        try interrupt.checkCancelled(name)
        if interrupt.hasExpired { throw stalled }
        if status == lk_averror_eof {
            // A read error inside the byte stream may look like the end to the demuxer.
            if let io = context.pointee.pb, io.pointee.error < 0, io.pointee.error != lk_averror_eof {
                throw MediaError(status: io.pointee.error, call: "read", subject: name, fallback: .inputOutput)
            }
            return
        }
        if pipe != nil, status == lk_averror_invaliddata {
            throw MediaError(
                .badData, name,
                "cannot be read from a pipe: damaged, or an MP4 or MOV with its index at the end; name the file, or pipe Matroska or MPEG-TS"
            )
        }
        try check(status, "av_read_frame", name, .inputOutput)
    }

    private func producerTime(of packet: Packet, isLate: Bool) -> Date? {
        let pts = packet.pointer.pointee.pts
        let presentation = pts == lk_nopts ? nil : timeBase.rescale(pts, to: Rational(1, 1_000_000))
        let time = producerClock.time(packet.referenceTime, presentation: presentation, isLate: isLate)
        return time.map { Date(timeIntervalSince1970: Double($0) / 1e6) }
    }
}

extension Demuxer {
    /// Unit of the video stream's timestamps.
    public var timeBase: Rational { Rational(videoStream.pointee.time_base) }

    /// How the stream's pictures are turned to be seen upright.
    var orientation: Orientation { lk_stream_display_matrix(videoStream).map { Orientation(matrix: $0) } ?? .upright }
}
