import Foundation

/// Where the web server listens and who may look.
public struct WebOptions: Hashable, Sendable, CustomStringConvertible {
    public var host: String
    /// 0: any that is free.
    public var port: Int
    /// What viewers must know; `nil`: nothing. Never shown.
    public var token: String?
    /// File of PEM certificates, the server's own first; with `key`: HTTPS.
    public var certificate: String?
    /// File of the certificate's PEM key.
    public var key: String?

    public init(host: String = "127.0.0.1", port: Int = 8420) {
        self.host = host
        self.port = port
    }

    /// Whether a host name or address is only reached from this machine.
    public static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
    }

    public var description: String { "\(scheme)://\(authority(port: port))" }

    var scheme: String { certificate == nil ? "http" : "https" }

    func authority(port: Int) -> String {
        (host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host) + ":\(port)"
    }
}

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
