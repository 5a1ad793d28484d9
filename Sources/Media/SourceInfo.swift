import CFFmpeg
import Foundation

/// What an input told of itself when it was opened: a copy, since demuxers change their own while they read.
///
/// `@unchecked Sendable`: nothing is changed after `init`.
public final class SourceInfo: @unchecked Sendable {
    /// What the input calls itself in messages, without credentials.
    public let name: String
    /// libav's short name of the video's coding, such as h264.
    public let codecName: String
    /// Frames a second as the container tells or libav estimates; `nil` where nothing is known.
    public let frameRate: Rational?
    /// Frames that an MP4's or MOV's index lists; `nil` for other containers.
    public let indexedFrames: Int?
    /// Frames the file should hold, for progress: the container's count, or duration times rate.
    public let expectedFrames: Int?
    /// Where the pictures end in seconds, as a header of Matroska or FLV tells, which is there even where the file's
    /// end is not; `nil` where nothing tells it. Where it tells only of the whole file, its sound may be longer.
    public let toldEnd: Double?
    /// When the recording was made, where its metadata says so (`creation_time`, RFC 3339).
    public let creationTime: Date?
    /// Where the file's clock starts, in microseconds.
    let startTime: Int64
    /// The container's, for a copy.
    let metadata: OpaquePointer?
    /// The audio streams handed out.
    let audio: [Audio]

    /// An audio stream, for a copy of it. The only owner of its parameters and metadata.
    final class Audio {
        let index: Int
        let timeBase: Rational
        let disposition: Int32
        let parameters: UnsafeMutablePointer<AVCodecParameters>
        let metadata: OpaquePointer?

        init(_ stream: UnsafeMutablePointer<AVStream>, name: String) throws(MediaError) {
            index = Int(stream.pointee.index)
            timeBase = Rational(stream.pointee.time_base)
            disposition = stream.pointee.disposition
            metadata = copied(stream.pointee.metadata)
            // From here on `deinit` frees them, also when this throws.
            parameters = try allocated(avcodec_parameters_alloc(), "avcodec_parameters_alloc")
            try check(
                avcodec_parameters_copy(parameters, stream.pointee.codecpar), "avcodec_parameters_copy", name, .system)
        }

        deinit {
            var (parameters, metadata): (UnsafeMutablePointer<AVCodecParameters>?, OpaquePointer?) = (
                parameters, metadata
            )
            avcodec_parameters_free(&parameters)
            av_dict_free(&metadata)
        }
    }

    init(
        _ context: UnsafeMutablePointer<AVFormatContext>, video: UnsafeMutablePointer<AVStream>,
        audio: [UnsafeMutablePointer<AVStream>], name: String
    ) throws(MediaError) {
        var copies: [Audio] = []
        for stream in audio { copies.append(try Audio(stream, name: name)) }
        self.audio = copies
        self.name = name
        codecName = String(cString: avcodec_get_name(video.pointee.codecpar.pointee.codec_id))
        let guess = Rational(av_guess_frame_rate(context, video, nil))
        frameRate = guess.isPositive && guess.value <= 1000 ? guess : nil
        let counted = video.pointee.nb_frames > 0 ? Int(video.pointee.nb_frames) : nil
        // Others count too, but not just frames: an AVI's index has empty entries for those to be repeated.
        let isMP4 = String(cString: context.pointee.iformat.pointee.name).contains("mp4")
        indexedFrames = isMP4 ? counted : nil
        let estimate = Double(context.pointee.duration) / Double(AV_TIME_BASE) * (frameRate?.value ?? 0)
        expectedFrames = counted ?? (estimate > 0 && estimate < 1e12 ? Int(estimate.rounded()) : nil)
        toldEnd = Self.toldEnd(context, video)
        startTime = context.pointee.start_time == lk_nopts ? 0 : context.pointee.start_time
        creationTime = Self.creationTime(context.pointee.metadata) ?? Self.creationTime(video.pointee.metadata)
        metadata = copied(context.pointee.metadata)
    }

    /// Of pictures that are made here, or read one by one, without sound.
    public init(madeHere name: String, codec: String = "rawvideo", frameRate: Rational, frames: Int? = nil) {
        self.name = name
        codecName = codec
        self.frameRate = frameRate
        indexedFrames = nil
        expectedFrames = frames
        toldEnd = nil
        creationTime = nil
        startTime = 0
        metadata = nil
        audio = []
    }

    deinit {
        var owned = metadata
        av_dict_free(&owned)
    }

    private static func toldEnd(
        _ context: UnsafeMutablePointer<AVFormatContext>, _ video: UnsafeMutablePointer<AVStream>
    ) -> Double? {
        // Of others, libav guesses from what is there.
        let format = String(cString: context.pointee.iformat.pointee.name)
        guard format.contains("matroska") || format.contains("flv"), context.pointee.duration > 0,
            context.pointee.duration_estimation_method == AVFMT_DURATION_FROM_STREAM
        else { return nil }
        // Matroska's own for the stream, as 00:00:05.023000000; a language may stand behind the name.
        if let value = av_dict_get(video.pointee.metadata, "DURATION", nil, AV_DICT_IGNORE_SUFFIX)?.pointee.value {
            let parts = String(cString: value).split(separator: ":").compactMap { Double($0) }
            if parts.count == 3 { return parts[0] * 3600 + parts[1] * 60 + parts[2] }
        }
        return Double(context.pointee.duration) / Double(AV_TIME_BASE)
    }

    private static func creationTime(_ metadata: OpaquePointer?) -> Date? {
        guard let value = av_dict_get(metadata, "creation_time", nil, 0)?.pointee.value else { return nil }
        let text = String(cString: value)
        // Anyone may have written it: what is no time is none.
        return try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

private func copied(_ metadata: OpaquePointer?) -> OpaquePointer? {
    var copy: OpaquePointer?
    av_dict_copy(&copy, metadata, 0)
    return copy
}
