import CFFmpeg
import Glibc

/// Feeds libav from stdin, a FIFO or a socket. libav's own protocols for these block in `read` until data comes, whatever the
/// interrupt says; this one waits in `poll` and looks up ten times a second. The only owner of its AVIOContext.
///
/// Used by the demuxer's thread only.
final class PipeInput {
    enum Source: Equatable {
        /// Stays open.
        case standardInput
        /// The path of a FIFO.
        case fifo(String)
        /// Of a pipe or socket; closed with this.
        case descriptor(Int32)
    }

    private let descriptor: Int32
    private let interrupt: Interrupt
    private(set) var io: UnsafeMutablePointer<AVIOContext>?
    private static let bufferSize: Int32 = 1 << 16
    private static let pollMilliseconds: Int32 = 100

    /// - Parameter name: of the input, for messages.
    init(_ source: Source, name: String, interrupt: Interrupt) throws(MediaError) {
        self.interrupt = interrupt
        switch source {
        case .standardInput: descriptor = STDIN_FILENO
        case .descriptor(let open): descriptor = open
        // A FIFO without a writer would block in `open` otherwise; its first `poll` then waits for one.
        case .fifo(let path): descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        }
        guard descriptor >= 0 else { throw MediaError(.noInput, name, String(cString: strerror(errno))) }
        let buffer = try allocated(av_malloc(Int(Self.bufferSize)), "av_malloc")
        io = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Self.bufferSize, 0, Unmanaged.passUnretained(self).toOpaque(),
            { opaque, buffer, size in
                guard let opaque, let buffer else { return lk_averror(EINVAL) }
                return Unmanaged<PipeInput>.fromOpaque(opaque).takeUnretainedValue().read(into: buffer, size)
            }, nil, nil)
        if io == nil {
            av_free(buffer)
            throw MediaError(.system, name, "out of memory (avio_alloc_context)")
        }
    }

    deinit {
        // libav may have replaced the buffer while it probed.
        if let io { av_free(io.pointee.buffer) }
        avio_context_free(&io)
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    private func read(into buffer: UnsafeMutablePointer<UInt8>, _ size: Int32) -> Int32 {
        while true {
            if interrupt.isCancelled { return lk_averror_exit }
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&request, 1, Self.pollMilliseconds)
            if ready < 0 && errno != EINTR { return lk_averror(errno) }
            // A FIFO that nobody has opened for writing yet is neither ready nor at its end.
            guard ready > 0 else { continue }
            let count = Glibc.read(descriptor, buffer, Int(size))
            if count > 0 { return Int32(count) }
            if count == 0 { return lk_averror_eof }
            if errno != EINTR && errno != EAGAIN { return lk_averror(errno) }
        }
    }
}
