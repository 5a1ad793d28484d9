import Foundation
import TestSupport

/// A datagram socket such as systemd listens on.
final class NotifySocket {
    /// What `NOTIFY_SOCKET` says of it.
    let name: String
    private let folder: TemporaryFolder
    private let descriptor: Int32

    /// - Parameter isAbstract: in the abstract name space, else a file.
    init(isAbstract: Bool = false) throws {
        folder = try TemporaryFolder()
        name = isAbstract ? "@lookout-test-\(UUID().uuidString)" : folder.file("notify")
        var bytes = Array(name.utf8)
        if isAbstract { bytes[0] = 0 }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // A path ends with a zero byte, an abstract name where its length says.
        let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + bytes.count + (isAbstract ? 0 : 1)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) }
        }
        // A test that would wait for ever is to fail instead.
        var wait = timeval(tv_sec: 600, tv_usec: 0)
        let option = setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        guard descriptor >= 0, status == 0, option == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno)!) }
    }

    deinit { close(descriptor) }

    /// The next message, waited for; `nil` after ten minutes without.
    func next() -> String? { receive(flags: 0) }

    /// The next message if it is there already.
    func pending() -> String? { receive(flags: Int32(MSG_DONTWAIT)) }

    private func receive(flags: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, flags)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
