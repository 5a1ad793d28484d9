import CFFmpeg

/// Tells from the bytes of a coded picture whether others are built on it: the headers of the NAL units say so in H.264
/// and HEVC. Any bytes are safe; what is not understood is taken for needed.
struct ReferenceScan {
    enum Coding {
        case h264, hevc
    }

    private let coding: Coding
    /// Bytes of the length before each NAL unit; `nil` where start codes separate them.
    private let lengthSize: Int?
    /// HEVC's pictures come in layers, and those of a higher one may be built on any of a lower one.
    private var highestLayer: UInt8 = 0

    init(_ coding: Coding, lengthSize: Int?) {
        self.coding = coding
        self.lengthSize = lengthSize
    }

    /// `nil` for codings whose packets do not tell.
    init?(_ parameters: AVCodecParameters) {
        let extra = UnsafeBufferPointer(start: parameters.extradata, count: Int(max(0, parameters.extradata_size)))
        switch parameters.codec_id {
        case AV_CODEC_ID_H264:
            // MP4's configuration record begins with its version, 1; start codes begin with 0.
            self.init(.h264, lengthSize: extra.count >= 7 && extra[0] == 1 ? Int(extra[4] & 3) + 1 : nil)
        case AV_CODEC_ID_HEVC:
            // Here the version was 0 while the format was young.
            let isRecord = extra.count >= 23 && (extra[0] != 0 || extra[1] != 0 || extra[2] > 1)
            self.init(.hevc, lengthSize: isRecord ? Int(extra[21] & 3) + 1 : nil)
        default: return nil
        }
    }

    /// Whether all slices of the picture say that it is no reference.
    mutating func isDisposable(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var slices = 0
        var place = 0
        while let unit = nextUnit(in: bytes, from: &place) {
            guard unit < bytes.count else { return false }
            switch coding {
            case .h264:
                // Slices and their partitions; those of layers on top; the rest are parameters and remarks.
                guard [1, 2, 3, 4, 5, 20, 21].contains(bytes[unit] & 0x1F) else { continue }
                guard bytes[unit] & 0x60 == 0 else { return false }
            case .hevc:
                let type = bytes[unit] >> 1 & 0x3F
                guard type < 32 else { continue }
                guard unit + 1 < bytes.count else { return false }
                let layer = bytes[unit + 1] & 7
                highestLayer = max(highestLayer, layer)
                guard type < 16, type % 2 == 0, layer > 0, layer >= highestLayer else { return false }
            }
            slices += 1
        }
        return slices > 0 && place == bytes.count
    }

    /// Where the next NAL unit begins; `place` goes on behind its start (start codes) or end (lengths).
    private func nextUnit(in bytes: UnsafeBufferPointer<UInt8>, from place: inout Int) -> Int? {
        guard let lengthSize else { return nextStart(in: bytes, from: &place) }
        while place + lengthSize <= bytes.count {
            let length = bytes[place..<place + lengthSize].reduce(0) { $0 << 8 | Int($1) }
            let unit = place + lengthSize
            // A length beyond the end: damage, which leaves `place` short of it.
            guard length <= bytes.count - unit else { return nil }
            place = unit + length
            if length > 0 { return unit }
        }
        return nil
    }

    private func nextStart(in bytes: UnsafeBufferPointer<UInt8>, from place: inout Int) -> Int? {
        var index = place + 2
        while index < bytes.count {
            if bytes[index] > 1 {
                index += 3
            } else if bytes[index] == 1 && bytes[index - 1] == 0 && bytes[index - 2] == 0 {
                place = index + 1
                return index + 1
            } else {
                index += 1
            }
        }
        place = bytes.count
        return nil
    }
}
