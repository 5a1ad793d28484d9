/// What is decoded when decoding is late: first the pictures that no other needs are skipped, then all but key frames.
struct DecodePolicy {
    enum Level: Int, Comparable {
        case all, referenced, keys

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// Seconds a packet has waited, from which on less is decoded.
    static let late = 1.0
    static let veryLate = 2.0
    /// And up to which all is decoded again.
    static let caughtUp = 0.3

    private(set) var level = Level.all

    /// - Parameters:
    ///   - waited: seconds from the packet's arrival until now.
    ///   - isKey: decoding can start at it.
    ///   - isDisposable: no other picture is built on it.
    /// - Returns: why it is skipped; `nil`: it is decoded.
    mutating func skips(waited: Double, isKey: Bool, isDisposable: Bool) -> FrameCounts.Skip? {
        switch level {
        case .all where waited > Self.veryLate, .referenced where waited > Self.veryLate: level = .keys
        case .all where waited > Self.late: level = .referenced
        case .referenced where waited < Self.caughtUp: level = .all
        // What follows a skipped picture is built on it, up to the next key frame.
        case .keys where waited < Self.caughtUp && isKey: level = .all
        default: break
        }
        switch level {
        case .all: return nil
        case .referenced: return isDisposable ? .nonReference : nil
        case .keys: return isKey ? nil : .nonKey
        }
    }
}
