import CAllocations

/// What this thread takes from the heap: blocks, and all their bytes.
public struct Allocations {
    public let blocks: Int
    public let bytes: Int

    /// Not under a sanitizer.
    public static var areCounted: Bool { lk_counts_allocations() != 0 }

    /// Of `body`.
    public init(of body: () throws -> Void) rethrows {
        let before = lk_thread_allocations()
        try body()
        let after = lk_thread_allocations()
        blocks = after.blocks - before.blocks
        bytes = after.bytes - before.bytes
    }
}
