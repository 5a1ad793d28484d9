import CFFmpeg

/// Makes writable 8-bit planar YUV copies of decoded frames, all of one size and format: to draw into and to encode.
///
/// The size is that of the first frame, rounded up to what the format's chroma needs, with the edge pixels repeated.
/// Later frames of another size (a change in mid-stream) are fitted in with their aspect kept, on black.
/// Not thread safe.
final class CanvasMaker {
    /// Of the picture itself; the canvas may be a pixel larger.
    let contentWidth: Int
    let contentHeight: Int
    let fullRange: Bool
    /// The matrix of the canvases.
    let colorSpace: AVColorSpace
    private let pool: PicturePool
    private var scaler: Scaler?
    private var fitted: Fitted?
    private let pixelAspect: Double

    /// How pictures of a layout that is not the canvas's own are fitted in.
    private struct Fitted {
        let layout: PictureLayout
        let placement: PicturePlacement
        let scaler: Scaler
        let pool: PicturePool
    }

    /// - Parameter format: an 8-bit planar YUV format.
    init(like frame: Frame, format: AVPixelFormat) throws(MediaError) {
        contentWidth = frame.width
        contentHeight = frame.height
        pixelAspect = frame.pixelAspect
        placement = PicturePlacement(x: 0, y: 0, width: frame.width, height: frame.height)
        let (shiftX, shiftY) = chromaShift(format)
        let (alignX, alignY) = (1 << shiftX, 1 << shiftY)
        pool = try PicturePool(
            width: (frame.width + alignX - 1) / alignX * alignX, height: (frame.height + alignY - 1) / alignY * alignY,
            format: format)
        fullRange = frame.layout.fullRange || isFullRangeFormat(format)
        if isFullRangeFormat(format) {
            // JPEG knows no other matrix.
            colorSpace = AVCOL_SPC_BT470BG
        } else {
            colorSpace = isRGB(frame.format) ? AVCOL_SPC_SMPTE170M : frame.pointer.pointee.colorspace
        }
    }

    var width: Int { pool.width }
    var height: Int { pool.height }

    /// Where the last frame's picture lies in its canvas.
    private(set) var placement: PicturePlacement

    /// A copy of `frame` with its index, timestamp and colour properties.
    ///
    /// - Parameter isDrawn: `false`: nothing will be drawn, so that the frame's own pixels may do.
    func canvas(for frame: Frame, isDrawn: Bool = true) throws(MediaError) -> Frame {
        if !isDrawn && frame.width == width && frame.height == height && isAlike(frame) {
            let same = try frame.reference()
            // Of two names of one format, the encoder's.
            same.pointer.pointee.format = pool.format.rawValue
            describe(same)
            return same
        }
        let canvas = try pool.picture()
        try check(av_frame_copy_props(canvas.pointer, frame.pointer), "av_frame_copy_props", "", .system)
        canvas.index = frame.index
        canvas.timeBase = frame.timeBase
        canvas.timestamp = frame.timestamp
        describe(canvas)
        if frame.width == contentWidth && frame.height == contentHeight {
            placement = PicturePlacement(x: 0, y: 0, width: contentWidth, height: contentHeight)
            try copyWhole(frame, to: canvas)
        } else {
            placement = try copyFitted(frame, to: canvas)
        }
        return canvas
    }

    private func describe(_ canvas: Frame) {
        let av = canvas.pointer
        av.pointee.color_range = fullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        av.pointee.colorspace = colorSpace
        av.pointee.pict_type = AV_PICTURE_TYPE_NONE
        lk_frame_mark_progressive(av)
    }

    /// Whether the frame's samples mean the same as a canvas's.
    private func isAlike(_ frame: Frame) -> Bool {
        Scaler.plain(frame.format) == Scaler.plain(pool.format) && frame.layout.fullRange == fullRange
            && Scaler.matrix(frame.pointer.pointee.colorspace) == Scaler.matrix(colorSpace)
    }

    private func copyWhole(_ frame: Frame, to canvas: Frame) throws(MediaError) {
        let av = canvas.pointer
        if isAlike(frame) {
            withUnsafeMutablePointer(to: &frame.pointer.pointee.data.0) { from in
                from.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 4) { from in
                    av_image_copy(
                        &av.pointee.data.0, &av.pointee.linesize.0, from, &frame.pointer.pointee.linesize.0,
                        Scaler.plain(frame.format), Int32(frame.width), Int32(frame.height))
                }
            }
        } else {
            let scaler = scaler ?? makeScaler(width: contentWidth, height: contentHeight)
            self.scaler = scaler
            try scaler.scale(frame, into: canvas)
        }
        repeatEdges(of: canvas)
    }

    /// The luma column and row that only the rounding up added; chroma planes are whole already.
    private func repeatEdges(of canvas: Frame) {
        guard let luma = canvas.planes[0] else { return }
        let stride = Int(canvas.lineSizes[0])
        if width > contentWidth {
            for row in 0..<contentHeight { luma[row * stride + contentWidth] = luma[row * stride + contentWidth - 1] }
        }
        if height > contentHeight {
            (luma + contentHeight * stride).update(from: luma + (contentHeight - 1) * stride, count: width)
        }
    }

    private func copyFitted(_ frame: Frame, to canvas: Frame) throws(MediaError) -> PicturePlacement {
        let fitted: Fitted
        if let known = self.fitted, known.layout == frame.layout { fitted = known } else { fitted = try fit(frame) }
        self.fitted = fitted
        let place = fitted.placement
        fillBlack(canvas)
        // By way of a picture of its own: swscale writes whole vectors, past the end of a row.
        let scaled = try fitted.pool.picture()
        try fitted.scaler.scale(frame, into: scaled)
        let shift = chromaShift(pool.format)
        for index in 0..<3 {
            guard let from = scaled.planes[index], let to = canvas.planes[index] else { continue }
            let (right, down) = index == 0 ? (0, 0) : shift
            let (fromStride, toStride) = (Int(scaled.lineSizes[index]), Int(canvas.lineSizes[index]))
            for row in 0..<place.height >> down {
                (to + ((place.y >> down) + row) * toStride + (place.x >> right))
                    .update(from: from + row * fromStride, count: place.width >> right)
            }
        }
        return place
    }

    /// The largest place of the frame's displayed shape, on whole chroma samples.
    private func fit(_ frame: Frame) throws(MediaError) -> Fitted {
        let wanted = Double(frame.width) * frame.pixelAspect / pixelAspect
        let scale = min(Double(width) / wanted, Double(height) / Double(frame.height))
        let (shiftX, shiftY) = chromaShift(pool.format)
        let whole = { (size: Int, shift: Int) in (size >> shift) << shift }
        let fitWidth = whole(max(1 << shiftX, min(width, Int((wanted * scale).rounded()))), shiftX)
        let fitHeight = whole(max(1 << shiftY, min(height, Int((Double(frame.height) * scale).rounded()))), shiftY)
        return Fitted(
            layout: frame.layout,
            placement: PicturePlacement(
                x: whole((width - fitWidth) / 2, shiftX), y: whole((height - fitHeight) / 2, shiftY), width: fitWidth,
                height: fitHeight),
            scaler: makeScaler(width: fitWidth, height: fitHeight),
            pool: try PicturePool(width: fitWidth, height: fitHeight, format: pool.format))
    }

    private func fillBlack(_ canvas: Frame) {
        let (_, shiftY) = chromaShift(pool.format)
        for index in 0..<3 {
            let rows = index == 0 ? height : (height + (1 << shiftY) - 1) >> shiftY
            canvas.planes[index]?.update(
                repeating: index == 0 ? (fullRange ? 0 : 16) : 128, count: rows * Int(canvas.lineSizes[index]))
        }
    }

    private func makeScaler(width: Int, height: Int) -> Scaler {
        Scaler(
            width: width, height: height, format: Scaler.plain(pool.format), fullRange: fullRange,
            matrix: Scaler.matrix(colorSpace), flags: SWS_BICUBIC | SWS_ACCURATE_RND)
    }
}

/// A picture's left, top, width and height in a canvas, in pixels.
public struct PicturePlacement: Hashable, Sendable {
    public var x: Int
    public var y: Int
    public var width: Int
    public var height: Int
}

/// log2 of how much smaller the chroma planes are, across and down.
func chromaShift(_ format: AVPixelFormat) -> (x: Int, y: Int) {
    var (x, y): (Int32, Int32) = (0, 0)
    av_pix_fmt_get_chroma_sub_sample(format, &x, &y)
    return (Int(x), Int(y))
}

func isFullRangeFormat(_ format: AVPixelFormat) -> Bool { Scaler.plain(format) != format }

/// Red, green and blue, told directly or by a palette.
func isRGB(_ format: AVPixelFormat) -> Bool {
    guard let descriptor = av_pix_fmt_desc_get(format) else { return false }
    return descriptor.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL) != 0
}

extension Frame {
    /// The planes' first bytes.
    var planes: [3 of UnsafeMutablePointer<UInt8>?] {
        let data = pointer.pointee.data
        return [data.0, data.1, data.2]
    }

    /// Bytes from row to row of each plane.
    var lineSizes: [3 of Int32] {
        let lines = pointer.pointee.linesize
        return [lines.0, lines.1, lines.2]
    }
}
