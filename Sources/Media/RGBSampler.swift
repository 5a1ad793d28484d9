import CFFmpeg

/// Resizes decoded pictures of any format to planar RGB floats, 0...1, as Darknet samples them (yolov2-spec 6): bilinear,
/// corner-aligned, without antialiasing. Reads the decoder's planes directly: one pass, no copy. Not thread safe.
public final class RGBSampler {
    private let width: Int
    private let height: Int
    private var layout: SampleLayout?
    /// Of each component.
    private var columns: [Taps] = []
    private var rows: [Taps] = []
    /// One row of each component.
    private var line: [Float]
    private var scratch: [Float] = []
    private var converter: (pool: PicturePool, scaler: Scaler)?

    /// - Parameters: width, height: of the result in pixels.
    public init(width: Int, height: Int) {
        precondition(width > 0 && height > 0)
        self.width = width
        self.height = height
        line = Array(repeating: 0, count: 3 * width)
    }

    /// - Parameters:
    ///   - values: the first red value.
    ///   - rowStride: values from row to row.
    ///   - planeStride: values from colour to colour.
    public func sample(
        _ frame: Frame, into values: UnsafeMutablePointer<Float>, rowStride: Int, planeStride: Int
    ) throws(MediaError) {
        guard let layout = SampleLayout(frame) else {
            return try sample(converted(frame), into: values, rowStride: rowStride, planeStride: planeStride)
        }
        if layout != self.layout {
            columns = layout.components.map { Taps($0.across, count: width, stride: $0.step) }
            rows = layout.components.map { Taps($0.down, count: height, stride: 1) }
            self.layout = layout
        }
        var planes: [Plane] = []
        for component in layout.components {
            guard let base = frame.planes[component.plane] else {
                throw MediaError(.badData, "", "a decoded picture (\(frame.pixelFormatName)) has no pixels")
            }
            planes.append(Plane(start: base + component.offset, rowStride: Int(frame.lineSizes[component.plane])))
        }
        line.withUnsafeMutableBufferPointer { line in
            guard let line = line.baseAddress else { return }
            for row in 0..<height {
                for (index, plane) in planes.enumerated() {
                    let to = line + index * width
                    if layout.isWide {
                        plane.sample(UInt16.self, row: row, rows: rows[index], columns: columns[index], into: to)
                    } else {
                        plane.sample(UInt8.self, row: row, rows: rows[index], columns: columns[index], into: to)
                    }
                }
                layout.matrix.apply(to: line, count: width, values: values + row * rowStride, planeStride: planeStride)
            }
        }
    }

    /// The same in bytes: red, green, blue and one that stays as it is, for each pixel; 255 is 1.
    ///
    /// - Parameters:
    ///   - bytes: the first pixel's.
    ///   - rowStride: bytes from row to row.
    public func sample(_ frame: Frame, intoBytes bytes: UnsafeMutablePointer<UInt8>, rowStride: Int) throws(MediaError)
    {
        if scratch.count != 3 * width * height { scratch = Array(repeating: 0, count: 3 * width * height) }
        var failure: MediaError?
        scratch.withUnsafeMutableBufferPointer { scratch in
            guard let values = scratch.baseAddress else { return }
            do throws(MediaError) {
                try sample(frame, into: values, rowStride: width, planeStride: width * height)
            } catch { failure = error }
            for y in 0..<height {
                for x in 0..<width {
                    for c in 0..<3 {
                        bytes[y * rowStride + x * 4 + c] = UInt8(
                            (values[(c * height + y) * width + x] * 255).rounded(.toNearestOrEven))
                    }
                }
            }
        }
        if let failure { throw failure }
    }

    /// The picture in a format that `SampleLayout` covers.
    private func converted(_ frame: Frame) throws(MediaError) -> Frame {
        if converter?.pool.width != frame.width || converter?.pool.height != frame.height {
            let flags = SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT
            converter = (
                try PicturePool(width: frame.width, height: frame.height, format: AV_PIX_FMT_GBRP),
                Scaler(
                    width: frame.width, height: frame.height, format: AV_PIX_FMT_GBRP, fullRange: true, flags: flags)
            )
        }
        guard let converter else { return frame }
        let picture = try converter.pool.picture()
        try converter.scaler.scale(frame, into: picture.planes + [nil], strides: picture.lineSizes)
        return picture
    }
}

/// The two neighbouring samples that each result lies between, in one direction.
private struct Taps {
    /// Distance of the first sample of each two from the first of all.
    var first: [Int32]
    /// The second sample's share.
    var share: [Float]
    /// Distance from the first of each two to the second; 0 where there is but one sample in all.
    var next: Int

    init(_ axis: SampleLayout.Axis, count: Int, stride: Int) {
        next = axis.samples > 1 ? stride : 0
        first = []
        share = []
        for index in 0..<count {
            let position = count > 1 ? Double(index) * Double(axis.pixels - 1) / Double(count - 1) : 0
            let sample = min(max(0, (position - axis.start) / axis.pitch), Double(axis.samples - 1))
            // The last sample of all is the second of its two.
            let left = min(Int(sample), max(0, axis.samples - 2))
            first.append(Int32(left * stride))
            share.append(Float(sample - Double(left)))
        }
    }
}

/// The samples of one component.
private struct Plane {
    var start: UnsafePointer<UInt8>
    /// Bytes.
    var rowStride: Int

    /// One row of the result: number `row` of `rows`, which count in rows; `columns` count in bytes.
    func sample<Sample: FixedWidthInteger & UnsignedInteger>(
        _: Sample.Type, row: Int, rows: Taps, columns: Taps, into values: UnsafeMutablePointer<Float>
    ) {
        let upper = UnsafeRawPointer(start + Int(rows.first[row]) * rowStride)
        let lower = upper + rows.next * rowStride
        let (next, lowerShare) = (columns.next, rows.share[row])
        let value = { (line: UnsafeRawPointer, offset: Int) in
            Float(Int32(truncatingIfNeeded: line.load(fromByteOffset: offset, as: Sample.self)))
        }
        let blend = { (a: Float, b: Float, share: Float) in a + share * (b - a) }
        columns.first.withUnsafeBufferPointer { first in
            columns.share.withUnsafeBufferPointer { share in
                for column in first.indices {
                    let offset = Int(first[column])
                    let left = blend(value(upper, offset), value(lower, offset), lowerShare)
                    let right = blend(value(upper, offset &+ next), value(lower, offset &+ next), lowerShare)
                    values[column] = blend(left, right, share[column])
                }
            }
        }
    }
}

extension ColorMatrix {
    /// Makes a row of RGB of one row of each component, which lie `count` apart.
    fileprivate func apply(
        to components: UnsafePointer<Float>, count: Int, values: UnsafeMutablePointer<Float>, planeStride: Int
    ) {
        let (first, second, third) = (components, components + count, components + 2 * count)
        for (index, factors) in [red, green, blue].enumerated() {
            let to = values + index * planeStride
            for column in 0..<count {
                let value =
                    factors.x * first[column] + factors.y * second[column] + factors.z * third[column] + factors.w
                to[column] = value < 0 ? 0 : value > 1 ? 1 : value
            }
        }
    }
}
