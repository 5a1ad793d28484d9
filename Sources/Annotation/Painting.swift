import Media

extension YUVImage {
    /// Fills a rectangle with one colour.
    func fill(_ rect: PixelRect, with color: YUVColor) {
        window(y, yStride, rect, shiftX: 0, shiftY: 0).fill(with: color.y)
        window(u, uStride, rect, shiftX: chromaShiftX, shiftY: chromaShiftY).fill(with: color.u)
        window(v, vStride, rect, shiftX: chromaShiftX, shiftY: chromaShiftY).fill(with: color.v)
    }

    /// Draws a label: `ground` where its mask is 0, `text` where it is 255. Starts at the mask's left top corner;
    /// a smaller rectangle clips it.
    func draw(_ mask: TextMask, in rect: PixelRect, ground: YUVColor, text: YUVColor) {
        window(y, yStride, rect, shiftX: 0, shiftY: 0).mix(ground.y, text.y, by: mask.luma)
        window(u, uStride, rect, shiftX: chromaShiftX, shiftY: chromaShiftY).mix(ground.u, text.u, by: mask.chroma)
        window(v, vStride, rect, shiftX: chromaShiftX, shiftY: chromaShiftY).mix(ground.v, text.v, by: mask.chroma)
    }

    private func window(
        _ plane: UnsafeMutablePointer<UInt8>, _ stride: Int, _ rect: PixelRect, shiftX: Int, shiftY: Int
    ) -> PlaneWindow {
        let column = rect.left >> shiftX
        let row = rect.top >> shiftY
        return PlaneWindow(
            start: plane + (row * stride + column),
            stride: stride,
            columns: ((rect.right + (1 << shiftX) - 1) >> shiftX) - column,
            rows: ((rect.bottom + (1 << shiftY) - 1) >> shiftY) - row
        )
    }
}

/// A rectangle of one plane's samples.
private struct PlaneWindow {
    var start: UnsafeMutablePointer<UInt8>
    var stride: Int
    var columns: Int
    var rows: Int

    func fill(with value: UInt8) {
        for row in 0..<rows {
            (start + row * stride).update(repeating: value, count: columns)
        }
    }

    /// Writes `ground + (text - ground) * alpha / 255`, rounded to nearest.
    func mix(_ ground: UInt8, _ text: UInt8, by alpha: AlphaPlane) {
        let ground = UInt16(ground)
        let text = UInt16(text)
        precondition(columns <= alpha.width && rows <= alpha.height)
        alpha.samples.withUnsafeBufferPointer { samples in
            guard var source = samples.baseAddress else { return }
            var target = start
            for _ in 0..<rows {
                for column in 0..<columns {
                    // Exact division by 255 that stays within 16 bits, so that it vectorises.
                    let share = UInt16(source[column])
                    let sum = ground &* (255 &- share) &+ text &* share &+ 128
                    target[column] = UInt8(truncatingIfNeeded: (sum &+ (sum &>> 8)) &>> 8)
                }
                source += alpha.width
                target += stride
            }
        }
    }
}
