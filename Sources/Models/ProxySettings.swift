import AsyncHTTPClient
import Foundation

/// The proxy that the environment names, as curl reads it: `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy`.
/// Unlike curl, AsyncHTTPClient asks it to CONNECT for http, too.
enum ProxySettings {
    /// - Parameter address: what is to be fetched.
    /// - Returns: `nil`: none.
    /// - Throws: `.badAddress`, with no word of the proxy's, which may hold a password.
    static func proxy(
        for address: String, environment: [String: String]
    ) throws(ModelError) -> HTTPClient.Configuration.Proxy? {
        guard let target = URLComponents(string: address), let scheme = target.scheme, let host = target.host,
            !isExcepted(host.lowercased(), from: environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")
        else { return nil }
        // HTTP_PROXY in capitals may be a request's header, in CGI; curl passes it over, too.
        let names =
            scheme == "https"
            ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] : ["http_proxy", "all_proxy", "ALL_PROXY"]
        for name in names {
            guard let text = environment[name], !text.isEmpty else { continue }
            let parts = URLComponents(string: text.contains("://") ? text : "http://" + text)
            guard let parts, parts.scheme == "http", let host = parts.host, !host.isEmpty, parts.hasPossiblePort else {
                throw ModelError(.badAddress, "\(name) is no address of a proxy; expected one such as http://host:3128")
            }
            let authorization = parts.user.map {
                HTTPClient.Authorization.basic(username: $0, password: parts.password ?? "")
            }
            return .server(host: host, port: parts.port ?? 1080, authorization: authorization)
        }
        return nil
    }

    /// `no_proxy` lists hosts and ends of their names, or is `*`.
    private static func isExcepted(_ host: String, from list: String) -> Bool {
        list.lowercased().split { $0 == "," || $0 == " " }.contains { entry in
            let name = entry.hasPrefix(".") ? entry.dropFirst() : entry
            return entry == "*" || host == name || host.hasSuffix("." + name)
        }
    }
}
