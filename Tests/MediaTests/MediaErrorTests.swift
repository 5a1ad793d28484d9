import CFFmpeg
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Media

@Suite struct MediaErrorTests {
    @Test(arguments: [
        ("rtsp://admin:hunter2@camera/stream", "rtsp://***@camera/stream"),
        ("rtsp://hunter2@camera", "rtsp://***@camera"),
        ("RTSP://admin:hunter2@camera:554/a", "RTSP://***@camera:554/a"),
        ("rtsp://admin:hunter2@x@camera/a", "rtsp://***@camera/a"),
        ("rtsp://admin:hun/ter2/hunter2@camera/a", "rtsp://***@camera/a"),
        ("rtsp://admin:hunter2?#hunter2@camera/a", "rtsp://***@camera/a"),
        ("http://camera/a?user=admin&password=hunter2", "http://camera/a?***"),
        ("http://admin:hunter2@camera/a?pwd=hunter2#hunter2", "http://***@camera/a?***"),
        ("http://camera/a?pwd=hunter2@x", "http://***@x"),
        ("rtsp://10.0.0.7:554/user=admin&password=hunter2&channel=1&stream=0.sdp", "rtsp://10.0.0.7:554/***"),
        ("rtsp://camera/live/user=admin_password=hunter2/a/b", "rtsp://camera/live/***"),
        ("rtsp://camera/user=admin&password=hun/hunter2?hunter2", "rtsp://camera/***?***"),
        ("rtsp://camera/user=admin&password=hun@ter2hunter2&channel=1", "rtsp://***@***"),
        ("rtsp://camera//a//", "rtsp://camera//a//"),
        ("http://camera:8080/a/b.mjpg", "http://camera:8080/a/b.mjpg"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("rtsp://", "rtsp://"),
        ("rtsp://@", "rtsp://***@"),
    ])
    func `hides credentials`(_ url: String, _ expected: String) {
        #expect(redacted(url) == expected)
        #expect(redacted(redacted(url)) == expected)
        #expect(!MediaError(.unavailable, url, "no").description.contains("hunter2"))
    }

    @Test(arguments: ["me@work.mp4", "/a/b@c/d?e.mp4", "file:///home/me@work/x.mp4", "-", "", "a:b@c"])
    func `leaves names of files as they are`(_ name: String) { #expect(redacted(name) == name) }

    @Test func `tells kinds apart by libav's status`() {
        let kinds: [(Int32, MediaError.Kind)] = [
            (-ENOENT, .noInput), (-EACCES, .noInput), (-ECONNREFUSED, .unavailable), (-ETIMEDOUT, .unavailable),
            (-ENOMEM, .system),
        ]
        for (status, kind) in kinds {
            #expect(MediaError(status: status, call: "open", subject: "x", fallback: .noInput).kind == kind)
        }
        #expect(MediaError(status: -EACCES, call: "open", subject: "x", fallback: .cannotCreate).kind == .cannotCreate)
        #expect(
            MediaError(status: -ENOENT, call: "open", subject: "x", fallback: .noInput).description
                == "x: No such file or directory (open)")
    }
}

@Suite struct FailureReasonTests {
    @Test func `say why by libav's status`() {
        let reasons: [(Int32, MediaError.Kind, String)] = [
            (-ECONNREFUSED, .noInput, "refused"), (-ETIMEDOUT, .noInput, "timeout"), (-ENOENT, .noInput, "not_found"),
            (-EACCES, .noInput, "unauthorized"), (lk_averror_http_unauthorized, .noInput, "unauthorized"),
            (lk_averror_http_forbidden, .noInput, "unauthorized"), (lk_averror_http_not_found, .noInput, "not_found"),
            (-EHOSTUNREACH, .noInput, "timeout"), (-ENOTSUP, .noInput, "error"), (-EIO, .noInput, "error"),
            (lk_averror_invaliddata, .noInput, "bad_data"), (lk_averror_demuxer_not_found, .noInput, "unsupported"),
            (-EPROTONOSUPPORT, .noInput, "unsupported"), (-EIO, .inputOutput, "reset"),
            (-ECONNRESET, .inputOutput, "reset"), (-EPIPE, .inputOutput, "reset"), (-ENODEV, .inputOutput, "error"),
        ]
        for (status, fallback, reason) in reasons {
            let error = MediaError(status: status, call: "open", subject: "x", fallback: fallback)
            #expect(error.reason == reason, "\(error)")
        }
    }

    @Test func `say why by their kind`() {
        let reasons: [(MediaError.Kind, String)] = [
            (.noInput, "not_found"), (.badData, "bad_data"), (.unsupported, "unsupported"), (.unavailable, "timeout"),
            (.system, "error"),
        ]
        for (kind, reason) in reasons { #expect(MediaError(kind, "x", "no").reason == reason) }
        #expect(MediaError(.unavailable, "x", "no", reason: .stalled).reason == "stalled")
    }
}

@Suite struct NetworkFailureTests {
    private func options(timeout: Double) -> Demuxer.Options {
        var options = Demuxer.Options()
        options.networkTimeout = timeout
        return options
    }

    @Test func `a camera that refuses`() throws {
        let port = try ListeningPort()
        port.close()
        let error = try mediaError {
            try Demuxer("rtsp://admin:hunter2@127.0.0.1:\(port.number)/x", options: options(timeout: 600))
        }
        #expect(error.kind == .unavailable)
        #expect(error.reason == "refused")
        #expect(error.subject == "rtsp://***@127.0.0.1:\(port.number)/x")
    }

    @Test func `a camera that never answers`() throws {
        let port = try ListeningPort()
        let begin = ContinuousClock.now
        let error = try mediaError {
            try Demuxer("rtsp://admin:hunter2@127.0.0.1:\(port.number)/x", options: options(timeout: 0.5))
        }
        #expect(ContinuousClock.now - begin < .seconds(600))
        #expect(error.kind == .unavailable)
        #expect(error.reason == "timeout")
        #expect(error.message == "did not answer within 0.5 s")
        #expect(!error.description.contains("hunter2"))
    }

    @Test func `a camera that the user gives up`() throws {
        let port = try ListeningPort()
        let interrupt = Interrupt()
        interrupt.cancel()
        let error = try mediaError {
            try Demuxer("rtsp://127.0.0.1:\(port.number)/x", options: options(timeout: 60), interrupt: interrupt)
        }
        #expect(error.kind == .interrupted)
    }

    @Test(arguments: [-1, 0, .nan, .infinity, 1e300])
    func `takes any time limit`(_ timeout: Double) throws {
        let interrupt = Interrupt()
        #expect(interrupt.limited(to: timeout) { 1 } == 1)
    }
}

/// A TCP port of this machine on which connections are accepted by the system and never answered.
private final class ListeningPort {
    private let socket: Int32
    let number: UInt16
    private var isOpen = true

    init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let handle = socket
        let status = withUnsafeMutableBytes(of: &address) { raw -> Int32 in
            guard let generic = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return bind(handle, generic, length) == 0 && listen(handle, 4) == 0
                ? getsockname(handle, generic, &length) : -1
        }
        try #require(status == 0)
        number = UInt16(bigEndian: address.sin_port)
    }

    func close() {
        if isOpen { Glibc.close(socket) }
        isOpen = false
    }

    deinit { close() }
}
