import CFFmpeg

/// A container format that video can be written in, and what it can hold.
struct Container {
    let pointer: UnsafePointer<AVOutputFormat>
    /// The file's name, for messages.
    private let subject: String

    /// - Parameter name: a file whose extension says the format; `-` is Matroska.
    init(named name: String) throws(MediaError) {
        subject = name
        guard let format = name == "-" ? av_guess_format("matroska", nil, nil) : av_guess_format(nil, name, nil) else {
            throw MediaError(
                .unsupported, name, "the extension names no video container that libav can write; use .mp4 or .mkv")
        }
        pointer = UnsafePointer(format)
        guard pointer.pointee.flags & AVFMT_NOFILE == 0, pointer.pointee.video_codec != AV_CODEC_ID_NONE else {
            throw MediaError(.unsupported, name, "is not a file that video can be written to; use .mp4 or .mkv")
        }
    }

    /// A publication to an RTSP server.
    init(publishingTo url: String) throws(MediaError) {
        subject = redacted(url)
        guard Self.publishingSchemes.contains(where: url.lowercased().hasPrefix) else {
            throw MediaError(.unsupported, url, "cannot be published to; use an rtsp:// or rtsps:// URL")
        }
        guard let format = av_guess_format("rtsp", nil, nil) else {
            throw MediaError(.unsupported, url, "this machine's libav cannot publish over RTSP")
        }
        pointer = UnsafePointer(format)
    }

    private static let publishingSchemes = ["rtsp://", "rtsps://"]

    private var formatName: String { String(cString: pointer.pointee.name) }

    var wantsGlobalHeader: Bool { pointer.pointee.flags & AVFMT_GLOBALHEADER != 0 }

    /// AVI: finer times than one frame's would be made of empty frames.
    var countsFrames: Bool { formatName == "avi" }

    /// How it is written so that what is in the file can be played whatever happens to the process: the muxer's options,
    /// which have it write out whole pieces of a second. `nil`: it cannot be.
    private var liveOptions: [String: String]? {
        switch formatName {
        case "matroska": ["cluster_time_limit": "1000"]
        case "mp4", "mov":
            ["movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "1000000"]
        // Over TCP nothing is lost, and no firewall is in the way.
        case "rtsp": ["rtsp_transport": "tcp"]
        default: nil
        }
    }

    func muxerOptions(live: Bool) throws(MediaError) -> [String: String] {
        guard live else { return [:] }
        guard let options = liveOptions else {
            throw MediaError(
                .unsupported, subject, "this container cannot be played when it is cut off; use .mkv or .mp4")
        }
        return options
    }

    /// Whether what is not yet a whole piece can be written out early. In MP4 a piece tells how long its last picture
    /// lasts: the next one must have come.
    var flushesEarly: Bool { formatName == "matroska" }

    func holds(_ coding: AVCodecID) -> Bool {
        // Its muxer tells nothing; receivers know these.
        if formatName == "rtsp" { return coding == AV_CODEC_ID_H264 || coding == AV_CODEC_ID_HEVC }
        // QuickTime files are refused later, with their header.
        if formatName == "mov", [AV_CODEC_ID_OPUS, AV_CODEC_ID_FLAC, AV_CODEC_ID_TRUEHD].contains(coding) {
            return false
        }
        let answer = avformat_query_codec(pointer, coding, FF_COMPLIANCE_NORMAL)
        // Of MPEG-TS libav knows nothing: it would take anything and make private data of it.
        guard answer < 0, formatName == "mpegts" else { return answer == 1 }
        return Self.transportStreamCodings.contains(coding)
    }

    /// The encoder asked for (see `VideoCodec`); `nil`: H.264 wherever the container takes it, else its own.
    func codec(named name: String?) throws(MediaError) -> VideoCodec {
        let codec = try VideoCodec(named: name ?? defaultCodec, subject: subject)
        guard holds(codec.pointer.pointee.id) else {
            throw MediaError(
                .unsupported, subject,
                "this container cannot hold \(name ?? defaultCodec) video; use .mp4 or .mkv, or leave the codec to Lookout"
            )
        }
        return codec
    }

    private var defaultCodec: String {
        if holds(AV_CODEC_ID_H264) { return "h264" }
        return String(cString: avcodec_get_name(pointer.pointee.video_codec))
    }

    private static let transportStreamCodings = [
        AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4,
        AV_CODEC_ID_AAC, AV_CODEC_ID_AAC_LATM, AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3,
        AV_CODEC_ID_DTS, AV_CODEC_ID_TRUEHD, AV_CODEC_ID_OPUS,
    ]
}

extension VideoWriter {
    /// Throws what would be wrong with a name and its options, before anything is decoded.
    public static func check(container: String, options: Options) throws(MediaError) {
        let format = try Container(named: container)
        _ = try format.codec(named: options.codec)
        if options.live { _ = try format.muxerOptions(live: true) }
    }

    /// Throws what would be wrong with a URL to publish to.
    public static func check(publishingTo url: String) throws(MediaError) {
        _ = try Container(publishingTo: url).codec(named: nil)
    }
}
