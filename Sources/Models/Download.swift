import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One file on its way into its partial file: attempt after attempt, each going on where the last one ended.
struct Download {
    let file: ModelFile
    let source: ModelSource
    let partial: PartialFile
    let options: PullOptions
    /// Where proxies are named.
    let environment: [String: String]
    let report: @Sendable (PullEvent) -> Void

    /// What another attempt may overcome.
    private struct Transient: Error {
        let reason: String
    }

    private var address: String { source.address(of: file) }

    /// Returns when the partial file has all bytes.
    ///
    /// - Throws: `ModelError`; the partial file stays where it is of use to another pull.
    func run() async throws {
        guard let first = FetchAddress(address) else { throw ModelError(.badAddress, "\(address): is no address") }
        try await prepare()
        var (failures, most) = (0, partial.byteCount)
        var asked = first
        while true {
            let reason: String
            do {
                return try await attempt(first, &asked)
            } catch let error as ModelError {
                throw error
            } catch let error as Transient {
                reason = error.reason
            } catch {
                reason = try FetchProblem(error, options).transientReason(from: asked.shown)
            }
            if Task.isCancelled { throw ModelError(.cancelled, "stopped") }
            // Compared with the most that there was: a server that makes us start over is not one that makes progress.
            if partial.byteCount >= most + options.progress { (failures, most) = (0, partial.byteCount) }
            guard failures < options.pauses.count else {
                let hint = partial.isUseful ? "" : "; --mirror URL asks another server"
                throw ModelError(.unavailable, "\(asked.shown): \(reason)\(partial.kept)\(hint)")
            }
            report(.retrying(reason: reason, seconds: options.pauses[failures]))
            try? await Task.sleep(for: .seconds(options.pauses[failures]))
            if Task.isCancelled { throw ModelError(.cancelled, "stopped") }
            failures += 1
        }
    }

    /// Empties a partial file that cannot be gone on from.
    private func prepare() async throws {
        let isUseful = (try? possibleByteCounts())?.contains { $0 >= partial.byteCount } ?? false
        if !isUseful || partial.validator == nil { try await onThread { try partial.begin(validator: nil) } }
    }

    /// - Parameter asked: the address that is asked at the end of it.
    private func attempt(_ first: FetchAddress, _ asked: inout FetchAddress) async throws {
        // It may have been whole when a pull was stopped.
        if try isWhole() { return }
        report(.starting(file: file.name, address: address, offset: partial.byteCount))
        asked = first
        for _ in 0...5 {
            let here = asked
            let next = try await withClient(for: here) { client in
                let response = try await client.execute(
                    request(here, isFirst: here.hasServer(of: first)), deadline: .distantFuture)
                if let next = try Self.next(after: response, from: here) { return next as FetchAddress? }
                try await receive(response, from: here.shown)
                return nil
            }
            guard let next else {
                try Task.checkCancellation()
                guard try isWhole() else { throw Transient(reason: "the connection ended early") }
                return
            }
            asked = next
        }
        throw ModelError(.unavailable, "\(address): leads from address to address without an end")
    }

    /// One for each address: the proxy may be another. Its connections end with `body`.
    private func withClient<Result>(
        for asked: FetchAddress, _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .nanoseconds(Int64(options.connectTimeout * 1e9))
        configuration.timeout.read = .nanoseconds(Int64(options.silenceTimeout * 1e9))
        // Attempts and redirects are counted and told here.
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.proxy = try ProxySettings.proxy(for: asked.text, environment: environment)
        if let roots = options.trustRoots {
            configuration.tlsConfiguration = .makeClientConfiguration()
            configuration.tlsConfiguration?.trustRoots = .file(roots)
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(client)
            // What came is known by then; a connection that does not close well changes nothing of it.
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// - Parameter isFirst: of the server that the password is for.
    private func request(_ asked: FetchAddress, isFirst: Bool) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: asked.text)
        request.headers.add(name: "User-Agent", value: "lookout")
        request.headers.add(name: "Accept-Encoding", value: "identity")
        if isFirst, let authorization = source.authorization {
            request.headers.add(name: "Authorization", value: authorization)
        }
        if partial.byteCount > 0, let validator = partial.validator {
            request.headers.add(name: "Range", value: "bytes=\(partial.byteCount)-")
            request.headers.add(name: "If-Range", value: validator)
        }
        return request
    }

    /// Where an answer leads; `nil`: it is the answer.
    private static func next(
        after response: HTTPClientResponse, from asked: FetchAddress
    ) throws(ModelError) -> FetchAddress? {
        guard [301, 302, 303, 307, 308].contains(response.status.code),
            let location = response.headers.first(name: "Location")
        else { return nil }
        guard let next = FetchAddress(location, from: asked) else {
            throw ModelError(.unavailable, "\(asked.shown): leads to what is no address")
        }
        guard next.isSecure || !asked.isSecure else {
            throw ModelError(
                .unavailable, "\(asked.shown): leads from https to http, where anybody could change the file")
        }
        return next
    }

    /// Takes the body, or says why there is none.
    ///
    /// - Parameter address: of those who answer.
    private func receive(_ response: HTTPClientResponse, from address: String) async throws {
        switch response.status.code {
        case 200, 206:
            // What is here stays: the page may be that of a network that wants somebody to sign in.
            if response.headers.first(name: "Content-Type")?.lowercased().hasPrefix("text/html") == true {
                throw ModelError(.badContent, "\(address): a web page came instead of \(file.name)")
            }
            if response.status.code == 200 {
                try await receiveAll(response, from: address)
            } else {
                try await receiveRest(response, from: address)
            }
        case 416:
            try await onThread { try partial.begin(validator: nil) }
            throw Transient(reason: "the server has nothing behind what has come")
        case 408, 429, 500...599: throw Transient(reason: "the server answers \(response.status.words)")
        default: throw ModelError(.unavailable, "\(address): the server answers \(response.status.words)")
        }
    }

    private func receiveAll(_ response: HTTPClientResponse, from address: String) async throws {
        let length = response.headers.first(name: "Content-Length").flatMap { Int($0) }
        if let length, !file.byteCounts.contains(length) { throw wrongLength(length, from: address) }
        let validator = Self.validator(in: response.headers)
        // What is here stays until the first bytes show that these are better.
        var head = ByteBuffer()
        var hasBegun = false
        for try await var buffer in response.body {
            if !hasBegun {
                head.writeBuffer(&buffer)
                guard head.readableBytes >= Self.headerByteCount else { continue }
                _ = try byteCounts(beginning: Array(head.readableBytesView.prefix(Self.headerByteCount)), from: address)
                try await onThread { try partial.begin(validator: validator) }
                hasBegun = true
                buffer = head
            }
            try await take(buffer, from: address)
        }
    }

    private func receiveRest(_ response: HTTPClientResponse, from address: String) async throws {
        let range = response.headers.first(name: "Content-Range") ?? ""
        guard range.hasPrefix("bytes \(partial.byteCount)-") else {
            try await onThread { try partial.begin(validator: nil) }
            throw Transient(reason: "the server sends another part than the one asked for")
        }
        if let total = range.split(separator: "/").last.flatMap({ Int($0) }), !file.byteCounts.contains(total) {
            try await onThread { try partial.begin(validator: nil) }
            throw wrongLength(total, from: address)
        }
        // Not every server heeds If-Range.
        if let version = Self.validator(in: response.headers), version != partial.validator {
            try await onThread { try partial.begin(validator: nil) }
            throw Transient(reason: "the file has changed meanwhile")
        }
        for try await buffer in response.body { try await take(buffer, from: address) }
    }

    private func wrongLength(_ length: Int, from address: String) -> ModelError {
        ModelError(
            .badContent,
            "\(address): sends \(length) bytes; \(file.name) has \(file.expectedBytes), so it is not that")
    }

    /// What a later request can name this version by: a strong tag, else the time of its change.
    private static func validator(in headers: HTTPHeaders) -> String? {
        let tag = headers.first(name: "ETag").flatMap { $0.hasPrefix("\"") ? $0 : nil }
        return (tag ?? headers.first(name: "Last-Modified")).flatMap { $0.utf8.count <= 512 ? $0 : nil }
    }

    private func take(_ buffer: ByteBuffer, from address: String) async throws {
        let isTooMuch = try await onThread {
            guard partial.byteCount + buffer.readableBytes <= file.byteCounts.last ?? 0 else { return true }
            try partial.append(buffer)
            return false
        }
        do {
            // The header leaves one of the sizes.
            let most = try byteCounts(beginning: partial.beginning(Self.headerByteCount), from: address).last ?? 0
            if isTooMuch || most < partial.byteCount {
                throw ModelError(
                    .badContent, "\(address): sends more than the \(most) bytes of \(file.name) with such a beginning")
            }
        } catch {
            try await onThread { try partial.begin(validator: nil) }
            throw error
        }
        report(.received(bytes: partial.byteCount, total: try? possibleByteCounts().last))
    }

    private func byteCounts(beginning bytes: [UInt8], from address: String) throws(ModelError) -> [Int] {
        do {
            return try file.byteCounts(beginning: bytes)
        } catch {
            throw ModelError(error.kind, "\(address): \(error.message)")
        }
    }

    private static let headerByteCount = 12

    private func possibleByteCounts() throws(ModelError) -> [Int] {
        try file.byteCounts(beginning: partial.beginning(Self.headerByteCount))
    }

    private func isWhole() throws(ModelError) -> Bool { try possibleByteCounts().contains(partial.byteCount) }

    /// Disks may block, and Swift's few threads must not.
    private func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}

extension HTTPResponseStatus {
    /// `404 Not Found`: in the standard's words, not the server's.
    fileprivate var words: String { "\(code) \(HTTPResponseStatus(statusCode: Int(code)).reasonPhrase)" }
}
