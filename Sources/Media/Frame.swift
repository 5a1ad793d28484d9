import CFFmpeg
import Foundation

/// One decoded picture. The only owner of its AVFrame; the pixel buffers behind it are reference counted by libav and
/// may be shared with the decoder, so pixels are written only in frames that `PicturePool` made.
///
/// `@unchecked Sendable`: after the decoder (or filter, or converter) filled it, a frame is only read until it reaches
/// the stage that owns it alone; stages hand it on through queues.
public final class Frame: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<AVFrame>

    /// Counts the decoded frames of the input from 0.
    public internal(set) var index = 0
    /// Unit of `timestamp`.
    public internal(set) var timeBase = Rational(1, 1)
    /// Presentation time in `timeBase`: the container's, or extrapolated from the frame rate where it has none.
    public internal(set) var timestamp: Int64 = 0
    /// When the demuxer had read the packet it was decoded from.
    public internal(set) var arrival: ContinuousClock.Instant?
    /// When it was taken, by the sender's own clock. See `Packet.producerTime`.
    public internal(set) var producerTime: Date?
    /// Built on damage: it or a picture before it was corrupt or lost, and no sound key picture came since.
    public internal(set) var isTainted = false

    init() throws(MediaError) { pointer = try allocated(av_frame_alloc(), "av_frame_alloc") }

    deinit {
        var owned: UnsafeMutablePointer<AVFrame>? = pointer
        av_frame_free(&owned)
    }

    /// Pixels across.
    public var width: Int { Int(pointer.pointee.width) }
    /// Pixels down.
    public var height: Int { Int(pointer.pointee.height) }
    /// Presentation time in seconds, as the container counts it.
    public var seconds: Double { timeBase.seconds(timestamp) }
    /// Width of a pixel over its height; 1 where the stream does not say.
    public var pixelAspect: Double {
        let ratio = Rational(pointer.pointee.sample_aspect_ratio)
        return ratio.isPositive ? ratio.value : 1
    }
    /// The decoder concealed damage in this picture, or its packet was marked damaged.
    public var isCorrupt: Bool {
        pointer.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || pointer.pointee.decode_error_flags != 0
    }

    /// Notes damage that libav does not see.
    func markCorrupt() {
        pointer.pointee.flags |= AV_FRAME_FLAG_CORRUPT
        isTainted = true
    }

    public var isInterlaced: Bool { lk_frame_is_interlaced(pointer) }
    /// Decoded from itself alone, and no picture after it needs one before it. (libav also calls the first of the
    /// pictures a key that restore a stream bit by bit.)
    public var isKey: Bool {
        let type = pointer.pointee.pict_type
        return lk_frame_is_key(pointer) && type != AV_PICTURE_TYPE_P && type != AV_PICTURE_TYPE_B
    }

    var format: AVPixelFormat { AVPixelFormat(pointer.pointee.format) }
    /// libav's name of the pixel format, such as yuv420p10le.
    public var pixelFormatName: String { av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "unknown" }

    /// What a scaler or filter graph was built for; another value needs another one.
    var layout: PictureLayout { PictureLayout(self) }

    /// A new reference to the same pixels with its own fields.
    func reference() throws(MediaError) -> Frame {
        let copy = try Frame()
        try check(av_frame_ref(copy.pointer, pointer), "av_frame_ref", "", .system)
        copy.index = index
        copy.timeBase = timeBase
        copy.timestamp = timestamp
        copy.arrival = arrival
        copy.producerTime = producerTime
        copy.isTainted = isTainted
        return copy
    }
}

/// Everything about a picture that conversion depends on.
struct PictureLayout: Hashable {
    var width: Int32
    var height: Int32
    var format: Int32
    var pixelAspect: Rational
    var fullRange: Bool
    var colorSpace: UInt32

    init(_ frame: Frame) {
        let av = frame.pointer.pointee
        width = av.width
        height = av.height
        format = av.format
        pixelAspect = Rational(av.sample_aspect_ratio)
        fullRange = av.color_range == AVCOL_RANGE_JPEG || isFullRangeFormat(frame.format)
        colorSpace = av.colorspace.rawValue
    }
}
