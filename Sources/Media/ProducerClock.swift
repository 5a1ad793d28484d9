/// Puts the reference times that come with a stream's packets to the packets they belong to. Times in microseconds.
struct ProducerClock {
    /// RTP's timestamps have 32 bits. libav is wrong by their whole range from when they wrap to the next report.
    let range: Int64
    /// What came with the packet before.
    private var before: Int64?
    /// From presentation to reference time.
    private var distance: Int64?

    init(timeBase: Rational) { range = timeBase.rescale(1 << 32, to: Rational(1, 1_000_000)) }

    /// The reference time of a packet.
    ///
    /// - Parameters:
    ///   - reference: the one that came with it; `nil`: none did.
    ///   - presentation: its own time.
    ///   - isLate: each packet comes with the next one's reference time.
    mutating func time(_ reference: Int64?, presentation: Int64?, isLate: Bool) -> Int64? {
        defer { before = reference }
        guard var time = isLate ? before : reference, let presentation else { return nil }
        if let distance {
            let jump = (time &- presentation) &- distance
            if (Int64(jump.magnitude & 0x7FFF_FFFF_FFFF_FFFF) - range).magnitude < Self.tolerance {
                time = time &- (jump < 0 ? -range : range)
            }
        }
        distance = time &- presentation
        return time
    }

    /// A camera's clock is set by less than this.
    private static let tolerance: UInt64 = 60_000_000
}
