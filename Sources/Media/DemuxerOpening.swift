import CFFmpeg
import Foundation

/// What happens before the first packet.
extension Demuxer {
    /// - Parameter limit: seconds to open; `nil`: none.
    static func open(
        _ address: InputAddress, options: Options, pipe: PipeInput?, lost: LibavLog.Counter, name: String,
        limit: Double?, interrupt: Interrupt
    ) throws(MediaError) -> UnsafeMutablePointer<AVFormatContext> {
        if address.isCamera { try CaptureDevice.load(for: name) }
        let url = try options.credentials.map { given throws(MediaError) in
            try address.url(with: given, name: name)
        }
        var context: UnsafeMutablePointer<AVFormatContext>? = try allocated(
            avformat_alloc_context(), "avformat_alloc_context")
        context?.pointee.interrupt_callback = interrupt.callback
        context?.pointee.opaque = lost.opaque
        // A camera's driver waits without asking the interrupt; without a wait, `read` asks.
        if address.isCamera { context?.pointee.flags |= AVFMT_FLAG_NONBLOCK }
        if let pipe { context?.pointee.pb = pipe.io }
        var dictionary: OpaquePointer?
        defer { av_dict_free(&dictionary) }
        for (key, value) in options.libavOptions(for: address) { av_dict_set(&dictionary, key, value, 0) }
        let format = address.format.flatMap { av_find_input_format($0) }
        // On failure libav frees the context itself.
        let status = interrupt.limited(to: limit) {
            avformat_open_input(&context, url ?? address.url, format, &dictionary)
        }
        guard status >= 0, let context else {
            try checkOpening(status, name: name, limit: limit, interrupt: interrupt)
            throw failure(status, address, name: name)
        }
        return context
    }

    private static func failure(_ status: Int32, _ address: InputAddress, name: String) -> MediaError {
        switch status {
        case lk_averror_eof where address.isNetwork:
            return MediaError(.unavailable, name, "closed the connection before it sent a video", reason: .reset)
        case lk_averror(EIO) where address.isNetwork:
            return MediaError(
                .unavailable, name, "cannot be reached: the host's name is unknown, or the connection broke",
                reason: .error)
        // Noise may look enough like some format for its demuxer to be asked, and to refuse.
        case lk_averror_invaliddata, lk_averror_eof: return unknownContents(name)
        case lk_averror(EINVAL) where !address.isNetwork: return unknownContents(name)
        case lk_averror(ENOENT) where address.format == "image2": return InputAddress.nothingFits(name)
        default:
            return MediaError(
                status: status, call: "avformat_open_input", subject: name,
                fallback: address.isNetwork || address.isCamera ? .noInput : .badData)
        }
    }

    /// Of the containers that tell sizes themselves; libav forgets those that it finds too large later on.
    static func checkSizes(
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
    static func findStreamInfo(_ context: UnsafeMutablePointer<AVFormatContext>) -> Int32 {
        let count = Int(context.pointee.nb_streams)
        var options = [OpaquePointer?](repeating: nil, count: count)
        for index in 0..<count { av_dict_set_int(&options[index], "max_pixels", Decoder.mostPixels, 0) }
        defer { for index in 0..<count { av_dict_free(&options[index]) } }
        return avformat_find_stream_info(context, &options)
    }

    /// A call that the interrupt ended may give any status.
    static func checkOpening(
        _ status: Int32, name: String, limit: Double?, interrupt: Interrupt
    ) throws(MediaError) {
        guard status < 0 else { return }
        try interrupt.checkCancelled(name)
        if let limit, interrupt.hasExpired {
            throw MediaError(.unavailable, name, "did not answer within \(limit.formatted()) s", reason: .timeout)
        }
    }

    private static func unknownContents(_ name: String) -> MediaError {
        MediaError(
            .badData, name, "is not a video or picture that this machine's libav knows, or its header is damaged")
    }

    /// libav draws text as a picture by the name of its file.
    private static let textCodings = [AV_CODEC_ID_ANSI, AV_CODEC_ID_BINTEXT, AV_CODEC_ID_XBIN, AV_CODEC_ID_IDF]

    static func findVideo(
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

    static func streams(
        of context: UnsafeMutablePointer<AVFormatContext>
    ) -> [UnsafeMutablePointer<AVStream>] {
        (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
    }

    static func isAudio(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
        stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
            && stream.pointee.codecpar.pointee.codec_id != AV_CODEC_ID_NONE
    }
}
