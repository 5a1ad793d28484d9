import Glibc

/// Zeroed memory straight from the kernel, given back at once when the last reference goes.
///
/// The C heap keeps freed pieces of up to 32 MB, which would make a network's weights count twice after repacking.
/// Large pieces ask for huge pages: a convolution walks megabytes of weights for each frame.
///
/// `@unchecked Sendable`: the address never changes; who writes through it says so where it does.
final class Memory: @unchecked Sendable {
    /// Aligned to a page at least.
    let start: UnsafeMutableRawPointer
    let byteCount: Int

    private let mapping: UnsafeMutableRawPointer
    private let mappedByteCount: Int
    private static let hugePage = 2 << 20

    init(byteCount: Int, purpose: @autoclosure () -> String) throws(NeuralError) {
        let large = byteCount >= Self.hugePage
        let (size, overflow) = max(byteCount, 1).addingReportingOverflow(large ? Self.hugePage : 0)
        guard byteCount >= 0, !overflow,
            let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            mapped != MAP_FAILED
        else { throw .memory(byteCount: byteCount, purpose: purpose()) }
        mapping = mapped
        mappedByteCount = size
        self.byteCount = byteCount
        if large {
            start = mapped.alignedUp(toMultipleOf: Self.hugePage)
            // Only a wish: without huge pages the memory serves as well, so its result does not matter.
            _ = madvise(start, byteCount, MADV_HUGEPAGE)
        } else {
            start = mapped
        }
    }

    convenience init(copying values: [Float], purpose: @autoclosure () -> String) throws(NeuralError) {
        try self.init(byteCount: values.count * MemoryLayout<Float>.stride, purpose: purpose())
        _ = floats.update(fromContentsOf: values)
    }

    deinit { munmap(mapping, mappedByteCount) }

    /// The memory as floats, of which `byteCount / 4` fit.
    var floats: UnsafeMutableBufferPointer<Float> {
        let count = byteCount / MemoryLayout<Float>.stride
        return UnsafeMutableBufferPointer(start: start.bindMemory(to: Float.self, capacity: count), count: count)
    }
}
