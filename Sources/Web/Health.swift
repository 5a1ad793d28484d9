/// Whether the pipeline moves.
public enum Health: Hashable, Sendable {
    case ok
    /// Something that should happen does not; the message says what.
    case stuck(String)
}

/// Why there is no web server.
public struct WebError: Error, CustomStringConvertible, Sendable {
    public let description: String
}
