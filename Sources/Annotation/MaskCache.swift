/// Masks of recent labels.
///
/// The whole text is one entry, the confidence with it: joining separately shaped pieces would break right-to-left
/// text, and a miss costs little.
struct MaskCache {
    struct Key: Hashable {
        var text: String
        var style: TextStyle
    }

    private struct Entry {
        var mask: TextMask?
        var cost: Int
        var lastUse: UInt64
    }

    let byteLimit: Int
    private(set) var byteCount = 0
    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0

    var count: Int { entries.count }

    init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// The mask kept for `key`, or what `render` makes. Text that cannot be drawn (nil) is remembered as well.
    mutating func mask(for key: Key, render: () -> TextMask?) -> TextMask? {
        uses += 1
        if let index = entries.index(forKey: key) {
            entries.values[index].lastUse = uses
            return entries.values[index].mask
        }
        let mask = render()
        // The constant stands for the dictionary's and the arrays' own memory.
        let cost = key.text.utf8.count + (mask?.byteCount ?? 0) + 256
        guard cost <= byteLimit / 2 else { return mask }
        if byteCount + cost > byteLimit { forgetOlderHalf() }
        entries[key] = Entry(mask: mask, cost: cost, lastUse: uses)
        byteCount += cost
        return mask
    }

    /// Drops what was not used for longest until half of the bytes are free. Clearing in bulk makes the sort rare.
    private mutating func forgetOlderHalf() {
        for (key, entry) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard byteCount > byteLimit / 2 else { return }
            entries[key] = nil
            byteCount -= entry.cost
        }
    }
}
