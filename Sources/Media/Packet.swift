import CFFmpeg
import Foundation

/// One demuxed, still coded packet. The only owner of its AVPacket.
///
/// `@unchecked Sendable`: after the demuxer filled it, a packet is only read; it moves between threads through queues
/// and each stage lets go of it before the next one has it.
public final class Packet: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<AVPacket>

    /// Unit of its times: its stream's.
    var timeBase = Rational(1, 1)
    /// When the demuxer had read it; a recording played at its own speed sets when it was due.
    public var arrival: ContinuousClock.Instant?
    /// When its picture was taken, by the sender's own clock. An RTSP camera tells once its first RTCP report is in.
    public internal(set) var producerTime: Date?
    /// The network lost data shortly before it, or in it.
    public internal(set) var followsLoss = false

    init() throws(MediaError) { pointer = try allocated(av_packet_alloc(), "av_packet_alloc") }

    deinit {
        var owned: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&owned)
    }

    /// The index of the input stream it belongs to.
    public var streamIndex: Int { Int(pointer.pointee.stream_index) }
    public var byteCount: Int { Int(pointer.pointee.size) }
    /// Decoding may start here.
    public var isKey: Bool { pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
    /// The demuxer knows that it is damaged.
    public var isCorrupt: Bool { pointer.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 }
    /// Decode time in seconds on the time line of the demuxer's packets; the presentation time where there is no other.
    public var seconds: Double? {
        let (dts, pts) = (pointer.pointee.dts, pointer.pointee.pts)
        let ticks = dts == lk_nopts ? pts : dts
        return ticks == lk_nopts ? nil : timeBase.seconds(ticks)
    }
    /// In seconds; 0 where it has none.
    public var duration: Double { max(0, timeBase.seconds(pointer.pointee.duration)) }

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: pointer.pointee.data, count: byteCount) }

    /// The reference time that came with it, in microseconds since 1970.
    var referenceTime: Int64? {
        var size = 0
        guard let data = av_packet_get_side_data(pointer, AV_PKT_DATA_PRFT, &size),
            size >= MemoryLayout<AVProducerReferenceTime>.size
        else { return nil }
        // A camera without a clock counts from 1900.
        let time = UnsafeRawPointer(data).loadUnaligned(as: AVProducerReferenceTime.self).wallclock
        return time > 0 ? time : nil
    }
}
