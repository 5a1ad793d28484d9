import CFFmpeg
import Foundation

/// Makes an annotated still of a decoded picture, as PNG or JPEG. Not thread safe.
public final class PictureWriter {
    public enum Format: String, Sendable {
        case png, jpeg

        /// What a file name's extension says; JPEG for any but png.
        public init(path: String) {
            self = (path as NSString).pathExtension.lowercased() == "png" ? .png : .jpeg
        }
    }

    private let canvases: CanvasMaker
    private let format: Format
    private let quality: Int
    private let subject: String

    /// - Parameters:
    ///   - quality: of JPEG, 1...31, lower is better and larger.
    ///   - subject: named in errors.
    public init(like frame: Frame, format: Format, quality: Int = 3, subject: String) throws(MediaError) {
        self.format = format
        self.quality = quality
        self.subject = subject
        // PNG keeps every pixel's colour; JPEG halves the chroma anyway.
        canvases = try CanvasMaker(like: frame, format: format == .png ? AV_PIX_FMT_YUVJ444P : AV_PIX_FMT_YUVJ420P)
    }

    /// A copy to draw on and then to `encode`.
    public func canvas(for frame: Frame) throws(MediaError) -> Frame { try canvases.canvas(for: frame) }

    /// Where the picture lies in the canvas made last.
    public var placement: PicturePlacement { canvases.placement }

    /// The file's bytes.
    public func encode(_ canvas: Frame) throws(MediaError) -> Data {
        let coded = format == .png ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_YUVJ420P
        let codec = try VideoCodec(named: format == .png ? "png" : "mjpeg", format: coded, subject: subject)
        let picture = format == .png ? try converted(canvas, to: coded) : canvas
        // Stills of one pixel's odd edge keep their own size: the encoder reads no more than that.
        let encoder = try VideoEncoder(
            codec: codec, quality: format == .png ? nil : quality, canvases: canvases, first: canvas, frameRate: nil,
            subject: subject)
        let packets = try encoder.encode(picture) + encoder.encode(nil)
        var data = Data()
        for packet in packets where packet.byteCount > 0 {
            data.append(packet.pointer.pointee.data, count: packet.byteCount)
        }
        return data
    }

    private func converted(_ canvas: Frame, to format: AVPixelFormat) throws(MediaError) -> Frame {
        let picture = try PicturePool(width: canvas.width, height: canvas.height, format: format).picture()
        let scaler = Scaler(
            width: canvas.width, height: canvas.height, format: format, fullRange: true,
            flags: SWS_POINT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP)
        try scaler.scale(canvas, into: picture)
        return picture
    }
}
