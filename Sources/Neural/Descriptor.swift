import CDNNL

/// The shape and the physical layout of a tensor, and its numbers. Equal descriptors lay every element at the same place.
///
/// `@unchecked Sendable`: never changed after `init`, and oneDNN only reads it.
final class Descriptor: Equatable, @unchecked Sendable {
    let handle: OpaquePointer

    /// Takes over `handle`.
    private init(owning handle: OpaquePointer) { self.handle = handle }

    convenience init(
        _ dims: [Int], _ layout: lk_layout = lk_layout_row_major, _ number: lk_number = lk_f32
    ) throws {
        var made: OpaquePointer?
        let extents = dims.map(Int64.init)
        try check(
            lk_desc_create(&made, extents, Int32(extents.count), layout, number), "describing a tensor of \(dims)")
        self.init(owning: try unwrap(made))
    }

    /// What `primitive` expects at `role`.
    convenience init(of primitive: OpaquePointer, _ role: lk_role, index: Int = 0) throws {
        var made: OpaquePointer?
        try check(lk_primitive_desc(primitive, role, Int32(index), &made), "asking for a tensor's layout")
        self.init(owning: try unwrap(made))
    }

    deinit { lk_desc_destroy(handle) }

    static func == (a: Descriptor, b: Descriptor) -> Bool { lk_desc_equal(a.handle, b.handle) != 0 }

    /// Whether only oneDNN's kernels can read the layout: nothing can be copied out of it.
    var isOpaque: Bool { lk_desc_is_opaque(handle) != 0 }

    /// Bytes of memory, the layout's padding included.
    var byteCount: Int { lk_desc_bytes(handle) }

    /// Where element (n, c, h, w) lies, in elements from the start; nil if the layout has no such formula.
    func offset(n: Int = 0, c: Int, h: Int = 0, w: Int = 0) -> Int? {
        let offset = lk_desc_offset(handle, Int64(n), Int64(c), Int64(h), Int64(w))
        return offset < 0 ? nil : Int(offset)
    }
}

/// The shim sets a handle whenever it reports success; this says so to the compiler.
func unwrap(_ handle: OpaquePointer?) throws(NeuralError) -> OpaquePointer {
    guard let handle else { throw .memory(byteCount: 0, purpose: "a handle of oneDNN") }
    return handle
}
