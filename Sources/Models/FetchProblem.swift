import AsyncHTTPClient
import Darknet
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// What went wrong between here and a server, in words.
struct FetchProblem {
    private let error: any Error
    private let options: PullOptions

    init(_ error: any Error, _ options: PullOptions) {
        self.error = error
        self.options = options
    }

    /// Why another attempt may be worth it.
    ///
    /// - Throws: `ModelError` where none is.
    func transientReason(from address: String) throws(ModelError) -> String {
        switch error {
        case is CancellationError: throw ModelError(.cancelled, "stopped")
        case let error as HTTPClientError:
            switch error {
            case .cancelled: throw ModelError(.cancelled, "stopped")
            case .proxyAuthenticationRequired:
                throw ModelError(.unavailable, "\(address): the proxy wants a user and a password")
            case .invalidProxyResponse:
                throw ModelError(
                    .unavailable,
                    "\(address): the proxy does not connect to it; ask who runs it, or except the host with no_proxy")
            case .readTimeout: return "nothing came for \(options.silenceTimeout.words)"
            case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout, .httpProxyHandshakeTimeout:
                return "no connection within \(options.connectTimeout.words)"
            case .remoteConnectionClosed, .uncleanShutdown: return "the connection ended early"
            default: return "\(quoted("\(error)"))"
            }
        case let error as NIOConnectionError: return Self.reason(of: error)
        case is HTTPParserError: return "what is sent is not HTTP, or ended early"
        case is NIOSSLError, is NIOSSLExtraError:
            if let distrust { throw ModelError(.unavailable, "\(address): \(distrust)") }
            // BoringSSL says where in its sources; that is nobody's business here.
            let words = "\(error)".replacing(#/ at /.*?:[0-9]+/#, with: "")
            return "no secure connection: \(quoted(words, limit: 200))"
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        default: return "\(quoted("\(error)", limit: 200))"
        }
    }

    /// Why the server's certificate is refused; `nil`: it is not that. No other attempt changes it.
    private var distrust: String? {
        if (error as? NIOSSLExtraError) == .failedToValidateHostname {
            return "the server's certificate is for another name"
        }
        switch error as? NIOSSLError {
        case .unableToValidateCertificate, .noCertificateToValidate, .failedToLoadCertificate, .noSuchFilesystemObject:
            break
        case .handshakeFailed where "\(error)".contains("CERTIFICATE_VERIFY_FAILED"): break
        default: return nil
        }
        return "the server's certificate is not trusted; install ca-certificates, and check the clock"
    }

    private static func reason(of error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first?.error {
            return "no connection: "
                + ((failure as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(failure)")
        }
        return "no network, or the name \(quoted(error.host)) is not known"
    }
}

extension Double {
    /// Seconds, for people.
    fileprivate var words: String { self == rounded() ? "\(Int(self)) s" : "\(self) s" }
}
