import Foundation
import Logging
import Pipeline
import Streams

/// Tells systemd how the service is (sd_notify(3)), straight to the socket that `NOTIFY_SOCKET` names. Without one, as
/// in a terminal, nothing is said. May be used from any thread.
///
/// A notification that cannot be delivered is logged, once until one gets through: the service goes on without.
public final class Notifier: Sendable {
    /// A full queue is waited for this long; a manager that takes nothing must not hold up a stage for good.
    private static let longestWait = timeval(tv_sec: 2, tv_usec: 0)

    private let logger: Logger
    /// -1: nobody to tell.
    private let socket: Int32
    private let address: sockaddr_un
    private let addressLength: socklen_t
    private let isFailing = Locked(false)

    public init(environment: [String: String] = ProcessInfo.processInfo.environment, logger: Logger) {
        self.logger = logger
        var (address, length) = (sockaddr_un(), socklen_t(0))
        var descriptor: Int32 = -1
        do {
            if let name = environment["NOTIFY_SOCKET"], !name.isEmpty {
                (address, length) = try Self.address(of: name)
                descriptor = try Self.makeSocket()
            }
        } catch {
            logger.warning("systemd is not told how the service is: \(error)")
        }
        (self.address, addressLength, socket) = (address, length, descriptor)
    }

    deinit { if socket >= 0 { close(socket) } }

    /// Whether somebody listens.
    public var isActive: Bool { socket >= 0 }

    // MARK: What can be said

    /// The service is up; or up again, after `reloading`.
    public func ready(status: String) { send("READY=1\n" + Self.line("STATUS", status)) }

    /// New settings are being read; `ready` follows in any case.
    public func reloading() { send("RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)") }

    /// A line for people, shown by `systemctl status`.
    public func status(_ text: String) { send(Self.line("STATUS", text)) }

    /// The service is about to end.
    public func stopping(status: String) { send("STOPPING=1\n" + Self.line("STATUS", status)) }

    /// The service is well; to be said more often than every `WATCHDOG_USEC`.
    public func watchdog() { send("WATCHDOG=1") }

    /// Starting, reloading or stopping, whichever is under way, may take so many seconds from now on.
    public func extendTimeout(seconds: Double) {
        send("EXTEND_TIMEOUT_USEC=\(UInt64(max(0, min(seconds, 86_400)) * 1e6))")
    }

    // MARK: How it is said

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// One assignment. A line feed in its text would begin another.
    private static func line(_ name: String, _ text: String) -> String { "\(name)=\(visible(text))" }

    private static var monotonicMicroseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }

    /// - Parameter name: a path, or `@` and a name in the abstract name space.
    private static func address(of name: String) throws(Failure) -> (sockaddr_un, socklen_t) {
        var bytes = Array(name.utf8)
        guard name.hasPrefix("/") || name.hasPrefix("@") else {
            throw Failure(description: "NOTIFY_SOCKET is \(name), of a kind that Lookout does not know")
        }
        if name.hasPrefix("@") { bytes[0] = 0 } else { bytes.append(0) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure(description: "NOTIFY_SOCKET is too long: \(name)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + bytes.count
        return (address, socklen_t(length))
    }

    private static func makeSocket() throws(Failure) -> Int32 {
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket: \(String(cString: strerror(errno)))") }
        var wait = longestWait
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, size) == 0 else {
            defer { close(descriptor) }
            throw Failure(description: "no limit to its socket's waits: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    private func send(_ message: String) {
        guard isActive else { return }
        let bytes = Array(message.utf8)
        var address = address
        let (sent, code) = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                while true {
                    let sent = sendto(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, addressLength)
                    if sent >= 0 || errno != EINTR { return (sent, errno) }
                }
            }
        }
        let isDelivered = sent == bytes.count
        let changed = isFailing.withLock { isFailing in
            defer { isFailing = !isDelivered }
            return isFailing == isDelivered
        }
        if changed && !isDelivered {
            logger.warning("systemd takes no notifications: \(String(cString: strerror(code)))")
        }
    }
}
