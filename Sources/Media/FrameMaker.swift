import CFFmpeg

/// Makes frames of pictures drawn here, as a decoder would give them: yuv420p in limited range, BT.709 from 720 rows
/// on and BT.601 below, counted and timed by their index. Their memory is used again. Not thread safe.
public final class FrameMaker {
    private let frameRate: Int
    private let source: Frame
    private let pool: PicturePool
    private let scaler: Scaler
    private let colorSpace: AVColorSpace

    /// - Parameter frameRate: frames a second.
    public init(width: Int, height: Int, frameRate: Int) throws(MediaError) {
        self.frameRate = frameRate
        source = try PicturePool(width: width, height: height, format: AV_PIX_FMT_BGR0).picture()
        pool = try PicturePool(width: width, height: height, format: AV_PIX_FMT_YUV420P)
        colorSpace = height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M
        scaler = Scaler(
            width: width, height: height, format: AV_PIX_FMT_YUV420P, fullRange: false,
            matrix: Scaler.matrix(colorSpace), flags: SWS_BILINEAR)
    }

    /// - Parameter draw: writes every pixel: blue, green, red and a byte without meaning; given where they lie, and the
    ///   bytes from one row to the next.
    public func frame(_ index: Int, draw: (UnsafeMutablePointer<UInt8>, Int) -> Void) throws(MediaError) -> Frame {
        guard let pixels = source.pointer.pointee.data.0 else {
            throw MediaError(.system, "", "a picture without pixels")
        }
        draw(pixels, Int(source.pointer.pointee.linesize.0))
        let frame = try pool.picture()
        try scaler.scale(source, into: frame)
        let av = frame.pointer
        av.pointee.color_range = AVCOL_RANGE_MPEG
        av.pointee.colorspace = colorSpace
        av.pointee.color_primaries = colorSpace == AVCOL_SPC_BT709 ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M
        av.pointee.color_trc = colorSpace == AVCOL_SPC_BT709 ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M
        av.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        frame.index = index
        frame.timeBase = Rational(1, Int32(frameRate))
        frame.timestamp = Int64(index)
        return frame
    }
}
