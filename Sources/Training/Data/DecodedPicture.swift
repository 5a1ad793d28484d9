import CKernels
import Foundation
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
    /// - Throws: `MediaError`, which names the file. Damage that libav conceals is an error here: half of a grey picture
    ///   would be trained on.
    convenience init(_ path: String, mostPixels: Int, interrupt: Interrupt) throws {
        try Self.checkFile(path)
        let source = try VideoSource(path, decoderThreads: 1, interrupt: interrupt)
        var found: Frame?
        while found == nil, let item = try source.next() {
            if case .frame(let frame) = item { found = frame }
        }
        guard let frame = found else { throw MediaError(.badData, path, "holds no picture that can be decoded") }
        guard !frame.isCorrupt, source.decodeErrors == 0 else { throw MediaError(.badData, path, "is damaged") }
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

    /// What libav would wait for, or take for something else, or show half of without a word.
    private static func checkFile(_ path: String) throws(MediaError) {
        var information = stat()
        guard stat(path, &information) == 0 else {
            throw MediaError(.noInput, path, String(cString: strerror(errno)))
        }
        guard information.st_mode & S_IFMT == S_IFREG else { throw MediaError(.noInput, path, "is no file") }
        let data: Data
        do {
            data = try jpeg(path)
        } catch {
            throw MediaError(.noInput, path, error.localizedDescription)
        }
        guard !data.isEmpty else { return }
        // A JPEG that was cut off has no end mark after its last scan's start; within a scan no such bytes occur.
        guard let end = data.range(of: Data([0xFF, 0xD9]), options: .backwards) else {
            throw MediaError(.badData, path, "is cut off")
        }
        if data[end.upperBound...].range(of: Data([0xFF, 0xDA])) != nil {
            throw MediaError(.badData, path, "is cut off")
        }
    }

    /// The file's bytes; none of what is no JPEG.
    private static func jpeg(_ path: String) throws -> Data {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        let start = Data([0xFF, 0xD8])
        guard try file.read(upToCount: start.count) == start else { return Data() }
        return try file.readToEnd() ?? start
    }
}
