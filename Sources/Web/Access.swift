import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Settings

/// Who may see what.
struct Access: Sendable {
    private let token: String?
    private let isLocal: Bool
    private let isSecure: Bool
    private static let cookie = "lookout_token"

    init(_ options: HTTPSettings) {
        token = options.token?.value
        isLocal = options.isLoopback
        isSecure = options.certificate != nil
    }

    /// Whether the request is meant for this machine by name. A page from elsewhere can make a browser ask a server
    /// that only listens here, under a name of its own that it had resolve to this machine.
    func isAddressed(_ request: Request) -> Bool {
        guard isLocal else { return true }
        guard let authority = request.head.authority else { return false }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        return HTTPSettings.isLoopback(String(host))
    }

    /// Whether the request carries the token, if one is needed.
    func admits(_ request: Request) -> Bool {
        guard let token else { return true }
        if let given = request.headers[.authorization] {
            let parts = given.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            if parts.count == 2, parts[0].lowercased() == "bearer", isSame(parts[1], token) { return true }
        }
        return cookies(request).contains { isSame($0, cookieValue(token)) }
    }

    /// The token in the page's address, exchanged for a cookie so that it does not stay there; `nil`: there is none, or
    /// it is not the right one.
    func cookie(for request: Request) -> String? {
        guard let token, let given = request.uri.queryParameters["token"], isSame(given, token) else { return nil }
        return "\(Self.cookie)=\(cookieValue(token)); Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }

    private func cookies(_ request: Request) -> [Substring] {
        request.headers[values: .cookie].flatMap { $0.split(separator: ";") }.compactMap { pair in
            let parts = pair.trimmingPrefix { $0 == " " }.split(separator: "=", maxSplits: 1)
            return parts.count == 2 && parts[0] == Self.cookie ? parts[1] : nil
        }
    }

    /// A token may hold characters that a cookie may not.
    private func cookieValue(_ token: String) -> String { token.utf8.map { String(format: "%02x", $0) }.joined() }

    /// Takes equally long for all texts of one length, so that a token cannot be found out letter by letter.
    private func isSame(_ given: some StringProtocol, _ wanted: String) -> Bool {
        var difference = given.utf8.count ^ wanted.utf8.count
        for (one, other) in zip(given.utf8, wanted.utf8) { difference |= Int(one ^ other) }
        return difference == 0
    }
}
