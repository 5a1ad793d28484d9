import CKernels

/// A network's input picture, in memory of someone else's: planar RGB, 0...1.
struct InputCanvas {
    let values: UnsafeMutablePointer<Float>
    let size: PixelSize

    /// Pixels of the input.
    struct Part: Hashable {
        var left: Int
        var top: Int
        var right: Int
        var bottom: Int
    }

    var whole: Part { Part(left: 0, top: 0, right: size.width, bottom: size.height) }

    func row(_ color: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
        values + (color * size.height + row) * size.width
    }
}

/// Draws decoded pictures into network inputs. Not thread safe: it keeps its working memory.
final class PictureSampler {
    private let kernel = lk_sample_best()
    private var blackRow: [UInt8] = []
    private var columns = Columns()

    /// Bytes become 0...1, and are not mixed.
    private static let colors = lk_colours(
        red: (1 / 255, 0, 0, 0), green: (0, 1 / 255, 0, 0), blue: (0, 0, 1 / 255, 0))

    /// The two samples that each column lies between, and the second one's share. A line of samples has one of black
    /// before it and two behind.
    private struct Columns {
        var first: [Int32] = []
        var share: [Float] = []
        /// Samples that are needed, without the black ones.
        var used = 0..<0
    }

    /// Fills a part of the input with grey, draws the picture over it, and changes the colours of both, as Darknet does.
    func draw(
        _ picture: DecodedPicture, _ view: View, _ shift: ColorShift, into canvas: InputCanvas, part: InputCanvas.Part
    ) {
        let columns = Self.visible(view.columns, part.left..<part.right)
        let rows = Self.visible(view.rows, part.top..<part.bottom)
        if columns.count < part.right - part.left || rows.count < part.bottom - part.top { fill(canvas, part) }
        sample(picture, view, into: canvas, columns: columns, rows: rows)
        distort(canvas, part, shift)
    }

    /// The same of the whole input, black outside of the picture.
    func draw(_ picture: DecodedPicture, _ view: TurnedView, _ shift: ColorShift, into canvas: InputCanvas) {
        let (x, y) = (
            Self.ratio(picture.kept.width, picture.size.width), Self.ratio(picture.kept.height, picture.size.height)
        )
        let factors = { (row: SIMD3<Double>, ratio: Double) in (0..<3).map { Float(row[$0] * ratio) } }
        lk_sample_affine(
            picture.planes, Int32(picture.kept.width), Int32(picture.kept.height), factors(view.across, x),
            factors(view.down, y), canvas.values, Int32(canvas.size.width), Int32(canvas.size.height))
        distort(canvas, canvas.whole, shift)
    }

    private static func visible(_ axis: ViewAxis, _ part: Range<Int>) -> Range<Int> {
        (axis.start..<axis.start + axis.count).clamped(to: part)
    }

    /// From positions in the picture to those in what is kept of it, corner to corner.
    private static func ratio(_ kept: Int, _ own: Int) -> Double { own > 1 ? Double(kept - 1) / Double(own - 1) : 1 }

    private func fill(_ canvas: InputCanvas, _ part: InputCanvas.Part) {
        for color in 0..<3 {
            for row in part.top..<part.bottom {
                (canvas.row(color, row) + part.left).update(repeating: 0.5, count: part.right - part.left)
            }
        }
    }

    private func distort(_ canvas: InputCanvas, _ part: InputCanvas.Part, _ shift: ColorShift) {
        guard shift != ColorShift() else { return }
        for row in part.top..<part.bottom {
            lk_distort(
                kernel, canvas.row(0, row) + part.left, canvas.row(1, row) + part.left, canvas.row(2, row) + part.left,
                part.right - part.left, Float(shift.hue), Float(shift.saturation), Float(shift.value))
        }
    }

    /// What is sampled at one position along an axis: its whole part (-1: before the first) and the next one's share.
    private static func position(
        _ axis: ViewAxis, at index: Int, ratio: Double, kept: Int, repeatsEdge: Bool
    ) -> (first: Int, share: Double) {
        let position = (axis.first + axis.step * Double(index - axis.start)) * ratio
        let within = repeatsEdge ? min(max(position, 0), Double(kept - 1)) : min(max(position, -1), Double(kept))
        return (Int(within.rounded(.down)), within - within.rounded(.down))
    }

    private func plan(_ picture: DecodedPicture, _ view: View, _ range: Range<Int>) {
        let (kept, ratio) = (picture.kept.width, Self.ratio(picture.kept.width, picture.size.width))
        columns.first.removeAll(keepingCapacity: true)
        columns.share.removeAll(keepingCapacity: true)
        var (least, most) = (kept, -1)
        for index in range {
            let (first, share) = Self.position(
                view.columns, at: index, ratio: ratio, kept: kept, repeatsEdge: view.repeatsEdge)
            columns.first.append(Int32(first + 1))
            columns.share.append(Float(share))
            (least, most) = (min(least, first), max(most, first + 1))
        }
        // They are read up to whole lanes.
        while !columns.first.count.isMultiple(of: lk_sample_lanes) {
            columns.first.append(0)
            columns.share.append(0)
        }
        let used = max(least, 0)
        columns.used = used..<max(min(most + 1, kept), used)
    }

    private func sample(
        _ picture: DecodedPicture, _ view: View, into canvas: InputCanvas, columns range: Range<Int>, rows: Range<Int>
    ) {
        guard !range.isEmpty, !rows.isEmpty else { return }
        plan(picture, view, range)
        let (width, height) = (picture.kept.width, picture.kept.height)
        let lineLength = width + 3
        var lines = [Float](repeating: 0, count: 3 * lineLength)
        if blackRow.count < width { blackRow = [UInt8](repeating: 0, count: width) }
        let ratio = Self.ratio(height, picture.size.height)
        picture.planes.withUnsafeBufferPointer { planes in
            blackRow.withUnsafeBufferPointer { black in
                lines.withUnsafeMutableBufferPointer { lines in
                    guard let planes = planes.baseAddress, let black = black.baseAddress, let lines = lines.baseAddress
                    else { return }
                    for row in rows {
                        let (first, share) = Self.position(
                            view.rows, at: row, ratio: ratio, kept: height, repeatsEdge: view.repeatsEdge)
                        let source = { (color: Int, row: Int) in
                            let lies = row >= 0 && row < height
                            return (lies ? planes + (color * height + row) * width : black)
                                + self.columns.used.lowerBound
                        }
                        for color in 0..<3 {
                            // The next row of the last one has no share where the edge is repeated.
                            lk_blend_bytes(
                                kernel, lines + color * lineLength + 1 + columns.used.lowerBound, source(color, first),
                                source(color, first + 1), Float(share), columns.used.count)
                        }
                        colored(lines, lineLength, range, row, canvas)
                    }
                }
            }
        }
    }

    private func colored(
        _ lines: UnsafePointer<Float>, _ lineLength: Int, _ range: Range<Int>, _ row: Int, _ canvas: InputCanvas
    ) {
        columns.first.withUnsafeBufferPointer { first in
            columns.share.withUnsafeBufferPointer { share in
                let component = { (color: Int) in
                    lk_component(
                        line: lines + color * lineLength, first: first.baseAddress, share: share.baseAddress, next: 1)
                }
                let components = [component(0), component(1), component(2)]
                withUnsafePointer(to: Self.colors) { colors in
                    lk_colour_floats(
                        kernel, components, colors, range.count, canvas.row(0, row) + range.lowerBound,
                        canvas.row(1, row) + range.lowerBound, canvas.row(2, row) + range.lowerBound)
                }
            }
        }
    }
}
