import Foundation

/// Reads `[service]`.
struct ServiceReader {
    let section: Section
    let secrets: Secrets
    let paths: Paths

    // As the network's sessions take them.
    private static let threadRange = 1...1024
    private static let batchRange = 1...8
    private static let longestPEM = 1 << 20
    /// Characters of a token that other machines may try.
    private static let shortestToken = 16

    func read(into settings: inout ServiceSettings) {
        settings.http = http()
        settings.threads = section.integer(.threads, in: Self.threadRange)
        settings.lanes = section.integer(.lanes, in: Self.threadRange)
        settings.batch = section.integer(.batch, in: Self.batchRange) ?? settings.batch
        if let threads = settings.threads, let lanes = settings.lanes, lanes > threads {
            section.fail(.lanes, "lanes is \(lanes), but threads is \(threads); each lane takes a thread at least")
        }
    }

    private func http() -> HTTPSettings? {
        var http = HTTPSettings()
        http.token = token()
        http.certificate = pem(.tlsCertificate, holding: "CERTIFICATE")
        http.key = pem(.tlsKey, holding: "PRIVATE KEY")
        for (key, other) in [(Key.tlsCertificate, Key.tlsKey), (.tlsKey, .tlsCertificate)]
        where section.has(key) && !section.has(other) {
            section.fail(key, "\(key.rawValue) without \(other.rawValue); HTTPS takes both")
        }
        if section.isOff(.http) { return nil }
        if let text = section.text(.http) {
            guard let (host, port) = Self.address(text) else {
                section.fail(
                    .http,
                    "http is \(quoted(text)); expected ADDRESS:PORT with a port from 0 to 65535, such as "
                        + "\"127.0.0.1:8420\" or \"[::1]:8420\", or \"off\"")
                return http
            }
            (http.host, http.port) = (host, port)
        }
        if !http.isLoopback { checkExposed(http) }
        return http
    }

    private func checkExposed(_ http: HTTPSettings) {
        if !SecretReference.token.keys.contains(where: section.has) {
            section.fail(
                .http,
                "http: other machines can call \(http.host); name a token with \(SecretReference.token.names), "
                    + "or listen on 127.0.0.1")
        }
        if let token = http.token, token.value.utf8.count < Self.shortestToken {
            let key = SecretReference.token.keys.first(where: section.has) ?? .tokenFile
            section.fail(
                key,
                "\(key.rawValue) names a token of less than \(Self.shortestToken) characters, which other machines can "
                    + "guess; make one with: openssl rand -hex 32")
        }
        if !section.has(.tlsCertificate) {
            section.warn(
                .http, "http: token and pictures can be read on their way; HTTPS takes tls_certificate and tls_key")
        }
    }

    /// `127.0.0.1:8420`, `[::1]:8420`, `name:8420`.
    static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            var address = in6_addr()
            return inet_pton(AF_INET6, host, &address) == 1 ? (host, Int(port)) : nil
        }
        var address = in_addr()
        if inet_pton(AF_INET, host, &address) == 1 { return (host, Int(port)) }
        let isName =
            host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
            && host.contains { $0.isLetter }
        return isName && host.utf8.count <= 253 ? (host, Int(port)) : nil
    }

    private func token() -> Secret? {
        guard let token = secrets.secret(.token, of: section) else { return nil }
        guard token.value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            let key = SecretReference.token.keys.first(where: section.has) ?? .tokenFile
            section.fail(
                key, "\(key.rawValue) names a token that no HTTP header holds; expected ASCII letters, digits and signs"
            )
            return nil
        }
        return token
    }

    /// The path of a PEM file that holds a block of this kind.
    private func pem(_ key: Key, holding block: String) -> String? {
        guard let name = section.text(key) else { return nil }
        let path = paths.resolve(name)
        do {
            let file = try SmallFile(path, limit: Self.longestPEM)
            // Before the block's kind may stand that of its algorithm: BEGIN RSA PRIVATE KEY.
            let text = String(decoding: file.bytes, as: UTF8.self)
            if !text.contains("-----BEGIN ") || !text.contains("\(block)-----") {
                section.fail(key, "\(key.rawValue): \(path) holds no \(block); expected a PEM file")
            }
            if key == .tlsKey && file.isOpenToAll {
                section.warn(key, "\(key.rawValue): everybody may read \(path); chmod o= \(path) keeps it secret")
            }
            return path
        } catch {
            section.fail(key, "\(key.rawValue): \(path): \(error.message)")
            return nil
        }
    }
}
