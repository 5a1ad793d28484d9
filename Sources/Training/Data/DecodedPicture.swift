import CKernels
import Media

/// A picture of the data set as three planes of bytes, to be sampled many times.
final class DecodedPicture: Sendable {
    /// As the file has it, turned upright.
    let size: PixelSize
    /// As kept here: the same, or smaller where no network looks at so many pixels.
    let kept: PixelSize
    /// Red, green, blue.
    let planes: [UInt8]

    var byteCount: Int { planes.count }

    init(size: PixelSize, kept: PixelSize, planes: [UInt8]) {
        precondition(planes.count == 3 * kept.width * kept.height)
        self.size = size
        self.kept = kept
        self.planes = planes
    }

    /// Reads and decodes a file on this thread.
    ///
    /// - Parameter mostPixels: the longer side is kept at this length at most. It is sampled down as Darknet would,
    ///   bilinearly and without antialiasing; positions stay relative.
    /// - Throws: see `StillPicture`.
    convenience init(_ path: String, mostPixels: Int, interrupt: Interrupt) throws {
        let frame = try StillPicture.read(path, interrupt: interrupt)
        let size = PixelSize(width: frame.width, height: frame.height)
        let scale = min(1, Double(mostPixels) / Double(max(size.width, size.height)))
        let kept = PixelSize(
            width: max(1, Int((Double(size.width) * scale).rounded())),
            height: max(1, Int((Double(size.height) * scale).rounded())))
        self.init(size: size, kept: kept, planes: try Self.planes(of: frame, kept))
    }

    private static func planes(of frame: Frame, _ size: PixelSize) throws -> [UInt8] {
        let area = size.width * size.height
        let pixels = UnsafeMutablePointer<UInt8>.allocate(capacity: 4 * area)
        defer { pixels.deallocate() }
        let sampler = RGBSampler(width: size.width, height: size.height)
        try sampler.sample(frame, into: pixels, rowStride: 4 * size.width)
        return [UInt8](unsafeUninitializedCapacity: 3 * area) { planes, count in
            if let red = planes.baseAddress { lk_split_bytes(pixels, area, red, red + area, red + 2 * area) }
            count = 3 * area
        }
    }
}
