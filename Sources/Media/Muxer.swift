import CFFmpeg

/// Writes a container file. The only owner of its AVFormatContext and of the file behind it. Not thread safe.
final class Muxer {
    private let context: UnsafeMutablePointer<AVFormatContext>
    private let container: Container
    private let subject: String
    /// The last decode timestamp of each stream: containers refuse one that does not rise.
    private var lastDTS: [Int64] = []

    /// - Parameter subject: the file's name in messages.
    init(path: String, container: Container, subject: String) throws(MediaError) {
        self.container = container
        self.subject = subject
        var made: UnsafeMutablePointer<AVFormatContext>?
        let status = avformat_alloc_output_context2(&made, container.pointer, nil, nil)
        guard status >= 0, let made else {
            throw MediaError(status: status, call: "avformat_alloc_output_context", subject: subject, fallback: .system)
        }
        // From here on `deinit` frees it, also when this throws.
        context = made
        let url = path == "-" ? "pipe:1" : "file:" + path
        let opened = avio_open(&made.pointee.pb, url, AVIO_FLAG_WRITE)
        guard opened >= 0 else {
            throw MediaError(.cannotCreate, subject, "cannot be created: \(libavMessage(opened))")
        }
    }

    deinit {
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

    func copyMetadata(from source: SourceInfo) {
        av_dict_copy(&context.pointee.metadata, source.metadata, 0)
    }

    func writeHeader() throws(MediaError) {
        try check(avformat_write_header(context, nil), "avformat_write_header", subject, .cannotWrite)
        lastDTS = Array(repeating: .min, count: Int(context.pointee.nb_streams))
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
        try check(av_interleaved_write_frame(context, av), "av_interleaved_write_frame", subject, .cannotWrite)
        try checkFile()
    }

    func finish() throws(MediaError) {
        try check(av_write_trailer(context), "av_write_trailer", subject, .cannotWrite)
        avio_flush(context.pointee.pb)
        try checkFile()
        try check(avio_closep(&context.pointee.pb), "close", subject, .cannotWrite)
    }

    /// libav buffers writes: a full disk shows on the file, not on the call that filled it.
    private func checkFile() throws(MediaError) {
        guard let io = context.pointee.pb, io.pointee.error < 0 else { return }
        throw MediaError(status: io.pointee.error, call: "write", subject: subject, fallback: .cannotWrite)
    }
}
