import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import NIOCore
import NIOSSL
import Settings

extension HTTPSettings {
    /// How connections are taken: HTTP/1.1, over TLS where there is a certificate.
    func builder(_ timing: Timing) throws(WebError) -> HTTPServerBuilder {
        let http = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionGuard(stall: TimeAmount(timing.stall))],
                idleTimeout: TimeAmount(timing.idle)))
        guard let certificate else {
            guard key == nil else { throw WebError(description: "tls_key needs tls_certificate beside it") }
            return http
        }
        guard let key else { throw WebError(description: "tls_certificate needs tls_key beside it") }
        let chain = try read("the certificate", certificate) { try NIOSSLCertificate.fromPEMFile(certificate) }
        let own = try read("the key", key) { try NIOSSLPrivateKey(file: key, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(own))
        configuration.minimumTLSVersion = .tlsv12
        // A viewer that does not answer must not hold up the service's end.
        configuration.shutdownTimeout = .milliseconds(250)
        do {
            // Not used: it tells whether the key is the certificate's.
            _ = try NIOSSLContext(configuration: configuration)
            return try .tls(http, tlsConfiguration: configuration)
        } catch {
            throw WebError(description: "\(certificate) and \(key) do not serve for HTTPS together: \(error)")
        }
    }

    private func read<Item>(_ what: String, _ path: String, _ body: () throws -> Item) throws(WebError) -> Item {
        do {
            return try body()
        } catch {
            throw WebError(description: "cannot read \(what) \(path): \(error)")
        }
    }
}
