import CFFmpeg

extension Frame {
    /// A picture made here, to draw on and to encode: packed RGB, three bytes a pixel, row by row.
    public convenience init(rgb pixels: [UInt8], width: Int, height: Int) throws(MediaError) {
        precondition(pixels.count == 3 * width * height)
        let pool = try PicturePool(width: width, height: height, format: AV_PIX_FMT_RGB24)
        let picture = try pool.picture()
        try self.init()
        try check(av_frame_ref(pointer, picture.pointer), "av_frame_ref", "", .system)
        guard let base = pointer.pointee.data.0 else { return }
        let stride = Int(pointer.pointee.linesize.0)
        pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<height {
                guard let from = pixels.baseAddress else { return }
                (base + row * stride).update(from: from + 3 * row * width, count: 3 * width)
            }
        }
    }
}
