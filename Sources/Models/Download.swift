import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// One file on its way into its partial file: attempt after attempt, each going on where the last one ended.
struct Download {
    let file: ModelFile
    let source: ModelSource
    let partial: PartialFile
    let client: HTTPClient
    let options: PullOptions
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
        try await prepare()
        var (failures, most) = (0, partial.byteCount)
        while true {
            let reason: String
            do {
                return try await attempt()
            } catch let error as ModelError {
                throw error
            } catch let error as Transient {
                reason = error.reason
            } catch {
                reason = try FetchProblem(error, options).transientReason(of: file, from: address)
            }
            if Task.isCancelled { throw ModelError(.cancelled, "stopped") }
            // Compared with the most that there was: a server that makes us start over is not one that makes progress.
            if partial.byteCount >= most + options.progress { (failures, most) = (0, partial.byteCount) }
            guard failures < options.pauses.count else {
                let kept =
                    partial.byteCount > 0 ? "; what has come is kept, and the same command goes on from there" : ""
                throw ModelError(.unavailable, "\(address): \(reason)\(kept)")
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

    private func attempt() async throws {
        // It may have been whole when a pull was stopped.
        if try isWhole() { return }
        report(.starting(file: file.name, address: address, offset: partial.byteCount))
        let response = try await client.execute(request(), deadline: .distantFuture)
        let isSecure = response.history.map { $0.request.url.lowercased().hasPrefix("https:") }
        if isSecure.first == true, isSecure.contains(false) {
            throw ModelError(.unavailable, "\(address): leads from https to http, where anybody could change the file")
        }
        try await accept(response)
        for try await buffer in response.body {
            try await take(buffer)
        }
        try Task.checkCancellation()
        guard try isWhole() else { throw Transient(reason: "the connection ended early") }
    }

    private func request() -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address)
        request.headers.add(name: "User-Agent", value: "lookout")
        request.headers.add(name: "Accept-Encoding", value: "identity")
        if let authorization = source.authorization {
            request.headers.add(name: "Authorization", value: authorization)
        }
        if partial.byteCount > 0, let validator = partial.validator {
            request.headers.add(name: "Range", value: "bytes=\(partial.byteCount)-")
            request.headers.add(name: "If-Range", value: validator)
        }
        return request
    }

    /// Makes ready for the body, or says why there is none.
    private func accept(_ response: HTTPClientResponse) async throws {
        switch response.status.code {
        case 200:
            let length = response.headers.first(name: "Content-Length").flatMap { Int($0) }
            if let length, !file.byteCounts.contains(length) { throw wrongLength(length, response.headers) }
            let validator = Self.validator(in: response.headers)
            try await onThread { try partial.begin(validator: validator) }
        case 206:
            let range = response.headers.first(name: "Content-Range") ?? ""
            guard range.hasPrefix("bytes \(partial.byteCount)-") else {
                try await onThread { try partial.begin(validator: nil) }
                throw Transient(reason: "the server sends another part than the one asked for")
            }
            if let total = range.split(separator: "/").last.flatMap({ Int($0) }), !file.byteCounts.contains(total) {
                partial.discard()
                throw wrongLength(total, response.headers)
            }
        case 416:
            try await onThread { try partial.begin(validator: nil) }
            throw Transient(reason: "the server has nothing behind what has come")
        case 408, 429, 500...599: throw Transient(reason: "the server answers \(response.status.words)")
        default: throw ModelError(.unavailable, "\(address): the server answers \(response.status.words)")
        }
    }

    private func wrongLength(_ length: Int, _ headers: HTTPHeaders) -> ModelError {
        let kind =
            headers.first(name: "Content-Type")?.lowercased().hasPrefix("text/html") == true ? ", a web page" : ""
        return ModelError(
            .badContent,
            "\(address): sends \(length) bytes\(kind); \(file.name) has \(file.expectedBytes), so it is not that")
    }

    /// What a later request can name this version by: a strong tag, else the time of its change.
    private static func validator(in headers: HTTPHeaders) -> String? {
        let tag = headers.first(name: "ETag").flatMap { $0.hasPrefix("\"") ? $0 : nil }
        return (tag ?? headers.first(name: "Last-Modified")).flatMap { $0.utf8.count <= 512 ? $0 : nil }
    }

    private func take(_ buffer: ByteBuffer) async throws {
        let knew = partial.byteCount >= Self.headerByteCount
        let isTooMuch = try await onThread {
            guard partial.byteCount + buffer.readableBytes <= file.byteCounts.last ?? 0 else { return true }
            try partial.append(buffer)
            return false
        }
        let totals: [Int]
        do {
            // Later bytes say nothing new.
            totals = try knew ? [] : possibleByteCounts()
            if isTooMuch || !totals.isEmpty && totals.allSatisfy({ $0 < partial.byteCount }) {
                throw ModelError(
                    .badContent, "\(address): sends more than the \(file.expectedBytes) bytes of \(file.name)")
            }
        } catch {
            partial.discard()
            throw error
        }
        report(.received(bytes: partial.byteCount, total: try? possibleByteCounts().last))
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
