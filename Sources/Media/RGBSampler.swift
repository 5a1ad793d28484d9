import CFFmpeg
import CKernels

/// Resizes decoded pictures of any format to RGB, as Darknet samples them (yolov2-spec 6): bilinear, corner-aligned,
/// without antialiasing. Reads the decoder's planes directly: one pass, no copy, no memory taken for a frame. Not thread
/// safe.
public final class RGBSampler {
    private let width: Int
    private let height: Int
    private let kernel: lk_sample_kernel
    private var route: Route?

    /// How pictures of one kind are sampled.
    private struct Route {
        let kind: PictureKind
        let plan: SamplePlan
        /// Where they first have to become pictures of a format that `SampleLayout` covers.
        let converter: Converter?
    }

    /// - Parameters: width, height: of the result in pixels.
    public convenience init(width: Int, height: Int) {
        self.init(width: width, height: height, kernel: lk_sample_best())
    }

    init(width: Int, height: Int, kernel: lk_sample_kernel) {
        precondition(width > 0 && height > 0)
        self.width = width
        self.height = height
        self.kernel = kernel
    }

    /// Planar floats, 0...1.
    ///
    /// - Parameters:
    ///   - values: the first red value.
    ///   - rowStride: values from row to row.
    ///   - planeStride: values from colour to colour.
    public func sample(
        _ frame: Frame, into values: UnsafeMutablePointer<Float>, rowStride: Int, planeStride: Int
    ) throws(MediaError) {
        let (plan, picture) = try planned(frame)
        withExtendedLifetime(picture) {
            plan.sample(into: values, rowStride: rowStride, planeStride: planeStride)
        }
    }

    /// Bytes: of each pixel red, green, blue and 0, the floats times 255 rounded to nearest.
    ///
    /// - Parameters:
    ///   - pixels: the first red byte.
    ///   - rowStride: bytes from row to row.
    public func sample(
        _ frame: Frame, into pixels: UnsafeMutablePointer<UInt8>, rowStride: Int
    ) throws(MediaError) {
        let (plan, picture) = try planned(frame)
        withExtendedLifetime(picture) { plan.sample(into: pixels, rowStride: rowStride) }
    }

    /// How to sample it, and the picture that was taken for it, converted where it must be.
    private func planned(_ frame: Frame) throws(MediaError) -> (SamplePlan, Frame) {
        let kind = PictureKind(frame)
        var found = route
        if found?.kind != kind { found = try makeRoute(for: frame, kind) }
        route = found
        let picture = try found?.converter?.convert(frame) ?? frame
        guard let plan = found?.plan, plan.take(picture) else {
            throw MediaError(.badData, "", "a decoded picture (\(frame.pixelFormatName)) has no pixels")
        }
        return (plan, picture)
    }

    /// `nil`: no way to read it.
    private func makeRoute(for frame: Frame, _ kind: PictureKind) throws(MediaError) -> Route? {
        let layout = SampleLayout(frame)
        let converter = layout == nil ? try Converter(width: frame.width, height: frame.height) : nil
        let known = try converter.map { converter throws(MediaError) in SampleLayout(try converter.convert(frame)) }
        guard let layout = layout ?? known ?? nil else { return nil }
        let plan = SamplePlan(layout, width: width, height: height, kernel: kernel)
        return Route(kind: kind, plan: plan, converter: converter)
    }
}

/// Makes planar RGB by swscale. Not thread safe.
private final class Converter {
    private let pool: PicturePool
    private let scaler: Scaler

    init(width: Int, height: Int) throws(MediaError) {
        pool = try PicturePool(width: width, height: height, format: AV_PIX_FMT_GBRP)
        scaler = Scaler(
            width: width, height: height, format: AV_PIX_FMT_GBRP, fullRange: true,
            flags: SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT)
    }

    func convert(_ frame: Frame) throws(MediaError) -> Frame {
        let picture = try pool.picture()
        try scaler.scale(frame, into: picture)
        return picture
    }
}

/// What `SampleLayout` depends on. Compared for every frame.
private struct PictureKind: Equatable {
    let width: Int32
    let height: Int32
    let format: Int32
    let range: AVColorRange
    let space: AVColorSpace
    let siting: AVChromaLocation
    let lineSizes: SIMD4<Int32>

    init(_ frame: Frame) {
        let av = frame.pointer
        (width, height, format) = (av.pointee.width, av.pointee.height, av.pointee.format)
        (range, space) = (av.pointee.color_range, av.pointee.colorspace)
        siting = av.pointee.chroma_location
        lineSizes = [av.pointee.linesize.0, av.pointee.linesize.1, av.pointee.linesize.2, 0]
    }
}
