import CFFmpeg

/// Makes one time line of the packets' decode times: a single wild time is replaced, and where an input starts over
/// (recordings joined end to end, a camera that was restarted) what follows goes on after what was. All streams are
/// moved by the same amount, so that sound stays with the picture. A gap stays a gap.
///
/// Times are in microseconds. Absurd ones of a damaged input wrap around instead of trapping.
struct Timeline {
    /// Further ahead than this of where a stream was, a time must be borne out by the next one.
    static let gap: Int64 = 2_000_000
    /// Decode times rise; muxers err by less than this.
    private static let tolerance: Int64 = 250_000

    private struct Stream {
        var last: Int64
        /// From packet to packet.
        var step: Int64
        /// Of the input's parts, the one it is in.
        var part: Int

        var end: Int64 { last &+ step }
    }

    private var streams: [Int: Stream] = [:]
    /// How much each part of the input, from one start over to the next, is moved.
    private var shifts: [Int64] = [0]

    /// How much a packet's times are to be moved.
    ///
    /// - Parameters:
    ///   - time: its decode time; `nil` where it has none.
    ///   - duration: its duration; 0 where it has none.
    ///   - next: the decode time of the stream's next packet, asked only where `time` jumps.
    mutating func shift(_ time: Int64?, duration: Int64, stream index: Int, next: () -> Int64?) -> Int64 {
        let known = streams[index]
        var stream = known ?? Stream(last: 0, step: 1, part: shifts.count - 1)
        guard let time else { return shifts[stream.part] }
        var shift = shifts[stream.part]
        if known != nil {
            let moved = time &+ shift
            if moved > stream.end &+ Self.gap {
                if !(next().map { $0 >= time } ?? false) { shift = stream.end &- time }
            } else if moved < stream.last &- Self.tolerance {
                shift = shiftBack(time, &stream, next: next)
            }
        }
        let placed = time &+ shift
        let passed = placed &- stream.last
        if (1...Self.gap).contains(duration) {
            stream.step = duration
        } else if known != nil, (1...Self.gap).contains(passed) {
            stream.step = passed
        }
        stream.last = placed
        streams[index] = stream
        return shift
    }

    /// Of a packet whose time goes back: the input starts over, or this one is wild.
    private mutating func shiftBack(_ time: Int64, _ stream: inout Stream, next: () -> Int64?) -> Int64 {
        let newest = shifts.count - 1
        // Another stream started over already. Not all streams of a part end together: what would overlap moves all.
        let overlap = stream.end &- (time &+ shifts[newest])
        if stream.part < newest && overlap.magnitude <= Self.gap.magnitude {
            stream.part = newest
            shifts[newest] &+= max(0, overlap)
            return shifts[newest]
        }
        let goesOn = (stream.last...max(stream.last, stream.end &+ Self.gap))
        guard let following = next(), !goesOn.contains(following &+ shifts[stream.part]) else {
            return stream.end &- time
        }
        let end = streams.values.map(\.end).max() ?? stream.end
        shifts.append(end &- time)
        stream.part = shifts.count - 1
        return end &- time
    }

    /// Whether a presentation time can belong to a decode time of the stream: pictures are put in order over 16 others.
    func fits(presentation: Int64, decode: Int64, stream index: Int) -> Bool {
        let lag = presentation &- decode
        let step = streams[index]?.step ?? 0
        return lag >= -Self.gap && lag <= max(Self.gap, 20 * step)
    }
}

extension Timeline {
    private static let microseconds = Rational(1, AV_TIME_BASE)
    /// No clock counts further, some 36 years: damage.
    private static let plausible = -(Int64(1) << 50)...(Int64(1) << 50)

    /// The decode time of a packet; `nil` where it has none or an absurd one.
    static func time(of packet: Packet, in stream: UnsafeMutablePointer<AVStream>) -> Int64? {
        let av = packet.pointer.pointee
        let isAudio = stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
        return microseconds(av.dts == lk_nopts && isAudio ? av.pts : av.dts, stream)
    }

    private static func microseconds(_ ticks: Int64, _ stream: UnsafeMutablePointer<AVStream>) -> Int64? {
        guard ticks != lk_nopts else { return nil }
        let time = Rational(stream.pointee.time_base).rescale(ticks, to: microseconds)
        return plausible.contains(time) ? time : nil
    }

    /// Moves the packet's times to where they belong; takes absurd ones away.
    mutating func place(
        _ packet: Packet, of stream: UnsafeMutablePointer<AVStream>, next: () -> Int64?
    ) {
        let (av, base) = (packet.pointer, Rational(stream.pointee.time_base))
        if Self.microseconds(av.pointee.dts, stream) == nil { av.pointee.dts = lk_nopts }
        if Self.microseconds(av.pointee.pts, stream) == nil { av.pointee.pts = lk_nopts }
        let duration = base.rescale(av.pointee.duration, to: Self.microseconds)
        let shift = shift(
            Self.time(of: packet, in: stream), duration: duration, stream: packet.streamIndex, next: next)
        if let presentation = Self.microseconds(av.pointee.pts, stream),
            let decode = Self.microseconds(av.pointee.dts, stream),
            !fits(presentation: presentation, decode: decode, stream: packet.streamIndex)
        {
            av.pointee.pts = lk_nopts
        }
        let ticks = Self.microseconds.rescale(shift, to: base)
        if av.pointee.dts != lk_nopts { av.pointee.dts &+= ticks }
        if av.pointee.pts != lk_nopts { av.pointee.pts &+= ticks }
    }
}
