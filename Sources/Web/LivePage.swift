import HTTPTypes
import Hummingbird
import HummingbirdCore

/// The page for people, from `Resources/live.html`.
struct LivePage: Sendable {
    /// Its text around the places where the nonce goes.
    private let parts: [String]

    init() {
        let text = String(decoding: PackageResources.live_html, as: UTF8.self)
        parts = text.split(separator: "{{nonce}}", omittingEmptySubsequences: false).map(String.init)
    }

    /// With a nonce of its own: only the page's script and styles run, whatever names and messages it shows.
    func response() -> Response {
        let nonce = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
        let policy = [
            "default-src 'none'", "script-src 'nonce-\(nonce)'", "style-src 'nonce-\(nonce)'",
            "img-src 'self' blob: data:", "connect-src 'self'", "base-uri 'none'", "form-action 'none'",
            "frame-ancestors 'self'",
        ]
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: policy.joined(separator: "; "),
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: parts.joined(separator: nonce))))
    }
}
