import Foundation
import Glibc
public import Testing

/// GStreamer's RTSP server, taking what is published to `url` into a file. Ends with the last reference.
///
/// Suites that need it carry `.enabled(if: RTSPServer.available, RTSPServer.skipMessage)`.
public final class RTSPServer: @unchecked Sendable {
    public static let skipMessage: Comment = """
        no GStreamer RTSP server for /usr/bin/python3: python3-gi, gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good, \
        gstreamer1.0-plugins-bad
        """
    public static let available = isAvailable()

    public let port: Int
    /// What was published: bare H.264.
    public let file: String
    public var url: String { "rtsp://127.0.0.1:\(port)/live" }
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private static let python = "/usr/bin/python3"

    public struct Failure: Error {}

    /// Listens on a free port.
    public init(recordingTo file: String, user: String? = nil, password: String? = nil) throws {
        self.file = file
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "rtsp_server.py")
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = [script.path, file] + [user, password].compactMap { $0 }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard let line = Self.line(output.fileHandleForReading), let port = Int(line) else { throw Failure() }
        self.port = port
    }

    deinit { end() }

    public func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Stops it where it stands, connections open: a server that hangs.
    public func freeze() { kill(process.processIdentifier, SIGSTOP) }
    public func thaw() { kill(process.processIdentifier, SIGCONT) }

    /// Waits until the server has said `word` so many times: `recording`, `picture` (one came), `ended`. `false`: it is
    /// gone before, or says nothing for ten minutes.
    public func waits(for word: String, count: Int = 1) -> Bool {
        var left = count
        while left > 0 {
            guard let said = Self.line(output.fileHandleForReading) else { return false }
            if said == word { left -= 1 }
        }
        return true
    }

    private static func line(_ handle: FileHandle) -> String? {
        var bytes: [UInt8] = []
        while hasOutput(handle), let byte = try? handle.read(upToCount: 1)?.first {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }

    /// Waits for something to read, or the end. `false`: neither came for ten minutes.
    private static func hasOutput(_ handle: FileHandle) -> Bool {
        var poll = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
        var status: Int32
        repeat { status = Glibc.poll(&poll, 1, 600_000) } while status < 0 && errno == EINTR
        return status == 1
    }

    private static func isAvailable() -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [
            "-c",
            """
            import gi
            gi.require_version('Gst', '1.0')
            gi.require_version('GstRtspServer', '1.0')
            from gi.repository import Gst, GstRtspServer
            Gst.init(None)
            names = ['rtph264depay', 'h264parse', 'appsink', 'rtpbin']
            raise SystemExit(any(Gst.ElementFactory.find(name) is None for name in names))
            """,
        ]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
