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

    private var formatName: String { String(cString: pointer.pointee.name) }

    var wantsGlobalHeader: Bool { pointer.pointee.flags & AVFMT_GLOBALHEADER != 0 }

    /// AVI: finer times than one frame's would be made of empty frames.
    var countsFrames: Bool { formatName == "avi" }

    func holds(_ coding: AVCodecID) -> Bool {
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
        _ = try Container(named: container).codec(named: options.codec)
    }
}
