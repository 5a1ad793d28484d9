import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Settings
import Streams

/// Health, metrics and the live page over HTTP or HTTPS.
///
/// One thread of its own serves the sockets, Swift's pool the requests; no stream waits for anything here.
public final class WebServer: Sendable {
    private let options: HTTPSettings
    private let timing: Timing
    private let routes: Routes
    private let builder: HTTPServerBuilder
    private let logger: Logger

    /// - Parameters:
    ///   - board: the streams that are shown.
    ///   - health: whether the pipeline moves; called from any thread, should take no time.
    /// - Throws: when the certificate or its key cannot be used.
    public convenience init(
        _ options: HTTPSettings, board: Board, version: String, logger: Logger,
        health: @escaping @Sendable () -> Health
    ) throws(WebError) {
        try self.init(options, board: board, version: version, logger: logger, timing: Timing(), health: health)
    }

    init(
        _ options: HTTPSettings, board: Board, version: String, logger: Logger, timing: Timing,
        health: @escaping @Sendable () -> Health
    ) throws(WebError) {
        self.options = options
        self.timing = timing
        routes = Routes(
            access: Access(options), board: board, version: version, timing: timing, health: health, logger: logger)
        builder = try options.builder(timing)
        self.logger = logger
    }

    /// Serves until the task is cancelled; then every connection is closed within a second. Call once.
    ///
    /// - Parameter onListening: called when requests are taken, with the address as a URL and its port.
    public func run(
        onListening: @escaping @Sendable (_ url: String, _ port: Int) -> Void = { _, _ in }
    ) async throws(WebError) {
        let group = ServiceGroup(services: [application(onListening)], logger: quiet)
        // No child of this task, whose cancellation would reach the connections before they are told to end.
        let serving = Task { try await group.run() }
        let result = await withTaskCancellationHandler {
            await serving.result
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
        if case .failure(let error) = result, !Task.isCancelled {
            throw WebError(description: "cannot serve \(options.url(port: options.port)): \(reason(error))")
        }
    }

    /// The one thread that moves the bytes of all servers of the process. It never ends: a connection that was closed may
    /// still have work for it.
    private static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private func application(
        _ onListening: @escaping @Sendable (String, Int) -> Void
    ) -> some ApplicationProtocol {
        Application(
            responder: routes, server: builder,
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port),
                availableConnectionsDelegate: MaximumAvailableConnections(256, logger: quiet)),
            onServerRunning: { [options] channel in
                let port = channel.localAddress?.port ?? options.port
                onListening(options.url(port: port), port)
            },
            eventLoopGroupProvider: .shared(Self.loops), logger: quiet)
    }

    /// What the libraries tell of every connection and of themselves is no news of the service's.
    private var quiet: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }

    private func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode))
    }
}

extension HTTPSettings {
    /// The server's address as a URL.
    fileprivate func url(port: Int) -> String {
        let place = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        return "\(certificate == nil ? "http" : "https")://\(place):\(port)"
    }
}

/// How long the server waits for what.
struct Timing: Sendable {
    /// For a viewer that takes nothing.
    var stall = Duration.seconds(30)
    /// For a request's whole head, from the connection or the answer before on: connections are few, and who sends half
    /// a request and waits must not keep others out.
    var idle = Duration.seconds(10)
    /// Between signs of life in a quiet stream of events.
    var pulse = Duration.seconds(15)
    /// For a still to come.
    var snapshot = Duration.seconds(5)
}
