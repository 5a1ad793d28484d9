import CFFmpeg
import Glibc

/// Makes small JPEG pictures of frames, one after another: scaler and encoder are kept while the frames stay alike.
/// Not thread safe.
public final class ThumbnailWriter {
    private let maxSide: Int
    private var stage: Stage?

    /// What pictures of one layout need.
    private struct Stage {
        let layout: PictureLayout
        let pool: PicturePool
        let scaler: Scaler
        let encoder: JPEGEncoder
    }

    /// - Parameter maxSide: pixels across and down at most. The shape as displayed is kept; nothing is made larger.
    public init(maxSide: Int) { self.maxSide = maxSide }

    /// A small copy with square pixels, to draw on and then to `encode`.
    public func canvas(for frame: Frame) throws(MediaError) -> Frame {
        let stage = try stage(for: frame)
        let canvas = try stage.pool.picture()
        canvas.pointer.pointee.color_range = AVCOL_RANGE_JPEG
        // JPEG knows no other matrix.
        canvas.pointer.pointee.colorspace = AVCOL_SPC_BT470BG
        try stage.scaler.scale(frame, into: canvas)
        return canvas
    }

    /// Where the picture lies in the canvas: everywhere.
    public func placement(in canvas: Frame) -> PicturePlacement {
        PicturePlacement(x: 0, y: 0, width: canvas.width, height: canvas.height)
    }

    /// The file's bytes. The canvas is the one made last.
    public func encode(_ canvas: Frame) throws(MediaError) -> [UInt8] {
        guard let stage else { throw MediaError(.system, "", "no picture was made to encode") }
        return try stage.encoder.encode(canvas)
    }

    private func stage(for frame: Frame) throws(MediaError) -> Stage {
        if let stage, stage.layout == frame.layout { return stage }
        let (width, height) = size(of: frame)
        let made = Stage(
            layout: frame.layout,
            pool: try PicturePool(width: width, height: height, format: AV_PIX_FMT_YUVJ420P),
            scaler: Scaler(
                width: width, height: height, format: AV_PIX_FMT_YUV420P, fullRange: true,
                matrix: Scaler.matrix(AVCOL_SPC_BT470BG), flags: SWS_AREA),
            encoder: try JPEGEncoder(width: width, height: height))
        stage = made
        return made
    }

    /// Even, because chroma has half as many samples.
    private func size(of frame: Frame) -> (width: Int, height: Int) {
        let (width, height) = (Double(frame.width) * frame.pixelAspect, Double(frame.height))
        let scale = min(1, Double(maxSide) / max(width, height))
        let even = { (side: Double) in max(2, Int((side * scale / 2).rounded()) * 2) }
        return (even(width), even(height))
    }
}

/// libav's JPEG encoder, kept open. The only owner of its AVCodecContext.
private final class JPEGEncoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private var count: Int64 = 0

    init(width: Int, height: Int) throws(MediaError) {
        let codec = try VideoCodec(named: "mjpeg", format: AV_PIX_FMT_YUVJ420P, subject: "")
        // From here on `deinit` frees it, also when this throws.
        context = try allocated(avcodec_alloc_context3(codec.pointer), "avcodec_alloc_context3")
        context.pointee.width = Int32(width)
        context.pointee.height = Int32(height)
        context.pointee.pix_fmt = codec.format
        context.pointee.color_range = AVCOL_RANGE_JPEG
        context.pointee.time_base = AVRational(num: 1, den: 25)
        codec.apply(quality: 5, live: true, to: context)
        // Several would each keep a picture back.
        context.pointee.thread_count = 1
        try check(avcodec_open2(context, codec.pointer, nil), "avcodec_open2 mjpeg", "", .unsupported)
    }

    deinit {
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&owned)
    }

    func encode(_ picture: Frame) throws(MediaError) -> [UInt8] {
        picture.pointer.pointee.pts = count
        count += 1
        try check(avcodec_send_frame(context, picture.pointer), "avcodec_send_frame mjpeg", "", .system)
        let packet = try Packet()
        try check(avcodec_receive_packet(context, packet.pointer), "avcodec_receive_packet mjpeg", "", .system)
        return Array(UnsafeBufferPointer(start: packet.pointer.pointee.data, count: packet.byteCount))
    }
}
