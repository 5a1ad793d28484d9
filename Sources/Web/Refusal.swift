import HTTPTypes
import Hummingbird
import HummingbirdCore
import Streams

/// A request that gets no more than a reason.
struct Refusal: Error {
    private let status: HTTPResponse.Status
    private let message: String
    private let headers: HTTPFields
    private let isHTML: Bool

    init(_ status: HTTPResponse.Status, _ message: String, _ headers: HTTPFields = [:], isHTML: Bool = false) {
        self.status = status
        self.message = message
        self.headers = headers
        self.isHTML = isHTML
    }

    static let busy = Refusal(
        .serviceUnavailable, "as many viewers as are served at a time are there already; try again later",
        [.retryAfter: "10"])

    /// - Parameter isPage: a person asked for it, in a browser.
    static func unauthorized(isPage: Bool) -> Refusal {
        let challenge: HTTPFields = [.wwwAuthenticate: "Bearer"]
        guard isPage else {
            return Refusal(.unauthorized, "send the token as \"Authorization: Bearer TOKEN\"", challenge)
        }
        // Following a link from elsewhere, a browser keeps the cookie back, and sends it when asked again from here.
        return Refusal(
            .unauthorized,
            """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Lookout</title>
            <meta name="viewport" content="width=device-width">
            <h1>Lookout</h1>
            <p>This page needs the token. Add it to the address once: <code>/?token=TOKEN</code></p>
            <p>If you have done that on this device already, <a href="/">open the page again</a>.</p></html>

            """, challenge, isHTML: true)
    }

    var response: Response {
        guard !isHTML else {
            var headers = headers
            headers[.contentType] = "text/html; charset=utf-8"
            headers[.contentSecurityPolicy] = "default-src 'none'; base-uri 'none'; form-action 'none'"
            return Response(
                status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: message)))
        }
        var json = JSONLine()
        json.object { $0.put("error", message) }
        var response = Response.json(status, json)
        response.headers.append(contentsOf: headers)
        return response
    }
}

extension Response {
    static func json(_ status: HTTPResponse.Status, _ json: consuming JSONLine) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.terminated)))
    }
}
