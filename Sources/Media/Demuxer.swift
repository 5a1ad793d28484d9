import CFFmpeg
import Foundation

/// An opened input: finds its streams and reads its packets. The only owner of its AVFormatContext.
///
/// Used by one thread at a time; `interrupt.cancel()` may be called from any.
public final class Demuxer {
    /// What a caller may ask of an input.
    public struct Options: Sendable {
        /// Frames a second of an image sequence (25 where not given).
        public var frameRate: Rational?
        /// Seconds without an answer after which a network input is given up, opening and reading alike.
        public var networkTimeout = 10.0
        /// Hand out audio packets too.
        public var wantsAudio = false

        public init() {}
    }

    /// What the input calls itself in messages, without credentials.
    public let name: String
    let interrupt: Interrupt
    private let timeout: Double?
    /// Behind `context` where libav does not read by itself; freed after it.
    private let pipe: PipeInput?
    private(set) var context: UnsafeMutablePointer<AVFormatContext>
    /// The stream that is watched.
    let videoStream: UnsafeMutablePointer<AVStream>
    /// Streams handed through unchanged when asked for.
    let audioStreams: [UnsafeMutablePointer<AVStream>]
    /// What the input told of itself when it was opened.
    public let info: SourceInfo
    private var timeline = Timeline()
    /// Packets read to see where the times of the one before them lead, and what ended that.
    private var ahead: [Packet] = []
    private var failure: MediaError?

    public init(_ input: String, options: Options = Options(), interrupt: Interrupt = Interrupt()) throws(MediaError) {
        Self.quietLibav
        let address = try InputAddress(input, frameRate: options.frameRate)
        name = redacted(input)
        self.interrupt = interrupt
        timeout = address.isNetwork ? options.networkTimeout : nil
        let pipe = try address.pipe.map { path throws(MediaError) in try PipeInput(path, interrupt: interrupt) }
        self.pipe = pipe
        context = try Self.open(address, pipe: pipe, name: name, timeout: timeout, interrupt: interrupt)
        var opened: UnsafeMutablePointer<AVFormatContext>? = context
        do {
            let (context, name) = (context, name)
            try Self.checkSizes(of: context, name: name)
            let found = interrupt.limited(to: timeout) { Self.findStreamInfo(context) }
            try Self.checkStopped(found, name: name, timeout: timeout, interrupt: interrupt)
            try check(found, "avformat_find_stream_info", name, .badData)
            videoStream = try Self.findVideo(in: context, name: name)
            audioStreams = options.wantsAudio ? Self.streams(of: context).filter(Self.isAudio) : []
            info = try SourceInfo(context, video: videoStream, audio: audioStreams, name: name)
        } catch {
            avformat_close_input(&opened)
            throw error
        }
        let wanted = audioStreams + [videoStream]
        for stream in Self.streams(of: context) where !wanted.contains(stream) {
            stream.pointee.discard = AVDISCARD_ALL
        }
    }

    deinit {
        var owned: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&owned)
    }

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
        while true {
            let status = interrupt.limited(to: timeout) { av_read_frame(context, packet.pointer) }
            try Self.checkStopped(status, name: name, timeout: timeout, interrupt: interrupt)
            if status == lk_averror_eof {
                // A read error inside the byte stream may look like the end to the demuxer.
                if let io = context.pointee.pb, io.pointee.error < 0, io.pointee.error != lk_averror_eof {
                    throw MediaError(status: io.pointee.error, call: "read", subject: name, fallback: .inputOutput)
                }
                return nil
            }
            if status == lk_averror(EAGAIN) { continue }
            if pipe != nil, status == lk_averror_invaliddata {
                throw MediaError(
                    .badData, name,
                    "cannot be read from a pipe: damaged, or an MP4 or MOV with its index at the end; name the file, or pipe Matroska or MPEG-TS"
                )
            }
            try check(status, "av_read_frame", name, .inputOutput)
            let stream = context.pointee.streams[packet.streamIndex]
            if stream == videoStream || audioStreams.contains(where: { $0 == stream }) { return packet }
            av_packet_unref(packet.pointer)
        }
    }

    public func isVideo(_ packet: Packet) -> Bool { packet.streamIndex == Int(videoStream.pointee.index) }

    // MARK: Opening

    private static func open(
        _ address: InputAddress, pipe: PipeInput?, name: String, timeout: Double?, interrupt: Interrupt
    ) throws(MediaError) -> UnsafeMutablePointer<AVFormatContext> {
        var context: UnsafeMutablePointer<AVFormatContext>? = try allocated(
            avformat_alloc_context(), "avformat_alloc_context")
        context?.pointee.interrupt_callback = interrupt.callback
        if let pipe { context?.pointee.pb = pipe.io }
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        for (key, value) in address.options { av_dict_set(&options, key, value, 0) }
        if address.url.lowercased().hasPrefix("rtsp") { av_dict_set(&options, "rtsp_transport", "tcp", 0) }
        let format = address.format.flatMap { av_find_input_format($0) }
        // On failure libav frees the context itself.
        let status = interrupt.limited(to: timeout) { avformat_open_input(&context, address.url, format, &options) }
        guard status >= 0, let context else {
            try checkStopped(status, name: name, timeout: timeout, interrupt: interrupt)
            // Noise may look enough like some format for its demuxer to be asked, and to refuse.
            if [lk_averror_invaliddata, lk_averror_eof, lk_averror(EINVAL)].contains(status) {
                throw unknownContents(name)
            }
            if status == lk_averror(ENOENT) && address.format != nil { throw InputAddress.nothingFits(name) }
            throw MediaError(
                status: status, call: "avformat_open_input", subject: name,
                fallback: address.isNetwork ? .noInput : .badData)
        }
        return context
    }

    /// Of the containers that tell sizes themselves; libav forgets those that it finds too large later on.
    private static func checkSizes(
        of context: UnsafeMutablePointer<AVFormatContext>, name: String
    ) throws(MediaError) {
        for stream in streams(of: context) {
            let (width, height) = (stream.pointee.codecpar.pointee.width, stream.pointee.codecpar.pointee.height)
            guard Int64(width) * Int64(height) > Decoder.mostPixels else { continue }
            throw MediaError(
                .unsupported, name,
                "has pictures of \(width)x\(height) pixels; more than \(Decoder.mostPixels) pixels are not decoded")
        }
    }

    /// libav also decodes pictures while it looks for their size.
    private static func findStreamInfo(_ context: UnsafeMutablePointer<AVFormatContext>) -> Int32 {
        let count = Int(context.pointee.nb_streams)
        var options = [OpaquePointer?](repeating: nil, count: count)
        for index in 0..<count { av_dict_set_int(&options[index], "max_pixels", Decoder.mostPixels, 0) }
        defer { for index in 0..<count { av_dict_free(&options[index]) } }
        return avformat_find_stream_info(context, &options)
    }

    /// A call that the interrupt ended may give any status.
    private static func checkStopped(
        _ status: Int32, name: String, timeout: Double?, interrupt: Interrupt
    ) throws(MediaError) {
        guard status < 0 else { return }
        if interrupt.isCancelled { throw MediaError(.interrupted, name, "stopped on request") }
        if let timeout, interrupt.hasExpired {
            throw MediaError(.unavailable, name, "did not answer within \(timeout.formatted()) s")
        }
    }

    private static func unknownContents(_ name: String) -> MediaError {
        MediaError(
            .badData, name, "is not a video or picture that this machine's libav knows, or its header is damaged")
    }

    /// libav draws text as a picture by the name of its file.
    private static let textCodings = [AV_CODEC_ID_ANSI, AV_CODEC_ID_BINTEXT, AV_CODEC_ID_XBIN, AV_CODEC_ID_IDF]

    private static func findVideo(
        in context: UnsafeMutablePointer<AVFormatContext>, name: String
    ) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        let index = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        if index >= 0, let stream = context.pointee.streams[Int(index)],
            stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
        {
            if textCodings.contains(stream.pointee.codecpar.pointee.codec_id) { throw unknownContents(name) }
            return stream
        }
        let kinds = streams(of: context).map { stream -> String in
            if stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 { return "cover picture" }
            return av_get_media_type_string(stream.pointee.codecpar.pointee.codec_type).map { String(cString: $0) }
                ?? "unknown"
        }
        let what = kinds.isEmpty ? "no stream at all" : "only: " + kinds.joined(separator: ", ")
        throw MediaError(.badData, name, "has no video stream (\(what))")
    }

    private static func streams(
        of context: UnsafeMutablePointer<AVFormatContext>
    ) -> [UnsafeMutablePointer<AVStream>] {
        (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
    }

    private static func isAudio(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
        stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
            && stream.pointee.codecpar.pointee.codec_id != AV_CODEC_ID_NONE
    }

    /// libav prints to stderr on its own; what matters comes back as errors and counters. Set once in the process.
    static let quietLibav: Void = av_log_set_level(AV_LOG_QUIET)
}

extension Demuxer {
    /// Unit of the video stream's timestamps.
    public var timeBase: Rational { Rational(videoStream.pointee.time_base) }

    /// The display matrix (9 numbers, 16.16 fixed point) of the stream, where it has one.
    var displayMatrix: UnsafePointer<Int32>? {
        lk_stream_display_matrix(videoStream)
    }
}
