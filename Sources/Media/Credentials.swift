import Foundation

/// User and password of a camera or server. Never shown: the description is a placeholder.
public struct Credentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public var username: String
    public var password: String

    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }

    public var description: String { "***" }
    public var debugDescription: String { "***" }

    /// The URL with user and password in it, instead of those that it has, as libav takes them. Only for libav: never
    /// for a message.
    func inserted(into url: String) throws(MediaError) -> String {
        guard let scheme = url.range(of: "://") else {
            throw MediaError(.unsupported, url, "is not on a network; it takes no user and password")
        }
        let parts = [username, password].map { $0.addingPercentEncoding(withAllowedCharacters: Self.plain) ?? "" }
        let both = parts.joined(separator: ":")
        // libav would cut them off without a word.
        if both.utf8.count > Self.mostForRTSP && url.lowercased().hasPrefix("rtsp") {
            throw MediaError(
                .unsupported, url,
                "user and password are longer than the \(Self.mostForRTSP) bytes that libav takes, percent-encoded",
                reason: .unauthorized)
        }
        let rest = url[scheme.upperBound...]
        // The server's name ends at the path, and those given in the URL itself at the last @ before it.
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let host = authority.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
        return url[..<scheme.upperBound] + both + "@" + host
    }

    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    private static let mostForRTSP = 127
}
