import Glibc
import Media
import Pipeline

/// The street as a camera: renders in its own time, codes as H.264 and sends Matroska through a socket, so that who reads
/// it does all that it does with a real one.
///
/// One thread (`street`). Memory is bounded: nothing is rendered while the socket is full, and what could not be sent in
/// time is never rendered, as a camera's viewer misses what it does not take.
public final class StreetCamera: Sendable {
    private let sender: Sender
    private let thread: StageThread

    /// - Parameters:
    ///   - name: in messages.
    ///   - descriptor: takes the reading end, once, for `Demuxer(descriptor:)` to own.
    /// - Throws: `StreetError`, `MediaError`, `ThreadError`.
    public init(_ options: StreetOptions, name: String) throws {
        let street = try Street(options)
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw MediaError(.system, name, "no socket for its pictures: \(String(cString: strerror(errno)))")
        }
        descriptor = ends[0]
        let sender = Sender(options, name: name, descriptor: ends[1])
        self.sender = sender
        // A street is one thread's, this one from here on.
        nonisolated(unsafe) let moved = street
        do {
            thread = try StageThread("street") { sender.run(moved) }
        } catch {
            close(ends[0])
            sender.close()
            throw error
        }
    }

    /// The reading end.
    public let descriptor: Int32

    deinit {
        sender.stop()
        thread.join()
        sender.close()
    }

    /// Why it ended by itself, also because its reader left; `nil`: it has not.
    public var failure: (any Error)? { sender.failure.withLock { $0 } }

    private final class Sender: Sendable {
        let failure = Locked<(any Error)?>(nil)
        private let options: StreetOptions
        private let name: String
        private let descriptor: Int32
        private let cancellation = Cancellation()

        init(_ options: StreetOptions, name: String, descriptor: Int32) {
            self.options = options
            self.name = name
            self.descriptor = descriptor
        }

        /// Wakes the thread, also from a write that the reader does not take.
        func stop() {
            cancellation.cancel()
            shutdown(descriptor, Int32(SHUT_RDWR))
        }

        func close() { Glibc.close(descriptor) }

        func run(_ street: Street) {
            // A reader that has gone is an error of `write` here, not a signal for the process.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            do {
                try send(street)
            } catch {
                if !cancellation.isCancelled { failure.withLock { $0 = error } }
            }
            // The reader then comes to the end.
            shutdown(descriptor, Int32(SHUT_RDWR))
        }

        private func send(_ street: Street) throws {
            let info = SourceInfo(madeHere: name, frameRate: Rational(Int32(options.frameRate), 1))
            let rate = Double(options.frameRate)
            let start = MonotonicTime.now
            var writer: VideoWriter?
            var index = 0
            while cancellation.pause(seconds: start + Double(index) / rate - MonotonicTime.now) {
                let frame = try street.picture(at: index).frame
                let stream =
                    try writer
                    ?? VideoWriter(
                        descriptor: descriptor, source: info, first: frame, options: VideoWriter.Options())
                writer = stream
                try stream.write(stream.canvas(for: frame, isDrawn: false))
                try stream.flush()
                index = max(index + 1, Int((MonotonicTime.now - start) * rate))
            }
        }
    }
}
