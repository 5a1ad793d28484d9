import CFFmpeg

/// The coefficients that turn RGB into luma and colour differences.
public enum YUVMatrix: Hashable, Sendable {
    case bt601
    case bt709
    /// BT.2020 with non-constant luminance.
    case bt2020
}

/// Planes of one 8-bit planar YUV picture, borrowed from the frame that owns them.
///
/// Width and height count luma pixels. A chroma plane has `ceil(width / 2^chromaShiftX)` columns and
/// `ceil(height / 2^chromaShiftY)` rows. Strides are in bytes and may be negative (pictures stored bottom up).
public struct YUVImage {
    public var width: Int
    public var height: Int
    public var y: UnsafeMutablePointer<UInt8>
    public var u: UnsafeMutablePointer<UInt8>
    public var v: UnsafeMutablePointer<UInt8>
    public var yStride: Int
    public var uStride: Int
    public var vStride: Int
    /// Binary logarithm of luma columns in one chroma column: 1 for 4:2:0 and 4:2:2, 0 for 4:4:4.
    public var chromaShiftX: Int
    /// Binary logarithm of luma rows in one chroma row: 1 for 4:2:0, 0 for 4:2:2 and 4:4:4.
    public var chromaShiftY: Int
    /// Whether samples use 0...255 instead of 16...235 (luma) and 16...240 (chroma).
    public var fullRange: Bool
    public var matrix: YUVMatrix

    public init(
        width: Int, height: Int,
        y: UnsafeMutablePointer<UInt8>, u: UnsafeMutablePointer<UInt8>, v: UnsafeMutablePointer<UInt8>,
        yStride: Int, uStride: Int, vStride: Int,
        chromaShiftX: Int, chromaShiftY: Int,
        fullRange: Bool, matrix: YUVMatrix
    ) {
        self.width = width
        self.height = height
        self.y = y
        self.u = u
        self.v = v
        self.yStride = yStride
        self.uStride = uStride
        self.vStride = vStride
        self.chromaShiftX = chromaShiftX
        self.chromaShiftY = chromaShiftY
        self.fullRange = fullRange
        self.matrix = matrix
    }
}

extension Frame {
    /// The pixels of a canvas, to draw in; valid as long as the frame. `nil` for what is not 8-bit planar YUV.
    public var yuvImage: YUVImage? {
        let descriptor = av_pix_fmt_desc_get(format)?.pointee
        guard let descriptor, descriptor.comp.0.depth == 8, descriptor.nb_components >= 3,
            descriptor.flags & UInt64(AV_PIX_FMT_FLAG_PLANAR) != 0, descriptor.flags & UInt64(AV_PIX_FMT_FLAG_RGB) == 0,
            let y = planes[0], let u = planes[1], let v = planes[2]
        else { return nil }
        let (shiftX, shiftY) = chromaShift(format)
        return YUVImage(
            width: width, height: height, y: y, u: u, v: v, yStride: Int(lineSizes[0]), uStride: Int(lineSizes[1]),
            vStride: Int(lineSizes[2]), chromaShiftX: shiftX, chromaShiftY: shiftY, fullRange: layout.fullRange,
            matrix: YUVMatrix(pointer.pointee.colorspace))
    }
}

extension YUVMatrix {
    /// Where it is unspecified, BT.601 as libav has it.
    fileprivate init(_ space: AVColorSpace) {
        switch space {
        case AVCOL_SPC_BT709: self = .bt709
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: self = .bt2020
        default: self = .bt601
        }
    }
}
