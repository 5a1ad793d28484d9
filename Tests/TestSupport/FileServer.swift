import Foundation
import Pipeline

/// An HTTP server on loopback that answers as its test says, and keeps what it was asked. Connections are served one
/// after the other, each with one answer. Ends with the last reference.
public final class FileServer: Sendable {
    /// What it was asked.
    public struct Request: Sendable {
        public let path: String
        /// By their names in small letters.
        public let headers: [String: String]
    }

    public struct Answer: Sendable {
        public var status: String
        public var headers: [String: String]
        public var body: [UInt8]
        /// Bytes of the body after which it hangs up; with `hangs` it stays silent instead.
        public var cut: Int?
        public var hangs = false
        /// Sends the body again and again.
        public var isEndless = false

        /// With the length of `body`, unless `headers` say another.
        public init(_ status: String = "200 OK", headers: [String: String] = [:], body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    public struct Failure: Error {}

    public let port: Int
    public var url: String { "http://127.0.0.1:\(port)" }
    public var requests: [Request] { state.withLock { $0.requests } }

    private struct State {
        var requests: [Request] = []
        /// Of the connection that is served.
        var connection: Int32 = -1
        var isOver = false
    }

    private let listener: Int32
    private let thread: StageThread
    private let state: Locked<State>

    /// - Parameter answer: told the request and how many came before it.
    public init(_ answer: @escaping @Sendable (Request, Int) -> Answer) throws {
        let (listener, port) = try FileServer.bound()
        guard listen(listener, 16) == 0 else { throw Failure() }
        self.port = port
        let state = Locked(State())
        self.state = state
        self.listener = listener
        thread = try StageThread("file server") {
            while true {
                let connection = accept(listener, nil, nil)
                let isOver = state.withLock { state in
                    state.connection = connection
                    return state.isOver
                }
                guard connection >= 0, !isOver else { break }
                Self.serve(connection, state, answer)
                state.withLock { $0.connection = -1 }
                close(connection)
            }
        }
    }

    deinit {
        state.withLock { state in
            state.isOver = true
            if state.connection >= 0 { shutdown(state.connection, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
        thread.join()
        close(listener)
    }

    /// A port that nothing listens on. It stays taken, so that no other test gets it.
    public static func closedPort() throws -> Int { try bound().port }

    /// A socket of a port of its own.
    private static func bound() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && getsockname(descriptor, address, &size) == 0
            }
        }
        guard isBound else { throw Failure() }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func serve(_ connection: Int32, _ state: Locked<State>, _ answer: (Request, Int) -> Answer) {
        guard let request = read(connection) else { return }
        let count = state.withLock { state in
            state.requests.append(request)
            return state.requests.count - 1
        }
        let answer = answer(request, count)
        var head = "HTTP/1.1 \(answer.status)\r\nConnection: close\r\n"
        if answer.headers["Content-Length"] == nil && !answer.isEndless {
            head += "Content-Length: \(answer.body.count)\r\n"
        }
        for (name, value) in answer.headers where !value.isEmpty { head += "\(name): \(value)\r\n" }
        guard send(Array((head + "\r\n").utf8), to: connection) else { return }
        repeat {
            guard send(answer.body[..<(answer.cut ?? answer.body.count)], to: connection) else { return }
        } while answer.isEndless
        if answer.hangs {
            // Until the other side has enough.
            var byte: UInt8 = 0
            while recv(connection, &byte, 1, 0) > 0 {}
        }
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.suffix(4) != [13, 10, 13, 10], bytes.count < 1 << 16, recv(connection, &byte, 1, 0) == 1 {
            bytes.append(byte)
        }
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        let headers = lines.dropFirst().compactMap { line -> (String, String)? in
            line.firstIndex(of: ":").map {
                (line[..<$0].lowercased(), line[line.index(after: $0)...].trimmingCharacters(in: .whitespaces))
            }
        }
        return Request(path: String(words[1]), headers: Dictionary(headers) { first, _ in first })
    }

    private static func send(_ bytes: some Collection<UInt8>, to connection: Int32) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

extension FileServer.Answer {
    /// What a server answers that has the file and can send parts of it.
    public static func file(
        _ bytes: [UInt8], to request: FileServer.Request, tag: String = "\"1\"", cut: Int? = nil
    ) -> FileServer.Answer {
        var answer = FileServer.Answer(headers: ["ETag": tag], body: bytes)
        if let range = request.headers["range"], request.headers["if-range"] == tag,
            let start = Int(range.dropFirst("bytes=".count).dropLast()), start < bytes.count
        {
            answer.status = "206 Partial Content"
            answer.headers["Content-Range"] = "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"
            answer.body = Array(bytes[start...])
        }
        answer.cut = cut.map { min($0, answer.body.count) }
        return answer
    }
}
