import CFFmpeg
import Foundation

/// Writes an annotated copy of an input: codes the canvases it hands out, copies the audio packets, keeps timing, frame
/// count and aspect. The only owner of its muxer. Not thread safe.
public final class VideoWriter {
    public struct Options: Sendable {
        /// See `VideoCodec`; `nil`: H.264, or what the container asks for (VP9 in WebM).
        public var codec: String?
        /// See `VideoCodec.apply`; `nil`: a good one.
        public var quality: Int?

        public init(codec: String? = nil, quality: Int? = nil) {
            self.codec = codec
            self.quality = quality
        }
    }

    private let subject: String
    private let canvases: CanvasMaker
    private let encoder: VideoEncoder
    private let muxer: Muxer
    /// What is taken off every timestamp, so that the copy starts at zero, in microseconds.
    private let startTime: Int64
    private let audio: [Int: CopiedStream]
    private let video: UnsafeMutablePointer<AVStream>
    private var clock: FrameClock
    /// Audio that the container cannot hold, in words; empty where all is kept.
    public let notCopied: [String]

    /// An audio stream of the input and its copy.
    private struct CopiedStream {
        let from: Rational
        let stream: UnsafeMutablePointer<AVStream>
    }

    /// - Parameters:
    ///   - path: the file to create (truncated if there), or `-`.
    ///   - container: a name whose extension says the container, for when `path` has another; `-`: Matroska.
    ///   - first: the first frame to be written; it fixes size and format.
    public init(
        path: String, container: String, source: SourceInfo, first: Frame, options: Options
    ) throws(MediaError) {
        subject = container
        let format = try Container(named: container)
        let codec = try format.codec(named: options.codec)
        muxer = try Muxer(path: path, container: format, subject: container)
        canvases = try CanvasMaker(like: first, format: codec.format)
        encoder = try VideoEncoder(
            codec: codec, quality: options.quality, canvases: canvases, first: first, frameRate: source.frameRate,
            globalHeader: format.wantsGlobalHeader, countsFrames: format.countsFrames, subject: container)
        // Rescaling to a coarser unit may let two frames fall together: then the later one comes a unit later.
        clock = FrameClock(nominalDuration: encoder.timeBase)
        startTime = source.startTime
        video = try muxer.addVideo(encoder, frameRate: source.frameRate)
        var (copied, refused): ([Int: CopiedStream], [String]) = ([:], [])
        for stream in source.audio {
            if let copy = try muxer.addCopy(of: stream) {
                copied[stream.index] = CopiedStream(from: stream.timeBase, stream: copy)
            } else {
                refused.append(String(cString: avcodec_get_name(stream.parameters.pointee.codec_id)) + " audio")
            }
        }
        (audio, notCopied) = (copied, refused)
        muxer.copyMetadata(from: source)
        try muxer.writeHeader()
    }

    /// A copy of a decoded frame to draw on and then to `write`.
    public func canvas(for frame: Frame) throws(MediaError) -> Frame { try canvases.canvas(for: frame) }

    /// Where the picture lies in the canvas made last.
    public var placement: PicturePlacement { canvases.placement }

    public func write(_ canvas: Frame) throws(MediaError) {
        let offset = Rational(1, AV_TIME_BASE).rescale(startTime, to: encoder.timeBase)
        let own = canvas.timeBase.rescale(canvas.timestamp, to: encoder.timeBase) &- offset
        try writeAll(encoder.encode(canvas, timestamp: clock.next(own, timeBase: encoder.timeBase)))
    }

    /// Copies an audio packet; one of a stream that the container cannot hold is passed over.
    public func write(_ packet: Packet) throws(MediaError) {
        guard let copy = audio[packet.streamIndex] else { return }
        let offset = Rational(1, AV_TIME_BASE).rescale(startTime, to: copy.from)
        try muxer.write(packet, shiftedBy: 0 &- offset, from: copy.from, to: copy.stream)
    }

    /// Writes what the encoder still holds and the container's end. Call once; without it the file is unfinished.
    public func finish() throws(MediaError) {
        try writeAll(encoder.encode(nil))
        try muxer.finish()
    }

    private func writeAll(_ packets: [Packet]) throws(MediaError) {
        for packet in packets { try muxer.write(packet, shiftedBy: 0, from: encoder.timeBase, to: video) }
    }
}
