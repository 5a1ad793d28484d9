import Foundation

/// Where the service listens, and who may look.
public struct HTTPSettings: Hashable, Sendable {
    /// An address or a name, IPv6 without brackets.
    public var host: String
    /// 0: any free one.
    public var port: Int
    /// What callers must bring; never `nil` where others than this machine's own can call.
    public var token: Secret?
    /// PEM files for HTTPS, the server's own certificate first; both or neither.
    public var certificate: String?
    public var key: String?

    public init(host: String = "127.0.0.1", port: Int = 8420) {
        self.host = host
        self.port = port
    }

    /// Only this machine's own programs can call.
    public var isLoopback: Bool { Self.isLoopback(host) }

    /// Whether a host's name or address is only reached from this machine.
    public static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        // A name may begin with 127. too.
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
    }
}
