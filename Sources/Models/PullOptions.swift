import NIOCore

/// How patient a pull is.
public struct PullOptions: Sendable {
    /// Seconds for a connection, its names and its keys.
    public var connectTimeout = 15.0
    /// Seconds without a byte after which a connection is given up. There is no limit for the whole.
    public var silenceTimeout = 60.0
    /// Seconds before each further attempt; when they are used up, and nothing came of it, the pull fails.
    public var pauses = [1.0, 2, 4, 8]
    /// Bytes that make an attempt count as none that failed.
    var progress = 1 << 20
    /// A file of certificates to trust, instead of the system's.
    var trustRoots: String?

    public init() {}
}

/// What happens during a pull, for people to see.
public enum PullEvent: Hashable, Sendable {
    /// The file is here and whole.
    case present(path: String)
    /// Fetching starts, at `offset` of the file.
    case starting(file: String, address: String, offset: Int)
    /// So much of the file is here now; `total` is `nil` as long as it is not known.
    case received(bytes: Int, total: Int?)
    /// An attempt ended early, and the next one comes in so many seconds.
    case retrying(reason: String, seconds: Double)
    /// The file came, is whole, and has its name.
    case placed(path: String)
}
