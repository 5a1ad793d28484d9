import CKernels
import CPango
import Media

/// Cairo's pixels in memory. The only owner of its surface.
final class Surface {
    let pointer: OpaquePointer
    let width: Int
    let height: Int

    /// Black, or empty where the format has alpha.
    init(_ format: cairo_format_t, width: Int, height: Int) throws {
        pointer = cairo_image_surface_create(format, Int32(width), Int32(height))
        (self.width, self.height) = (width, height)
        guard cairo_surface_status(pointer) == CAIRO_STATUS_SUCCESS else {
            cairo_surface_destroy(pointer)
            throw MediaError(.system, "street", "out of memory for a drawing of \(width)x\(height)")
        }
    }

    deinit { cairo_surface_destroy(pointer) }

    var stride: Int { Int(cairo_image_surface_get_stride(pointer)) }

    /// Sets the upper left corner's pixels to 0, each a byte; all of them where no size is given.
    func clear(width: Int? = nil, height: Int? = nil) {
        write { pixels in
            for row in 0..<(height ?? self.height) {
                (pixels + row * stride).update(repeating: 0, count: width ?? self.width)
            }
        }
    }

    func plane(_ pixels: UnsafeMutablePointer<UInt8>) -> lk_plane {
        lk_plane(pixels: pixels, stride: stride, width: width, height: height)
    }

    /// The pixels, with what was drawn so far in them.
    func read<Result>(_ body: (UnsafeMutablePointer<UInt8>) throws -> Result) rethrows -> Result {
        cairo_surface_flush(pointer)
        return try body(cairo_image_surface_get_data(pointer))
    }

    /// Writes pixels behind Cairo's back.
    func write<Result>(_ body: (UnsafeMutablePointer<UInt8>) throws -> Result) rethrows -> Result {
        let result = try read(body)
        cairo_surface_mark_dirty(pointer)
        return result
    }
}
