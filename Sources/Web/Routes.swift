import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Streams

/// Answers requests: who may ask, what for, and the headers of every answer.
struct Routes: HTTPResponder {
    /// The connection that a request came by.
    struct Context: InitializableFromSource {
        let channel: any Channel
        init(source: ApplicationRequestContextSource) { channel = source.channel }
    }

    let access: Access
    let live: LiveResponses
    private let board: Board
    private let version: String
    private let health: @Sendable () -> Health
    private let logger: Logger
    private let page = LivePage()

    init(
        access: Access, board: Board, version: String, timing: Timing, health: @escaping @Sendable () -> Health,
        logger: Logger
    ) {
        self.access = access
        self.board = board
        self.version = version
        self.health = health
        self.logger = logger
        live = LiveResponses(board: board, timing: timing, logger: logger)
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        var response: Response
        do {
            response = try await answer(request, context)
        } catch let refusal as Refusal {
            response = refusal.response
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.cacheControl] = "no-store"
        // Pages of other machines may not show what is seen here; dashboards beside it may.
        response.headers[.crossOriginResourcePolicy] = "same-site"
        response.headers[.referrerPolicy] = "no-referrer"
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request, _ context: Context) async throws -> Response {
        guard request.method == .get || request.method == .head else {
            throw Refusal(.methodNotAllowed, "only GET and HEAD are answered", [.allow: "GET, HEAD"])
        }
        // None of the answers depends on a body: reading one would be a favour to nobody.
        guard request.headers[.transferEncoding] == nil, Int(request.headers[.contentLength] ?? "0") == 0 else {
            return Refusal(.contentTooLarge, "a request here has no body").response.last(on: context.channel)
        }
        let path = request.uri.path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        // Load balancers ask by any name, and without a token.
        if path == ["healthz"] { return healthz(request) }
        guard access.isAddressed(request) else {
            throw Refusal(
                .forbidden, "this server answers to localhost only; a proxy before it must pass on \"Host: localhost\"")
        }
        if path.isEmpty, let cookie = access.cookie(for: request) {
            return Response(status: .seeOther, headers: [.location: "/", .setCookie: cookie])
        }
        guard access.admits(request) else { throw Refusal.unauthorized(isPage: path.isEmpty) }
        switch (path.count, path.first, path.last) {
        case (0, _, _): return page.response()
        case (1, "readyz", _):
            let report = Readiness(board)
            return .json(report.isReady ? .ok : .serviceUnavailable, report.json)
        case (1, "metrics", _): return metrics()
        case (1, "streams", _): return .json(.ok, streamsJSON(board, version: version))
        case (1, "events", _): return try live.events(request)
        case (3, "streams", "mjpeg"): return try live.pictures(path[1], request)
        case (3, "streams", "snapshot.jpg"): return try await live.snapshot(path[1])
        default:
            throw Refusal(
                .notFound,
                "there is /, /healthz, /readyz, /metrics, /events, /streams, /streams/NAME/mjpeg and "
                    + "/streams/NAME/snapshot.jpg")
        }
    }

    private func healthz(_ request: Request) -> Response {
        var json = JSONLine()
        let health = health()
        json.object { json in
            switch health {
            case .ok: json.put("status", "ok")
            case .stuck(let message):
                json.put("status", "stuck")
                // It names streams, which are not for everybody.
                if access.isAddressed(request) && access.admits(request) { json.put("message", message) }
            }
        }
        return .json(health == .ok ? .ok : .serviceUnavailable, json)
    }

    private func metrics() -> Response {
        var text = metricsText(board.all.map(\.status.snapshot), version: version)
        do {
            text.add(try ProcessUse.current())
        } catch {
            logger.warning("the process's own use is missing from the metrics: \(error)")
        }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
    }
}

extension HTTPField.Name {
    static let crossOriginResourcePolicy = Self("Cross-Origin-Resource-Policy")!
    static let lastEventID = Self("Last-Event-ID")!
    static let referrerPolicy = Self("Referrer-Policy")!
    /// Tells proxies to pass every byte on at once.
    static let accelBuffering = Self("X-Accel-Buffering")!
}

extension Response {
    /// The connection is closed after this answer.
    fileprivate func last(on channel: any Channel) -> Response {
        var response = self
        response.headers[.connection] = "close"
        response.body = ResponseBody(contentLength: body.contentLength) { [body] writer in
            try await body.write(writer)
            channel.close(promise: nil)
        }
        return response
    }
}
