import CFFmpeg
import Foundation

/// Writes a container: to a file, or to a server over the network. The only owner of its AVFormatContext and of the file
/// or connection behind it. Not thread safe.
final class Muxer {
    private let context: UnsafeMutablePointer<AVFormatContext>
    private let container: Container
    private let options: [String: String]
    private let subject: String
    private let interrupt: Interrupt
    /// Of a connection; `nil`: a file.
    private let limits: Limits?
    private var isOpen = false
    /// The last decode timestamp of each stream: containers refuse one that does not rise.
    private var lastDTS: [Int64] = []
    private var written = 0
    /// Packets that are in the file, or sent, whatever happens to the process.
    private(set) var stored = 0
    /// What the file holds, in bytes.
    private var position: Int64 = 0

    /// Seconds after which a server is given up.
    struct Limits {
        var connect: Double
        var write: Double
    }

    private init(
        container: Container, live: Bool, url: String?, subject: String, limits: Limits?, interrupt: Interrupt
    ) throws(MediaError) {
        self.container = container
        self.subject = subject
        self.limits = limits
        self.interrupt = interrupt
        options = try container.muxerOptions(live: live)
        var made: UnsafeMutablePointer<AVFormatContext>?
        let status = avformat_alloc_output_context2(&made, container.pointer, nil, url)
        guard status >= 0, let made else {
            throw MediaError(status: status, call: "avformat_alloc_output_context", subject: subject, fallback: .system)
        }
        // From here on `deinit` frees it, also when this throws.
        context = made
        context.pointee.interrupt_callback = interrupt.callback
        // What is a whole piece of the container goes to the file at once.
        if live { context.pointee.flush_packets = 1 }
    }

    /// A file.
    ///
    /// - Parameters:
    ///   - live: what is in the file can be played at any moment.
    ///   - subject: the file's name in messages.
    convenience init(path: String, container: Container, live: Bool, subject: String) throws(MediaError) {
        try self.init(
            container: container, live: live, url: nil, subject: subject, limits: nil, interrupt: Interrupt())
        let opened = avio_open(&context.pointee.pb, path == "-" ? "pipe:1" : "file:" + path, AVIO_FLAG_WRITE)
        guard opened >= 0 else {
            throw MediaError(.cannotCreate, subject, "cannot be created: \(libavMessage(opened))")
        }
    }

    /// What goes through a pipe or socket as it is made, and can be played on the way.
    ///
    /// - Parameter descriptor: its writing end; stays open.
    convenience init(descriptor: Int32, container: Container, subject: String) throws(MediaError) {
        try self.init(
            container: container, live: true, url: nil, subject: subject, limits: nil, interrupt: Interrupt())
        try check(
            avio_open(&context.pointee.pb, "pipe:\(descriptor)", AVIO_FLAG_WRITE), "avio_open", subject, .system)
    }

    /// A publication, which begins with the header.
    ///
    /// - Parameter url: with credentials where there are any.
    convenience init(
        publishingTo url: String, container: Container, subject: String, limits: Limits, interrupt: Interrupt
    ) throws(MediaError) {
        try self.init(
            container: container, live: true, url: url, subject: subject, limits: limits, interrupt: interrupt)
    }

    deinit {
        // A connection is only closed by its end.
        if limits != nil && isOpen { _ = interrupt.limited(to: 0) { av_write_trailer(context) } }
        avio_closep(&context.pointee.pb)
        avformat_free_context(context)
    }

    func addVideo(_ encoder: VideoEncoder, frameRate: Rational?) throws(MediaError) -> UnsafeMutablePointer<AVStream> {
        let stream = try allocated(avformat_new_stream(context, nil), "avformat_new_stream")
        try check(
            avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context),
            "avcodec_parameters_from_context",
            subject, .system)
        stream.pointee.time_base = encoder.timeBase.av
        stream.pointee.avg_frame_rate = (frameRate ?? Rational(0, 1)).av
        stream.pointee.sample_aspect_ratio = encoder.context.pointee.sample_aspect_ratio
        return stream
    }

    /// A stream with the same coding as `source`; `nil` where the container cannot hold it.
    func addCopy(of source: SourceInfo.Audio) throws(MediaError) -> UnsafeMutablePointer<AVStream>? {
        guard container.holds(source.parameters.pointee.codec_id) else { return nil }
        let stream = try allocated(avformat_new_stream(context, nil), "avformat_new_stream")
        try check(
            avcodec_parameters_copy(stream.pointee.codecpar, source.parameters), "avcodec_parameters_copy", subject,
            .system)
        // The tag is the source container's own.
        stream.pointee.codecpar.pointee.codec_tag = 0
        stream.pointee.time_base = source.timeBase.av
        stream.pointee.disposition = source.disposition
        av_dict_copy(&stream.pointee.metadata, source.metadata, 0)
        return stream
    }

    /// - Parameter creationTime: instead of the source's.
    func copyMetadata(from source: SourceInfo, creationTime: Date?) {
        av_dict_copy(&context.pointee.metadata, source.metadata, 0)
        guard let creationTime else { return }
        let text = creationTime.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        av_dict_set(&context.pointee.metadata, "creation_time", text, 0)
    }

    /// Of a publication: connects.
    func writeHeader() throws(MediaError) {
        var given: OpaquePointer?
        defer { av_dict_free(&given) }
        for (key, value) in options { av_dict_set(&given, key, value, 0) }
        try call(
            "avformat_write_header", limit: limits?.connect, fallback: limits == nil ? .cannotWrite : .unavailable
        ) { avformat_write_header(context, &given) }
        isOpen = true
        lastDTS = Array(repeating: .min, count: Int(context.pointee.nb_streams))
        position = filePosition
    }

    /// Takes the packet's contents. `shift` is in units of `from`. Absurd times of a damaged input wrap around.
    func write(
        _ packet: Packet, shiftedBy shift: Int64, from: Rational, to stream: UnsafeMutablePointer<AVStream>
    ) throws(MediaError) {
        let av = packet.pointer
        if av.pointee.pts != lk_nopts { av.pointee.pts &+= shift }
        if av.pointee.dts != lk_nopts { av.pointee.dts &+= shift }
        let index = Int(stream.pointee.index)
        av_packet_rescale_ts(av, from.av, stream.pointee.time_base)
        av.pointee.stream_index = Int32(index)
        av.pointee.pos = -1
        if av.pointee.dts == lk_nopts { av.pointee.dts = av.pointee.pts }
        if av.pointee.dts == lk_nopts || av.pointee.dts <= lastDTS[index] {
            guard lastDTS[index] != .min else { return }
            av.pointee.dts = lastDTS[index] &+ 1
            if av.pointee.pts == lk_nopts || av.pointee.pts < av.pointee.dts { av.pointee.pts = av.pointee.dts }
        }
        lastDTS[index] = av.pointee.dts
        try call("av_interleaved_write_frame", limit: limits?.write) { av_interleaved_write_frame(context, av) }
        try checkFile()
        // A piece is written out when the packet comes that begins the next.
        let finished = written
        written += 1
        noteStored(limits == nil ? finished : written)
    }

    /// Writes out what is not yet a whole piece, where the container can (`Container.flushesEarly`).
    func flush() throws(MediaError) {
        guard flushesEarly else { return }
        try call("av_write_frame", limit: limits?.write) { av_write_frame(context, nil) }
        try checkFile()
        noteStored(written)
    }

    var flushesEarly: Bool { container.flushesEarly }

    func finish() throws(MediaError) {
        isOpen = false
        try call("av_write_trailer", limit: limits?.write) { av_write_trailer(context) }
        guard limits == nil else { return }
        avio_flush(context.pointee.pb)
        try checkFile()
        try check(avio_closep(&context.pointee.pb), "close", subject, .cannotWrite)
    }

    private func noteStored(_ packets: Int) {
        guard limits != nil || filePosition != position else { return }
        position = filePosition
        stored = packets
    }

    private var filePosition: Int64 { context.pointee.pb.map { avio_seek($0, 0, SEEK_CUR) } ?? 0 }

    /// Some of libav's RTSP calls swallow that they were interrupted.
    private func call(
        _ name: String, limit: Double?, fallback: MediaError.Kind = .cannotWrite, _ body: () -> Int32
    ) throws(MediaError) {
        let status = interrupt.limited(to: limit, body)
        if interrupt.isCancelled { throw MediaError(.interrupted, subject, "stopped on request") }
        if let limit, interrupt.hasExpired {
            throw MediaError(.unavailable, subject, "did not answer within \(limit.formatted()) s")
        }
        try check(status, name, subject, fallback)
    }

    /// libav buffers writes: a full disk shows on the file, not on the call that filled it.
    private func checkFile() throws(MediaError) {
        guard let io = context.pointee.pb, io.pointee.error < 0 else { return }
        throw MediaError(status: io.pointee.error, call: "write", subject: subject, fallback: .cannotWrite)
    }
}

extension MediaError {
    /// The disk, or the user's share of it, is full.
    public var isOutOfSpace: Bool {
        (kind == .cannotCreate || kind == .cannotWrite)
            && [ENOSPC, EDQUOT].contains { message.contains(libavMessage(lk_averror($0))) }
    }
}
