import CFFmpeg

/// One demuxed, still coded packet. The only owner of its AVPacket.
///
/// `@unchecked Sendable`: after the demuxer filled it, a packet is only read; it moves between threads through queues
/// and each stage lets go of it before the next one has it.
public final class Packet: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<AVPacket>

    init() throws(MediaError) { pointer = try allocated(av_packet_alloc(), "av_packet_alloc") }

    deinit {
        var owned: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&owned)
    }

    /// The index of the input stream it belongs to.
    public var streamIndex: Int { Int(pointer.pointee.stream_index) }
    public var byteCount: Int { Int(pointer.pointee.size) }
}
