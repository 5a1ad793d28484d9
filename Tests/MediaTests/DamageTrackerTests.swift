import Testing

@testable import Media

@Suite struct DamageTrackerTests {
    /// Which of the pictures 1...count are tainted, 25 a second, keys at the given packets.
    private func tainted(
        _ tracker: inout DamageTracker, _ packets: ClosedRange<Int>, keys: Set<Int> = [], corrupt: Set<Int> = [],
        before: (inout DamageTracker, Int) -> Void = { _, _ in }
    ) -> [Int] {
        packets.filter { packet in
            before(&tracker, packet)
            return tracker.isTainted(
                packet: packet, isKey: keys.contains(packet), isCorrupt: corrupt.contains(packet),
                seconds: Double(packet) / 25)
        }
    }

    @Test func `believes nothing before the first key`() {
        var tracker = DamageTracker(isWhole: false)
        #expect(tainted(&tracker, 1...20, keys: [8]) == Array(1...7))
        tracker.begin(isWhole: true)
        #expect(tainted(&tracker, 21...30).isEmpty)
        tracker.begin(isWhole: false)
        #expect(tainted(&tracker, 31...40, keys: [38]) == Array(31...37))
    }

    @Test func `doubts everything from damage to the next sound key`() {
        var tracker = DamageTracker(isWhole: true)
        #expect(tainted(&tracker, 1...30, keys: [1, 11, 21], corrupt: [5]) == Array(5...10))
        #expect(tainted(&tracker, 31...60, keys: [31, 41, 51], corrupt: [35, 41]) == Array(35...50))
    }

    @Test func `a damaged key ends nothing, a key after missing pictures does`() {
        var tracker = DamageTracker(isWhole: true)
        let damaged = tainted(&tracker, 1...30, keys: [11, 21]) { if $1 == 11 { $0.damaged(at: 11) } }
        #expect(damaged == Array(11...20))
        let missing = tainted(&tracker, 31...50, keys: [41]) { if $1 == 36 { $0.missing(before: 36) } }
        #expect(missing == Array(36...40))
        let key = tainted(&tracker, 51...70, keys: [61]) { if $1 == 61 { $0.missing(before: 61) } }
        #expect(key.isEmpty)
    }

    /// Packet 12 is lost while the key of packet 11 is still in the decoder.
    @Test func `goes by the order of decoding`() {
        var tracker = DamageTracker(isWhole: true)
        #expect(tainted(&tracker, 1...10).isEmpty)
        tracker.damaged(at: 12)
        #expect(tainted(&tracker, 11...11, keys: [11]).isEmpty)
        #expect(tainted(&tracker, 12...30, keys: [21]) == Array(12...20))
    }

    @Test func `a stream without keys is whole again after ten seconds`() {
        var tracker = DamageTracker(isWhole: true)
        #expect(tainted(&tracker, 1...400, keys: [1], corrupt: [100, 120]) == Array(100..<370))
    }

    @Test func `a stream with far keys is not`() {
        var tracker = DamageTracker(isWhole: true)
        let keys: Set = [1, 501, 1001]
        #expect(tainted(&tracker, 1...1200, keys: keys, corrupt: [520]) == Array(520...1000))
    }
}
