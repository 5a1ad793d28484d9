/// Places tensors in one piece of memory so that those alive at the same time never overlap.
///
/// Largest first, each at the tightest gap between those already placed whose lives overlap its own: close to the
/// least possible for networks, whose early tensors are the large ones.
struct Arena {
    /// A tensor's size, and the first and the last operation that needs it.
    struct Request {
        var byteCount: Int
        var life: ClosedRange<Int>
    }

    /// Where each request starts, in bytes, in the order of the requests.
    let offsets: [Int]
    let byteCount: Int

    /// A cache line, and the widest vector.
    static let alignment = 64

    init(_ requests: [Request]) {
        var placed: [(offset: Int, end: Int, life: ClosedRange<Int>)] = []
        var offsets = Array(repeating: 0, count: requests.count)
        for index in requests.indices.sorted(by: { requests[$0].byteCount > requests[$1].byteCount }) {
            let request = requests[index]
            let size = (request.byteCount + Self.alignment - 1) / Self.alignment * Self.alignment
            let busy = placed.filter { $0.life.overlaps(request.life) }.sorted { $0.offset < $1.offset }
            var best: (offset: Int, gap: Int)?
            var free = 0
            for block in busy {
                let gap = block.offset - free
                if gap >= size, gap < best?.gap ?? .max { best = (free, gap) }
                free = max(free, block.end)
            }
            let offset = best?.offset ?? free
            offsets[index] = offset
            placed.append((offset, offset + size, request.life))
        }
        self.offsets = offsets
        byteCount = placed.map(\.end).max() ?? 0
    }
}
