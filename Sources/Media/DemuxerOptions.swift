import CFFmpeg
import Foundation

extension Demuxer {
    /// How RTSP carries its packets.
    public enum Transport: String, Hashable, Sendable, CaseIterable {
        case tcp, udp
    }

    /// What a caller may ask of an input.
    public struct Options: Sendable {
        /// Frames a second of an image sequence or a camera of this machine (theirs where not given).
        public var frameRate: Rational?
        /// Seconds without an answer after which a network input is given up, opening and reading alike.
        public var networkTimeout = 10.0
        /// Seconds to connect and to find the video in what arrives; `nil`: `networkTimeout` for each.
        public var connectTimeout: Double?
        /// Seconds without a packet after which reading is given up; `nil`: `networkTimeout`.
        public var stallTimeout: Double?
        public var transport = Transport.tcp
        /// Take the place of those in the URL.
        public var credentials: Credentials?
        /// The newest picture soon matters more than every picture: short probing, no pictures held back for speed.
        public var isLive = false
        /// Hand out audio packets too.
        public var wantsAudio = false

        public init() {}
    }
}

extension Demuxer.Options {
    /// What libav is told beside the address, by its own names.
    func libavOptions(for address: InputAddress) -> [String: String] {
        var options = address.options
        let isRTSP = address.url.hasPrefix("rtsp")
        // rtsps is TLS, which is TCP.
        let isUDP = isRTSP && transport == .udp && !address.url.hasPrefix("rtsps")
        if isRTSP { options["rtsp_transport"] = isUDP ? "udp" : "tcp" }
        guard isLive else { return options }
        // Microseconds. A stream that does not tell its size at once, or its sound never, is opened all the same.
        options["analyzeduration"] = "1000000"
        // No pictures are read just to measure their rate.
        options["fpsprobesize"] = "0"
        // Packets out of order are waited for so long.
        if isUDP { options["max_delay"] = "300000" }
        // Sound that nobody asked for is not even sent; its losses would look like the video's.
        if isRTSP && !wantsAudio { options["allowed_media_types"] = "video" }
        return options
    }
}
