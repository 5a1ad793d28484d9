import Detection
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import Logging
import Media
import NIOCore
import NIOPosix
import Pipeline
import Settings
import TestSupport

@testable import Streams
@testable import Web

/// A server on a free port of this machine with streams that tests make up.
struct WebBench: Sendable {
    let board = Board()
    var options = HTTPSettings(port: 0)
    var timing = Timing()
    var health: @Sendable () -> Health = { .ok }
    var logger = Logger(label: "web") { _ in SwiftLogNoOpLogHandler() }

    struct NotServing: Error {}

    /// Runs the server while `body` uses it; its error where it does not come up.
    func serve<Result: Sendable>(_ body: @escaping @Sendable (Int) async throws -> Result) async throws -> Result {
        let server = try WebServer(
            options, board: board, version: "1.2.3", logger: logger, timing: timing, health: health)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                defer { port.finish() }
                try await server.run { _, number in port.yield(number) }
                return nil
            }
            group.addTask {
                for await number in ports { return try await body(number) }
                return nil
            }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw NotServing()
        }
    }

    /// A stream on the board.
    @discardableResult
    func add(
        _ name: String, preview: Preview? = nil, _ change: (inout StreamSnapshot) -> Void = { _ in }
    ) -> StreamStatus {
        let status = StreamStatus(name: name, source: "rtsp://camera.example/\(name)")
        status.update(change)
        board.add(Board.Entry(status: status, preview: preview))
        return status
    }

    /// Publishes a record of one frame.
    func publish(_ stream: String, frame: Int = 0, time: Date? = nil, _ detections: [NamedDetection] = []) {
        let record = EventRecord.frame(
            FrameRecord(
                stamp: EventStamp(stream: stream, time: time, timeSource: .arrival), frame: frame, pts: 0, width: 640,
                height: 360, isCorrupt: false, dropped: 0, latency: .milliseconds(20),
                input: InputShape(width: 416, height: 256), detections: detections))
        board.feed.publish(record, line: record.line())
    }
}

extension NamedDetection {
    /// Of a class by name, in the picture's middle.
    static func of(_ name: String, _ confidence: Float = 0.9) -> NamedDetection {
        NamedDetection(
            Detection(
                classID: 0, confidence: confidence, objectness: 1, box: Box(x: 0.5, y: 0.5, width: 0.3, height: 0.5)),
            names: [name])
    }
}

/// One request with a whole answer.
func get(
    _ path: String, _ port: Int, method: HTTPRequest.Method = .get, host: String? = "localhost",
    headers: HTTPFields = [:], client: TestClient.Configuration = .init()
) async throws -> (status: Int, headers: HTTPFields, text: String) {
    try await TestClient.withClient(host: "127.0.0.1", port: port, configuration: client) { client in
        let response = try await client.execute(.init(path, method: method, authority: host, headers: headers))
        return (response.status.code, response.headers, response.body.map { String(buffer: $0) } ?? "")
    }
}

/// Sends a text the moment that its connection stands: on the event loop, whenever Swift's pool may have its turn.
private final class Opening: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let text: String

    init(_ text: String) { self.text = text }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        context.fireChannelActive()
    }
}

/// A connection on which the answer is read as it comes.
struct RawConnection {
    let inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

    /// Sends a GET and hands over what comes back; the connection is closed when `body` is done.
    static func get<Result>(
        _ path: String, _ port: Int, headers: String = "",
        _ body: (inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) async throws -> Result
    ) async throws -> Result {
        try await send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n", port, body)
    }

    /// The same with any text.
    static func send<Result>(
        _ text: String, _ port: Int,
        _ body: (inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Opening(text))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, _ in
            var iterator = inbound.makeAsyncIterator()
            return try await body(&iterator)
        }
    }
}

extension NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator {
    /// Reads until the text so far contains `end`; all of it, when the connection ends before.
    mutating func text(until end: String) async throws -> String {
        var bytes: [UInt8] = []
        while let part = try await next() {
            bytes += part.readableBytesView
            if String(decoding: bytes, as: UTF8.self).contains(end) { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Waits for a condition that something else brings about; the suite's time limit ends a vain wait.
func until(_ condition: () throws -> Bool) async throws {
    while try !condition() { try await Task.sleep(for: .milliseconds(5)) }
}

/// Runs blocking work on a thread of its own: Swift's pool is the server's.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        do {
            _ = try StageThread("test") { continuation.resume(with: Swift.Result { try body() }) }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}

extension Request {
    /// One that is not answered.
    static var events: Request {
        Request(
            head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/events"),
            body: .init(buffer: ByteBuffer()))
    }
}
