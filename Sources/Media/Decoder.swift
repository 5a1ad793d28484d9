import CFFmpeg
import Glibc
import Pipeline

/// Turns a video stream's packets into pictures. The only owner of its AVCodecContext. Used by one thread at a time;
/// libav runs its own frame threads behind it.
final class Decoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let name: String
    /// Pixels of a picture beyond which it is taken for damage: 11,585 x 11,585, a few hundred megabytes decoded.
    static let mostPixels: Int64 = 1 << 27
    /// Packets or pictures the decoder rejected; it goes on with the next.
    private(set) var errors = 0
    private let counter = LibavLog.Counter()
    /// Asked for and not filled; the next one.
    private var spare: Frame?
    /// How often a picture was missing that another is built on, where libav's decoder notices.
    var missing: Int { counter.value }
    /// It holds back what is built on pictures from before it began; others show it, half grey.
    let startsWhole: Bool

    /// - Parameters:
    ///   - threads: libav's decoding threads; 0 lets it choose within what processors may be used.
    ///   - isLive: no delay for the sake of speed.
    init(
        _ stream: UnsafeMutablePointer<AVStream>, name: String, threads: Int, isLive: Bool
    ) throws(MediaError) {
        self.name = name
        let parameters = stream.pointee.codecpar.pointee
        guard let codec = avcodec_find_decoder(parameters.codec_id) else {
            let coding = String(cString: avcodec_get_name(parameters.codec_id))
            throw MediaError(.unsupported, name, "this machine's libav has no decoder for \(coding)")
        }
        startsWhole = parameters.codec_id == AV_CODEC_ID_H264
        // From here on `deinit` frees it, also when this throws.
        context = try allocated(avcodec_alloc_context3(codec), "avcodec_alloc_context3")
        try check(
            avcodec_parameters_to_context(context, stream.pointee.codecpar), "avcodec_parameters_to_context", name,
            .badData)
        context.pointee.pkt_timebase = stream.pointee.time_base
        context.pointee.opaque = counter.opaque
        context.pointee.thread_count = Int32(
            isLive ? max(1, threads) : threads > 0 ? threads : Processors.codecThreads)
        if isLive { context.pointee.thread_type = FF_THREAD_SLICE }
        context.pointee.max_pixels = Self.mostPixels
        try check(avcodec_open2(context, codec, nil), "avcodec_open2", name, .badData)
    }

    deinit {
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&owned)
    }

    /// Hands a packet (`nil`: the end) to the decoder and every picture it has ready to `body`.
    func decode(_ packet: Packet?, _ body: (Frame) throws -> Void) throws {
        var sent = avcodec_send_packet(context, packet?.pointer)
        try drain(body)
        if sent == lk_averror(EAGAIN) {  // It was full; the pictures just taken made room.
            sent = avcodec_send_packet(context, packet?.pointer)
            try drain(body)
        }
        if sent != lk_averror_eof { try tolerate(sent, "avcodec_send_packet") }
    }

    /// Pictures that begin in the packet, which is to be decoded next, carry this number, from 1 on.
    func tag(_ packet: Packet, _ number: Int) { lk_tag_packet(context, packet.pointer, Int64(number)) }

    /// Forgets all pictures; the next packet begins anew.
    func flush() { avcodec_flush_buffers(context) }

    private func drain(_ body: (Frame) throws -> Void) throws {
        var rejected = 0
        while rejected < Self.rejectedInARow {
            let frame = try spare ?? Frame()
            let status = avcodec_receive_frame(context, frame.pointer)
            spare = status < 0 ? frame : nil
            if status == lk_averror(EAGAIN) || status == lk_averror_eof { return }
            // A rejected picture: what follows it is still to come.
            if status < 0 {
                try tolerate(status, "avcodec_receive_frame")
                rejected += 1
                continue
            }
            rejected = 0
            try body(frame)
        }
    }

    /// More rejections than this without a picture between them, and the next packet is tried instead.
    private static let rejectedInARow = 64

    /// Damaged data is counted and passed over; anything else is thrown.
    private func tolerate(_ status: Int32, _ call: String) throws(MediaError) {
        guard status < 0 else { return }
        if status == lk_averror(ENOMEM) {
            throw MediaError(status: status, call: call, subject: name, fallback: .system)
        }
        errors += 1
    }
}
