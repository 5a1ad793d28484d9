import Foundation
import Glibc
import Pipeline

@testable import Media

/// An RTSP camera on loopback that serves one connection and sends exactly what it is told, over TCP or UDP as the client
/// asks. Nothing waits for real time.
final class ScriptedCamera: Sendable {
    enum Step: Sendable {
        /// An H.264 NAL unit in one RTP packet; the sequence number is the step's own, so that gaps are losses.
        case unit([UInt8], timestamp: UInt32, sequence: UInt16)
        /// An RTCP sender report: this RTP timestamp was at that second since 1970.
        case report(timestamp: UInt32, seconds: Double)
        /// Closes the connection; without it, the camera falls silent at the end.
        case hangUp
    }

    enum Answer: Sendable {
        case script([Step])
        /// To DESCRIBE, for ever.
        case status(String)
    }

    let port: UInt16
    private let listener: Int32
    private let thread: StageThread
    /// All requests so far.
    private let requests: Locked<String>
    var received: String { requests.withLock { $0 } }

    init(_ answer: Answer) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let port = try loopback(listener) { Glibc.bind(listener, $0, $1) }
        guard listen(listener, 4) == 0 else { throw POSIXError(.EIO) }
        let requests = Locked("")
        (self.listener, self.port, self.requests) = (listener, port, requests)
        thread = try StageThread("camera") {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            var session = CameraSession(client: client, answer: answer, requests: requests)
            session.serve()
            close(client)
        }
    }

    var url: String { "rtsp://127.0.0.1:\(port)/x" }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        thread.join()
        close(listener)
    }
}

/// Binds or connects to 127.0.0.1 and returns the socket's own port.
@discardableResult
private func loopback(
    _ socket: Int32, port: UInt16 = 0, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) throws -> UInt16 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutableBytes(of: &address) { raw -> Int32 in
        guard let generic = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
        return call(generic, length) == 0 ? getsockname(socket, generic, &length) : -1
    }
    guard status == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    return UInt16(bigEndian: address.sin_port)
}

private struct CameraSession {
    let client: Int32
    let answer: ScriptedCamera.Answer
    let requests: Locked<String>
    /// RTP's and RTCP's sockets over UDP; empty over TCP.
    private var datagrams: [Int32] = []

    init(client: Int32, answer: ScriptedCamera.Answer, requests: Locked<String>) {
        (self.client, self.answer, self.requests) = (client, answer, requests)
    }

    mutating func serve() {
        defer { for socket in datagrams { close(socket) } }
        var buffer = [UInt8](repeating: 0, count: 65536)
        var text = ""
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            text += String(decoding: buffer[..<count], as: UTF8.self)
            while let end = text.range(of: "\r\n\r\n") {
                let request = String(text[..<end.lowerBound])
                text = String(text[end.upperBound...])
                requests.withLock { $0 += request + "\r\n\r\n" }
                guard reply(to: request) else { return }
            }
        }
    }

    /// `false`: the script hangs up.
    private mutating func reply(to request: String) -> Bool {
        let lines = request.split(separator: "\r\n")
        let value = { (name: String) in
            lines.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) } ?? ""
        }
        var (status, header, body) = ("200 OK", "", "")
        switch lines.first?.prefix(while: { $0 != " " }) {
        case "DESCRIBE":
            if case .status(let refusal) = answer {
                status = refusal
                header = "WWW-Authenticate: Basic realm=\"camera\"\r\n"
                // libav tries again with what it was given.
                break
            }
            body =
                "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
                + "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:video\r\n"
            header = "Content-Type: application/sdp\r\nContent-Length: \(body.utf8.count)\r\n"
        case "SETUP":
            var transport = value("Transport")
            if let range = transport.range(of: "client_port=") {
                transport += openDatagrams(to: transport[range.upperBound...].prefix { $0.isNumber })
            }
            header = "Transport: \(transport)\r\nSession: 1\r\n"
        default: break
        }
        send([UInt8]("RTSP/1.0 \(status)\r\nCSeq: \(value("CSeq"))\r\n\(header)\r\n\(body)".utf8))
        guard request.hasPrefix("PLAY"), case .script(let steps) = answer else { return true }
        return steps.allSatisfy { play($0) }
    }

    private mutating func openDatagrams(to port: Substring) -> String {
        guard let port = UInt16(port) else { return "" }
        var ports: [String] = []
        for offset in 0..<2 as Range<UInt16> {
            let datagram = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            datagrams.append(datagram)
            let own = try? loopback(datagram, port: port + offset) { connect(datagram, $0, $1) }
            ports.append("\(own ?? 0)")
        }
        return ";server_port=\(ports.joined(separator: "-"))"
    }

    private func play(_ step: ScriptedCamera.Step) -> Bool {
        switch step {
        case .unit(let bytes, let timestamp, let sequence):
            send([0x80, 96] + big(sequence) + big(timestamp) + big(UInt32(1)) + bytes, channel: 0)
        case .report(let timestamp, let seconds):
            // NTP counts from 1900, in 32.32 fixed point.
            let ntp = UInt64((seconds + 2_208_988_800) * 4_294_967_296)
            send([0x80, 200, 0, 6] + big(UInt32(1)) + big(ntp) + big(timestamp) + big(UInt64(0)), channel: 1)
        case .hangUp: return false
        }
        return true
    }

    private func send(_ packet: [UInt8], channel: Int) {
        if datagrams.isEmpty {
            send([0x24, UInt8(channel)] + big(UInt16(packet.count)) + packet)
        } else {
            _ = Glibc.send(datagrams[channel], packet, packet.count, Int32(MSG_NOSIGNAL))
        }
    }

    private func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // The client has gone.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func big(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}
