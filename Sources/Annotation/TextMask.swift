/// Coverage of samples, 0...255, rows one after another.
struct AlphaPlane: Equatable {
    let width: Int
    let height: Int
    let samples: [UInt8]

    /// The average of each block of `2^shiftX` by `2^shiftY` samples. Both sizes must be multiples of the block's.
    func averaged(shiftX: Int, shiftY: Int) -> AlphaPlane {
        guard shiftX > 0 || shiftY > 0 else { return self }
        let columns = width >> shiftX
        let rows = height >> shiftY
        let blockShift = shiftX + shiftY
        let half = (1 << blockShift) >> 1
        var averages = [UInt8](repeating: 0, count: columns * rows)
        var sums = [Int](repeating: 0, count: columns)
        for row in 0..<rows {
            for column in sums.indices { sums[column] = half }
            for line in (row << shiftY)..<((row + 1) << shiftY) {
                for column in 0..<(columns << shiftX) {
                    sums[column >> shiftX] += Int(samples[line * width + column])
                }
            }
            for column in sums.indices { averages[row * columns + column] = UInt8(sums[column] >> blockShift) }
        }
        return AlphaPlane(width: columns, height: rows, samples: averages)
    }
}

/// A label's text with its margin, as coverage of luma and chroma samples.
struct TextMask: Equatable {
    let luma: AlphaPlane
    let chroma: AlphaPlane

    var byteCount: Int { luma.samples.count + chroma.samples.count }
}

/// What decides a mask besides the text itself.
struct TextStyle: Hashable {
    /// Em height in pixels.
    var fontSize: Int
    /// Widest label, margins included, in pixels; longer text loses its middle to an ellipsis.
    var maxWidth: Int
    var chromaShiftX: Int
    var chromaShiftY: Int
}
