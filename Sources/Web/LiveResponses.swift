import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import Streams

/// Answers that go on until the viewer leaves: events and moving pictures. Stills, too.
struct LiveResponses: Sendable {
    let board: Board
    let timing: Timing
    let logger: Logger
    private let responses = Limit(64)
    private let viewers = Limit(32)
    /// Apart, so that those who wait for one keep no viewer out.
    private let stills = Limit(32)

    init(board: Board, timing: Timing, logger: Logger) {
        self.board = board
        self.timing = timing
        self.logger = logger
    }

    /// Server-sent events: the newest records, then those that come.
    func events(_ request: Request) throws -> Response {
        let query = request.uri.queryParameters
        let stream = query["stream"].map(String.init)
        if let stream { _ = try entry(stream) }
        let headers: HTTPFields = [.contentType: "text/event-stream", .accelBuffering: "no"]
        if request.method == .head { return Response(status: .ok, headers: headers) }
        guard let place = responses.place() else { throw Refusal.busy }
        let onlyNews = query["detections"].map { $0 != "0" } ?? false
        let subscription = board.feed.subscribe(
            EventFeed.Filter(stream: stream, onlyNews: onlyNews), after: request.headers[.lastEventID])
        return response(request, headers, place) { writer in
            let pulse = Task {
                while true {
                    try await Task.sleep(for: timing.pulse)
                    subscription.pulse()
                }
            }
            defer { pulse.cancel() }
            // At once, so that the browser knows the connection stands.
            try await writer.write(ByteBuffer(string: ": lookout\n\n"))
            // How many nobody knows.
            if subscription.isBroken { try await writer.write(ByteBuffer(string: "event: lost\ndata: {}\n\n")) }
            for await entry in subscription.entries {
                try await writer.write(ByteBuffer(bytes: message(entry, lost: subscription.takeLost())))
            }
        }
    }

    /// One JPEG after the other, each replacing the one before.
    func pictures(_ stream: String, _ request: Request) throws -> Response {
        let preview = try preview(stream)
        let headers: HTTPFields = [
            .contentType: "multipart/x-mixed-replace; boundary=\(Self.boundary)", .accelBuffering: "no",
        ]
        if request.method == .head { return Response(status: .ok, headers: headers) }
        guard let place = responses.place(), let seat = viewers.place() else { throw Refusal.busy }
        // Not the preview itself: a stream that is taken away ends its viewers' answers.
        let pictures = preview.pictures()
        return response(request, headers, (place, seat)) { writer in
            try await writer.write(ByteBuffer(string: "--\(Self.boundary)\r\n"))
            for try await picture in pictures {
                var part = ByteBuffer(
                    string: "Content-Type: image/jpeg\r\nContent-Length: \(picture.count)\r\n\r\n")
                part.writeBytes(picture)
                // Browsers show a picture when they see its end.
                part.writeString("\r\n--\(Self.boundary)\r\n")
                try await writer.write(part)
            }
        }
    }

    /// The stream's next picture.
    func snapshot(_ stream: String) async throws -> Response {
        let preview = try preview(stream)
        if let why = try entry(stream).status.snapshot.state.whyNoPicture {
            throw Refusal(.serviceUnavailable, "no picture of \"\(stream)\": it \(why)", [.retryAfter: "1"])
        }
        guard let place = stills.place() else { throw Refusal.busy }
        defer { withExtendedLifetime(place) {} }
        let picture: [UInt8]?
        do {
            picture = try await preview.snapshot(within: timing.snapshot)
        } catch {
            throw Refusal(.serviceUnavailable, "no picture of \"\(stream)\" can be made: \(error)")
        }
        guard let picture else {
            throw Refusal(
                .serviceUnavailable, "no picture of \"\(stream)\" came within \(timing.snapshot)", [.retryAfter: "5"])
        }
        return Response(
            status: .ok, headers: [.contentType: "image/jpeg"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: picture)))
    }

    private static let boundary = "lookout"

    /// An answer of unknown length that ends with `write` or with the viewer, and holds its places until then.
    private func response(
        _ request: Request, _ headers: HTTPFields, _ places: some Sendable,
        _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        let body = ResponseBody { writer in
            try await request.body.consumeWithCancellationOnInboundClose { _ in try await write(&writer) }
            withExtendedLifetime(places) {}
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private func message(_ entry: EventFeed.Entry?, lost: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        if lost > 0 { bytes += "event: lost\ndata: {\"records\":\(lost)}\n\n".utf8 }
        guard let entry else { return bytes + ":\n\n".utf8 }
        bytes += "id: \(entry.id)\nevent: \(entry.type)\ndata: ".utf8
        bytes += entry.line
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func entry(_ stream: String) throws(Refusal) -> Board.Entry {
        if let entry = board[stream] { return entry }
        let names = board.all.map(\.status.name)
        let others = names.isEmpty ? "there are none" : "there are: " + names.joined(separator: ", ")
        throw Refusal(.notFound, "no stream \"\(stream)\"; \(others)")
    }

    private func preview(_ stream: String) throws(Refusal) -> Preview {
        guard let preview = try entry(stream).preview else {
            throw Refusal(.notFound, "the pictures of \"\(stream)\" are not shown (preview = false)")
        }
        return preview
    }
}

extension StreamSnapshot.State {
    /// Why none need be waited for.
    fileprivate var whyNoPicture: String? {
        switch self {
        case .up: nil
        case .connecting: "is connecting"
        case .down(let reason, let message, _): "is down (\(reason): \(message))"
        case .ended: "has ended"
        }
    }
}
