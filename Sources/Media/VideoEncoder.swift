import CFFmpeg
import Glibc
import Pipeline

/// Codes canvases as a video stream. The only owner of its AVCodecContext. Not thread safe; libav and the codec run
/// threads of their own behind it.
final class VideoEncoder {
    let context: UnsafeMutablePointer<AVCodecContext>
    private let subject: String
    private let duration: Int64
    /// From key frame to key frame, in the encoder's time base; `nil`: as the codec likes.
    private let keyInterval: Int64?
    private var nextKey = Int64.min
    /// Asked for and not filled; the next one.
    private var spare: Packet?

    /// What a viewer who joins a live stream waits for at most, and what a file is sought by, in seconds: by the clock,
    /// since cameras are often slower than they say.
    private static let liveKeyInterval: Int64 = 2

    /// - Parameters:
    ///   - canvases: give the size, format and range.
    ///   - live: gives out every frame at once, has a key frame every two seconds and runs no threads.
    ///   - first: gives time base, pixel aspect and colour.
    ///   - globalHeader: the container keeps the codec's headers itself.
    ///   - countsFrames: the container numbers frames, in the order of decoding, instead of telling their times.
    init(
        codec: VideoCodec, quality: Int?, live: Bool = false, canvases: CanvasMaker, first: Frame,
        frameRate: Rational?, globalHeader: Bool = false, countsFrames: Bool = false, subject: String
    ) throws(MediaError) {
        LibavLog.taken
        self.subject = subject
        let timeBase = countsFrames ? (frameRate ?? Rational(25, 1)).inverse : codec.timeBase(like: first.timeBase)
        duration = max(1, (frameRate?.inverse ?? Rational(1, 25)).rescale(1, to: timeBase))
        keyInterval = live ? Rational(1, 1).rescale(Self.liveKeyInterval, to: timeBase) : nil
        // From here on `deinit` frees it, also when this throws.
        context = try allocated(avcodec_alloc_context3(codec.pointer), "avcodec_alloc_context3")
        let source = first.pointer.pointee
        context.pointee.width = Int32(canvases.width)
        context.pointee.height = Int32(canvases.height)
        context.pointee.pix_fmt = codec.format
        context.pointee.time_base = timeBase.av
        // Else a live encoder would take the time base for it.
        context.pointee.framerate = (frameRate ?? (live ? Rational(25, 1) : Rational(0, 1))).av
        context.pointee.sample_aspect_ratio = source.sample_aspect_ratio
        context.pointee.color_range = canvases.fullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        context.pointee.colorspace = isRGB(codec.format) ? AVCOL_SPC_RGB : canvases.colorSpace
        context.pointee.color_primaries = source.color_primaries
        context.pointee.color_trc = source.color_trc
        if globalHeader { context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
        if countsFrames || live { context.pointee.max_b_frames = 0 }
        codec.apply(quality: quality, live: live, to: context)
        try check(avcodec_open2(context, codec.pointer, nil), "avcodec_open2 \(codec.name)", subject, .unsupported)
    }

    deinit {
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&owned)
    }

    var timeBase: Rational { Rational(context.pointee.time_base) }

    /// Takes a canvas whose `timestamp` is in `timeBase` (`nil`: the end) and gives the packets that are ready.
    func encode(_ canvas: Frame?, timestamp: Int64 = 0) throws(MediaError) -> [Packet] {
        if let canvas {
            canvas.pointer.pointee.pts = timestamp
            // Constant quality is taken from each picture by the encoders that have no scale of their own.
            canvas.pointer.pointee.quality = context.pointee.global_quality
            if let keyInterval, timestamp >= nextKey {
                canvas.pointer.pointee.pict_type = AV_PICTURE_TYPE_I
                nextKey = timestamp + keyInterval
            }
        }
        try check(avcodec_send_frame(context, canvas?.pointer), "avcodec_send_frame", subject, .cannotWrite)
        var packets: [Packet] = []
        while true {
            let packet = if let spare { spare } else { try Packet() }
            let status = avcodec_receive_packet(context, packet.pointer)
            spare = status < 0 ? packet : nil
            if status == lk_averror(EAGAIN) || status == lk_averror_eof { return packets }
            try check(status, "avcodec_receive_packet", subject, .cannotWrite)
            if packet.pointer.pointee.duration <= 0 { packet.pointer.pointee.duration = duration }
            packets.append(packet)
        }
    }
}

/// An encoder of libav's and how Lookout sets it.
struct VideoCodec {
    let pointer: UnsafePointer<AVCodec>
    /// The pixel format given to it.
    let format: AVPixelFormat

    var name: String { String(cString: pointer.pointee.name) }

    /// - Parameters:
    ///   - name: a coding (`h264`, `hevc`, `vp9`, `mpeg4`, `mjpeg`, ...) or a libav encoder (`libx264`, ...).
    ///   - format: what it will be given; `nil`: 4:2:0.
    init(named name: String, format: AVPixelFormat? = nil, subject: String) throws(MediaError) {
        let byCoding = avcodec_descriptor_get_by_name(name).flatMap { avcodec_find_encoder($0.pointee.id) }
        guard let codec = avcodec_find_encoder_by_name(name) ?? byCoding, codec.pointee.type == AVMEDIA_TYPE_VIDEO
        else {
            throw MediaError(
                .unsupported, subject,
                "no video encoder \"\(name)\" in this machine's libav; try h264, hevc, vp9, mpeg4 or mjpeg")
        }
        pointer = codec
        if let format {
            self.format = format
            return
        }
        let accepted = Self.formats(of: codec)
        // JPEG has full range only; its encoder takes others under protest.
        let wanted =
            codec.pointee.id == AV_CODEC_ID_MJPEG ? [AV_PIX_FMT_YUVJ420P] : [AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P]
        guard let format = wanted.first(where: { accepted.isEmpty || accepted.contains($0) })
        else {
            throw MediaError(
                .unsupported, subject,
                "the video encoder \"\(name)\" takes no 8-bit 4:2:0 pictures; use h264 in .mp4 or .mkv")
        }
        self.format = format
    }

    private static func formats(of codec: UnsafePointer<AVCodec>) -> [AVPixelFormat] {
        guard var next = lk_codec_pixel_formats(codec) else { return [] }
        var formats: [AVPixelFormat] = []
        while next.pointee != AV_PIX_FMT_NONE {
            formats.append(next.pointee)
            next += 1
        }
        return formats
    }

    /// The source's own time base, or a sixtieth of a millisecond where the coding cannot express it: MPEG-4 has 16
    /// bits for it.
    func timeBase(like source: Rational) -> Rational {
        guard pointer.pointee.id == AV_CODEC_ID_MPEG4 else { return source }
        if source.denominator < 1 << 16 { return source }
        return Rational(1, 60_000)
    }

    /// Constant quality: lower is better and larger. The scale is the codec's own (x264 0...51, mjpeg 1...31).
    ///
    /// - Parameter live: the encoder keeps no frame back. x264 and x265 then see no frame ahead of the one they code and
    ///   share out no bits by what later ones need (mb-tree), which changes their scale: measured on camera footage, 4
    ///   and 3 more give the same look at the same size.
    func apply(quality: Int?, live: Bool, to context: UnsafeMutablePointer<AVCodecContext>) {
        let options = context.pointee.priv_data
        switch name {
        case "libx264":
            // "superfast" lacks mb-tree, which is what makes it large. With it, camera footage takes .5 to .7 of the
            // time of "veryfast" at .97 to 1.09 of the size, .2 to .3 dB (PSNR) below it.
            av_opt_set(options, "preset", "superfast", 0)
            av_opt_set(options, "crf", String(live ? min((quality ?? 23) + 4, 51) : quality ?? 23), 0)
            if live {
                av_opt_set(options, "tune", "zerolatency", 0)
            } else {
                av_opt_set(options, "mbtree", "1", 0)
                av_opt_set(options, "rc-lookahead", "10", 0)
            }
        case "libx265":
            av_opt_set(options, "preset", "veryfast", 0)
            av_opt_set(options, "crf", String(live ? min((quality ?? 23) + 3, 51) : quality ?? 23), 0)
            if live { av_opt_set(options, "tune", "zerolatency", 0) }
            // It has a pool of threads besides, a thread for each processor of the machine.
            let pool = live ? 1 : Processors.available
            av_opt_set(options, "x265-params", "log-level=none:pools=\(pool)", 0)
        case "libvpx-vp9", "libvpx":
            av_opt_set(options, "deadline", "realtime", 0)
            av_opt_set(options, "cpu-used", "6", 0)
            av_opt_set(options, "row-mt", "1", 0)
            av_opt_set(options, "crf", String(quality ?? 32), 0)
            context.pointee.bit_rate = 0
        default:
            context.pointee.flags |= AV_CODEC_FLAG_QSCALE
            context.pointee.global_quality = Int32(clamping: quality ?? 4) &* Int32(FF_QP2LAMBDA)
        }
        // Many streams are coded at once: each has a core at most, and no threads beside its own.
        context.pointee.thread_count = live ? 1 : Int32(Processors.codecThreads)
    }
}
