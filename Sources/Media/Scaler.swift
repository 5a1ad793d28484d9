import CFFmpeg

/// Converts pictures to one size and pixel format through swscale, honouring range and matrix. Rebuilds itself when the
/// source's layout changes. Not thread safe.
final class Scaler {
    private let width: Int32
    private let height: Int32
    private let format: AVPixelFormat
    private let fullRange: Bool
    private let matrix: Int32?
    private let flags: Int32
    private var context: OpaquePointer?
    private var source: PictureLayout?

    /// - Parameters:
    ///   - fullRange: of the result (RGB has no limited range).
    ///   - matrix: of the result, as swscale numbers them; `nil`: the source's own.
    init(width: Int, height: Int, format: AVPixelFormat, fullRange: Bool, matrix: Int32? = nil, flags: Int32) {
        self.width = Int32(width)
        self.height = Int32(height)
        self.format = format
        self.fullRange = fullRange
        self.matrix = matrix
        self.flags = flags
    }

    deinit { sws_freeContext(context) }

    /// Scales `frame` into a writable picture of this size and format.
    func scale(_ frame: Frame, into picture: Frame) throws(MediaError) {
        try scale(frame, into: &picture.pointer.pointee.data.0, strides: &picture.pointer.pointee.linesize.0)
    }

    /// Scales `frame` into four planes of the caller's.
    func scale(
        _ frame: Frame, into planes: UnsafePointer<UnsafeMutablePointer<UInt8>?>, strides: UnsafePointer<Int32>
    ) throws(MediaError) {
        if source != frame.layout { try rebuild(for: frame) }
        let av = frame.pointer
        let status = withUnsafeMutablePointer(to: &av.pointee.data.0) { data in
            data.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 4) { data in
                sws_scale(context, data, &av.pointee.linesize.0, 0, av.pointee.height, planes, strides)
            }
        }
        try check(status, "sws_scale", "", .unsupported)
    }

    private func rebuild(for frame: Frame) throws(MediaError) {
        sws_freeContext(context)
        (context, source) = (nil, nil)
        let layout = frame.layout
        context = try allocated(sws_alloc_context(), "sws_alloc_context")
        // The ranges must be known at this point: swscale just copies between pictures that differ in nothing else.
        let options = [
            ("srcw", layout.width), ("srch", layout.height), ("src_format", Self.plain(frame.format).rawValue),
            ("src_range", layout.fullRange ? 1 : 0), ("dstw", width), ("dsth", height), ("dst_format", format.rawValue),
            ("dst_range", fullRange ? 1 : 0), ("sws_flags", flags),
        ]
        for (name, value) in options { av_opt_set_int(UnsafeMutableRawPointer(context), name, Int64(value), 0) }
        guard sws_init_context(context, nil, nil) >= 0 else {
            throw MediaError(
                .unsupported, "",
                "pictures of \(layout.width)x\(layout.height) \(frame.pixelFormatName) cannot be scaled")
        }
        let own = Self.matrix(AVColorSpace(layout.colorSpace))
        sws_setColorspaceDetails(
            context, sws_getCoefficients(own), layout.fullRange ? 1 : 0, sws_getCoefficients(matrix ?? own),
            fullRange ? 1 : 0, 0, 1 << 16, 1 << 16)
        source = layout
    }

    /// The deprecated full-range formats are the plain ones plus the range that is set apart.
    static func plain(_ format: AVPixelFormat) -> AVPixelFormat {
        switch format {
        case AV_PIX_FMT_YUVJ420P: AV_PIX_FMT_YUV420P
        case AV_PIX_FMT_YUVJ422P: AV_PIX_FMT_YUV422P
        case AV_PIX_FMT_YUVJ444P: AV_PIX_FMT_YUV444P
        case AV_PIX_FMT_YUVJ440P: AV_PIX_FMT_YUV440P
        case AV_PIX_FMT_YUVJ411P: AV_PIX_FMT_YUV411P
        default: format
        }
    }

    /// swscale's number of a matrix; BT.601 where none is told.
    static func matrix(_ colorSpace: AVColorSpace) -> Int32 {
        switch colorSpace {
        case AVCOL_SPC_BT709: SWS_CS_ITU709
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
        case AVCOL_SPC_FCC: SWS_CS_FCC
        case AVCOL_SPC_SMPTE240M: SWS_CS_SMPTE240M
        default: SWS_CS_ITU601
        }
    }
}
