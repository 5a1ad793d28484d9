import CFFmpeg

/// How a stored picture is turned to be seen upright: one of the eight rotations and mirrorings.
struct Orientation: Hashable {
    var transpose = false
    var flipHorizontally = false
    var flipVertically = false

    static let upright = Orientation()

    init() {}

    /// From a display matrix (a, b, u, c, d, v, x, y, w), which sends a stored (x, y) to (a x + c y, b x + d y).
    init(matrix: UnsafePointer<Int32>) {
        let (a, b, c, d) = (matrix[0], matrix[1], matrix[3], matrix[4])
        transpose = b.magnitude > a.magnitude
        flipHorizontally = (transpose ? c : a) < 0
        flipVertically = (transpose ? b : d) < 0
    }

    /// A frame's own (EXIF of a JPEG); `nil` where it has none, and the stream's holds.
    init?(of frame: Frame) {
        guard let side = av_frame_get_side_data(frame.pointer, AV_FRAME_DATA_DISPLAYMATRIX),
            let data = side.pointee.data, side.pointee.size >= 9 * MemoryLayout<Int32>.size
        else { return nil }
        self.init(matrix: UnsafeRawPointer(data).assumingMemoryBound(to: Int32.self))
    }

    /// libavfilter's filters, in order.
    var filters: [String] {
        (transpose ? ["transpose=dir=cclock_flip"] : []) + (flipHorizontally ? ["hflip"] : [])
            + (flipVertically ? ["vflip"] : [])
    }
}
