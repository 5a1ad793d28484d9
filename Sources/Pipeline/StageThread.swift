import CPlatform
import Glibc

/// A dedicated, named thread for blocking work (libav, inference), joined by whoever started it.
///
/// Swift's cooperative pool has one thread a core: a blocked read there would stall everything else.
public final class StageThread: Sendable {
    /// What the new thread runs; handed over through the one pointer pthread passes.
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let thread: pthread_t

    /// - Parameter name: shown by `top -H`; at most 15 bytes are kept.
    public init(_ name: String, body: @escaping @Sendable () -> Void) throws(ThreadError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, Self.main, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw ThreadError(name: name, errno: status)
        }
        self.thread = thread
    }

    /// Waits for the body to return. Call once.
    public func join() { pthread_join(thread, nil) }

    /// Typed `@Sendable` and kept outside any actor: a closure literal given straight to pthread_create from
    /// main-actor code traps in the executor check.
    private static let main: @Sendable @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { raw in
        guard let raw else { return nil }
        let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
        lk_set_thread_name(start.name)
        start.body()
        return nil
    }
}

/// The system refused a thread.
public struct ThreadError: Error, CustomStringConvertible, Sendable {
    public let name: String
    public let errno: Int32
    public var description: String { "cannot start thread \(name): \(String(cString: strerror(errno)))" }
}
