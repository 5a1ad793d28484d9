import CFFmpeg

/// How the samples of a picture's three colour components lie in memory, and how RGB is made of them.
///
/// Covers the formats whose samples are whole bytes or little-endian 16-bit words at regular steps: planar,
/// semi-planar and packed; YUV of any subsampling, RGB and grey.
struct SampleLayout: Hashable {
    struct Component: Hashable {
        var plane: Int
        /// Bytes from the row's start to the first sample.
        var offset: Int
        /// Bytes from sample to sample.
        var step: Int
        var across: Axis
        var down: Axis
    }

    /// The samples of one component in one direction.
    struct Axis: Hashable {
        /// Pixels of the picture.
        var pixels: Int
        var samples: Int
        /// Position of the first sample, in pixels.
        var start: Double
        /// Pixels from sample to sample.
        var pitch: Double
    }

    /// Y, U, V or R, G, B.
    var components: [Component]
    /// Samples are 16-bit words, not bytes.
    var isWide: Bool
    var matrix: ColorMatrix

    /// `nil` for pictures that first need conversion by swscale.
    init?(_ frame: Frame) {
        let layout = frame.layout
        guard let descriptor = av_pix_fmt_desc_get(frame.format)?.pointee else { return nil }
        let irregular =
            AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER
            | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BE
        guard descriptor.flags & UInt64(irregular) == 0, !frame.pixelFormatName.hasPrefix("xyz") else { return nil }
        let comp = descriptor.comp
        let isGrey = descriptor.nb_components < 3
        let used = isGrey ? [comp.0, comp.0, comp.0] : [comp.0, comp.1, comp.2]
        let (depth, shift) = (Int(comp.0.depth), Int(comp.0.shift))
        isWide = depth > 8
        let bytes = isWide ? 2 : 1
        guard isWide ? shift == 0 || shift + depth == 16 : depth == 8 && shift == 0 else { return nil }

        let siting = Siting(frame)
        components = []
        for (index, component) in used.enumerated() {
            let chroma = index > 0 && !isGrey
            let across = Axis(
                pixels: frame.width, shift: chroma ? Int(descriptor.log2_chroma_w) : 0, siting: siting.across)
            let down = Axis(
                pixels: frame.height, shift: chroma ? Int(descriptor.log2_chroma_h) : 0, siting: siting.down)
            let (offset, step) = (Int(component.offset), Int(component.step))
            let plane = Int(component.plane)
            // The last condition leaves out the one format whose step is not regular (uyyvyy411).
            guard component.depth == depth, component.shift == shift, plane < 3, offset % bytes == 0, step % bytes == 0,
                offset + (across.samples - 1) * step + bytes <= abs(Int(frame.lineSizes[plane]))
            else { return nil }
            components.append(Component(plane: plane, offset: offset, step: step, across: across, down: down))
        }

        if descriptor.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 {
            matrix = ColorMatrix(rgbOfDepth: depth, shift: shift)
        } else if isGrey {
            // Grey pictures are of full range unless they say otherwise.
            let fullRange = frame.pointer.pointee.color_range != AVCOL_RANGE_MPEG
            matrix = ColorMatrix(greyOfDepth: depth, shift: shift, fullRange: fullRange)
        } else {
            let space = AVColorSpace(layout.colorSpace)
            matrix = ColorMatrix(yuvOfDepth: depth, shift: shift, fullRange: layout.fullRange, space: space)
        }
    }
}

extension SampleLayout.Axis {
    fileprivate init(pixels: Int, shift: Int, siting: Double) {
        self.pixels = pixels
        samples = (pixels + (1 << shift) - 1) >> shift
        pitch = Double(1 << shift)
        start = siting * (pitch - 1)
    }
}

/// Where a chroma sample lies among the pixels it stands for: 0 at the first, 1 at the last.
private struct Siting {
    var across: Double
    var down: Double

    init(_ frame: Frame) {
        (across, down) =
            switch frame.pointer.pointee.chroma_location {
            case AVCHROMA_LOC_LEFT: (0, 0.5)
            case AVCHROMA_LOC_CENTER: (0.5, 0.5)
            case AVCHROMA_LOC_TOPLEFT: (0, 0)
            case AVCHROMA_LOC_TOP: (0.5, 0)
            case AVCHROMA_LOC_BOTTOMLEFT: (0, 1)
            case AVCHROMA_LOC_BOTTOM: (0.5, 1)
            // Unsaid: in the middle in JPEG, at the left in video.
            default: (frame.layout.fullRange ? 0.5 : 0, 0.5)
            }
    }
}

/// Makes RGB, 0...1 each, of three samples as they are stored: a row of factors and a constant for each colour.
struct ColorMatrix: Hashable {
    var red: SIMD4<Float>
    var green: SIMD4<Float>
    var blue: SIMD4<Float>

    init(rgbOfDepth depth: Int, shift: Int) {
        let scale = 1 / Float(((1 << depth) - 1) << shift)
        red = [scale, 0, 0, 0]
        green = [0, scale, 0, 0]
        blue = [0, 0, scale, 0]
    }

    init(greyOfDepth depth: Int, shift: Int, fullRange: Bool) {
        let (scale, zero) = Self.luma(depth, shift, fullRange)
        (red, green, blue) = (
            [scale, 0, 0, -zero * scale], [scale, 0, 0, -zero * scale], [scale, 0, 0, -zero * scale]
        )
    }

    /// - Parameter space: where it is unspecified, BT.601 as libav has it.
    init(yuvOfDepth depth: Int, shift: Int, fullRange: Bool, space: AVColorSpace) {
        // The shares of red and blue in luma.
        let (r, b): (Float, Float) =
            switch space {
            case AVCOL_SPC_BT709: (0.2126, 0.0722)
            case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: (0.2627, 0.0593)
            case AVCOL_SPC_FCC: (0.30, 0.11)
            case AVCOL_SPC_SMPTE240M: (0.212, 0.087)
            default: (0.299, 0.114)
            }
        let g = 1 - r - b
        let (luma, zero) = Self.luma(depth, shift, fullRange)
        let chroma = fullRange ? luma : 1 / Float(224 << (depth - 8 + shift))
        let middle = Float(128 << (depth - 8 + shift))
        let row = { (u: Float, v: Float) in
            SIMD4(luma, u * chroma, v * chroma, -zero * luma - middle * (u + v) * chroma)
        }
        red = row(0, 2 * (1 - r))
        green = row(-2 * (1 - b) * b / g, -2 * (1 - r) * r / g)
        blue = row(2 * (1 - b), 0)
    }

    /// What one step of a sample is worth, and the sample of black.
    private static func luma(_ depth: Int, _ shift: Int, _ fullRange: Bool) -> (scale: Float, zero: Float) {
        fullRange
            ? (1 / Float(((1 << depth) - 1) << shift), 0)
            : (1 / Float(219 << (depth - 8 + shift)), Float(16 << (depth - 8 + shift)))
    }
}
