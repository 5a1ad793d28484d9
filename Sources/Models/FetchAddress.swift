import Foundation

/// An address that is asked: a file's own, or one that it leads to.
struct FetchAddress {
    /// Without a user and password.
    let text: String
    /// May be shown: also without what comes behind a `?`, as that may be a key.
    let shown: String
    let isSecure: Bool
    private let server: String

    /// - Parameters:
    ///   - address: may be a part only, such as `/folder/file`.
    ///   - other: the address that leads there.
    /// - Returns: `nil`: it is none of the web.
    init?(_ address: String, from other: FetchAddress? = nil) {
        guard let url = URL(string: address, relativeTo: other.flatMap { URL(string: $0.text) }),
            var parts = URLComponents(url: url, resolvingAgainstBaseURL: true),
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = parts.host?.lowercased(), !host.isEmpty, parts.hasPossiblePort,
            // `%0d%0a` becomes control characters.
            host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { return nil }
        parts.user = nil
        parts.password = nil
        parts.fragment = nil
        guard let text = parts.string else { return nil }
        self.text = text
        isSecure = scheme == "https"
        server = "\(scheme)://\(host):\(parts.port ?? (isSecure ? 443 : 80))"
        parts.query = nil
        shown = parts.string ?? server
    }

    /// Whether a password for one is for the other, too.
    func hasServer(of other: FetchAddress) -> Bool { server == other.server }
}

extension URLComponents {
    /// Whether its port, where it has one, is 1 to 65535. Others end the process in AsyncHTTPClient, or become another.
    var hasPossiblePort: Bool { rangeOfPort == nil || (1...65535).contains(port ?? 0) }
}
