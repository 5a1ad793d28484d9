import CFFmpeg

/// Hands out writable pictures of one size and format whose memory comes back when the last reference goes, so that
/// a frame costs no allocation of pixels. The only owner of its AVBufferPool.
final class PicturePool {
    let width: Int
    let height: Int
    let format: AVPixelFormat
    private let pool: OpaquePointer
    private static let alignment: Int32 = 64

    init(width: Int, height: Int, format: AVPixelFormat) throws(MediaError) {
        self.width = width
        self.height = height
        self.format = format
        let size = av_image_get_buffer_size(format, Int32(width), Int32(height), Self.alignment)
        try check(size, "av_image_get_buffer_size \(width)x\(height)", "", .unsupported)
        // Vector code may read and write past the last row.
        pool = try allocated(av_buffer_pool_init(Int(size) + 64, nil), "av_buffer_pool_init")
    }

    deinit {
        var owned: OpaquePointer? = pool
        av_buffer_pool_uninit(&owned)
    }

    /// A picture with undefined pixels.
    func picture() throws(MediaError) -> Frame {
        let frame = try Frame()
        let buffer = try allocated(av_buffer_pool_get(pool), "av_buffer_pool_get")
        let av = frame.pointer
        av.pointee.buf.0 = buffer
        av.pointee.width = Int32(width)
        av.pointee.height = Int32(height)
        av.pointee.format = format.rawValue
        try check(
            withUnsafeMutablePointer(to: &av.pointee.data.0) { data in
                withUnsafeMutablePointer(to: &av.pointee.linesize.0) { lines in
                    av_image_fill_arrays(
                        data, lines, buffer.pointee.data, format, Int32(width), Int32(height), Self.alignment)
                }
            }, "av_image_fill_arrays", "", .system)
        av.pointee.extended_data = UnsafeMutableRawPointer(av)
            .advanced(by: MemoryLayout<AVFrame>.offset(of: \.data) ?? 0)
            .assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
        return frame
    }
}
