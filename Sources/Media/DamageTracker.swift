/// Knows which pictures are built on damage: all from where something was lost or broken until the next sound key
/// picture.
///
/// Packets are numbered in the order they are decoded, since pictures come out in another: a key picture that went into
/// the decoder before the loss ends nothing, though it may come out after it.
struct DamageTracker {
    /// A stream without key pictures restores itself bit by bit: it is taken for whole again after so many seconds.
    static let healing = 10.0

    private struct Damage {
        /// The first packet whose picture is damaged.
        var first: Int
        /// The last packet that is damaged itself: key pictures up to it end nothing.
        var last: Int
        /// The time of the first picture after the newest damage.
        var since: Double?
    }

    private var damage: Damage?
    private var lastKey: Double?
    /// The longest time from key to key. A stream whose keys are further apart than `healing` does not restore itself.
    private var longestInterval = 0.0

    /// - Parameter isWhole: pictures may be believed from the first on, before any key picture.
    init(isWhole: Bool) { begin(isWhole: isWhole) }

    /// Decoding starts anew: what came before does not matter.
    mutating func begin(isWhole: Bool) {
        damage = isWhole ? nil : Damage(first: .min, last: .min, since: nil)
        lastKey = nil
    }

    /// The packet is damaged itself; what is built on it will be too.
    mutating func damaged(at packet: Int) { extend(first: packet, last: packet) }

    /// What the packet's picture is built on is missing; a key picture is built on nothing.
    mutating func missing(before packet: Int) { extend(first: packet, last: packet - 1) }

    private mutating func extend(first: Int, last: Int) {
        damage = Damage(first: min(damage?.first ?? first, first), last: max(damage?.last ?? last, last), since: nil)
    }

    /// Whether a picture is built on damage. Asked once for each, in the order they come out.
    ///
    /// - Parameters:
    ///   - packet: the number of the packet it began in.
    ///   - seconds: its presentation time.
    mutating func isTainted(packet: Int, isKey: Bool, isCorrupt: Bool, seconds: Double) -> Bool {
        if isCorrupt { damaged(at: packet) }
        if isKey {
            if let lastKey { longestInterval = max(longestInterval, seconds - lastKey) }
            lastKey = seconds
        }
        guard var present = damage, packet >= present.first else { return false }
        let since = present.since ?? seconds
        if (isKey && packet > present.last) || seconds - since >= max(Self.healing, longestInterval) {
            damage = nil
            return false
        }
        present.since = since
        damage = present
        return true
    }
}
