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
        /// For pictures that come as they happen, without sound: the file can be played whenever it is cut off, as by
        /// SIGKILL, and then lacks the newest second of pictures at most and one picture before that. Coding takes one
        /// core and holds no picture back. Matroska, MP4 and MOV only.
        public var live = false
        /// When the first picture was taken; `nil`: as the source says.
        public var creationTime: Date?

        public init(codec: String? = nil, quality: Int? = nil) {
            self.codec = codec
            self.quality = quality
        }
    }

    private let canvases: CanvasMaker
    private let encoder: VideoEncoder
    private let muxer: Muxer
    /// What is taken off every audio timestamp, so that the copy starts at zero, in microseconds.
    private let startTime: Int64
    /// The same for the video's, in the encoder's time base.
    private let videoStart: Int64
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

    private init(
        _ muxer: Muxer, container: Container, codec: VideoCodec, source: SourceInfo, first: Frame, options: Options,
        subject: String
    ) throws(MediaError) {
        self.muxer = muxer
        canvases = try CanvasMaker(like: first, format: codec.format)
        encoder = try VideoEncoder(
            codec: codec, quality: options.quality, live: options.live, canvases: canvases, first: first,
            frameRate: source.frameRate, globalHeader: container.wantsGlobalHeader,
            countsFrames: container.countsFrames, subject: subject)
        // Rescaling to a coarser unit may let two frames fall together: then the later one comes a unit later.
        clock = FrameClock(nominalDuration: encoder.timeBase)
        startTime = source.startTime
        videoStart =
            options.live
            ? first.timeBase.rescale(first.timestamp, to: encoder.timeBase)
            : Rational(1, AV_TIME_BASE).rescale(startTime, to: encoder.timeBase)
        video = try muxer.addVideo(encoder, frameRate: source.frameRate)
        var (copied, refused): ([Int: CopiedStream], [String]) = ([:], [])
        for stream in options.live ? [] : source.audio {
            if let copy = try muxer.addCopy(of: stream) {
                copied[stream.index] = CopiedStream(from: stream.timeBase, stream: copy)
            } else {
                refused.append(String(cString: avcodec_get_name(stream.parameters.pointee.codec_id)) + " audio")
            }
        }
        (audio, notCopied) = (copied, refused)
        muxer.copyMetadata(from: source, creationTime: options.creationTime)
        try muxer.writeHeader()
    }

    /// - Parameters:
    ///   - path: the file to create (truncated if there), or `-`.
    ///   - container: a name whose extension says the container, for when `path` has another; `-`: Matroska.
    ///   - first: the first frame to be written; it fixes size and format.
    public convenience init(
        path: String, container: String, source: SourceInfo, first: Frame, options: Options
    ) throws(MediaError) {
        let format = try Container(named: container)
        let codec = try format.codec(named: options.codec)
        let muxer = try Muxer(path: path, container: format, live: options.live, subject: container)
        try self.init(
            muxer, container: format, codec: codec, source: source, first: first, options: options, subject: container)
    }

    /// Sends Matroska through a pipe or socket, as a live writer. A reader has a picture as soon as `flush` returns.
    ///
    /// Blocks while the reader takes nothing.
    ///
    /// - Parameter descriptor: the writing end; stays open, and must not be closed before the writer is let go of.
    public convenience init(
        descriptor: Int32, source: SourceInfo, first: Frame, options: Options
    ) throws(MediaError) {
        let format = try Container(named: "-")
        let codec = try format.codec(named: options.codec)
        var options = options
        options.live = true
        let muxer = try Muxer(descriptor: descriptor, container: format, subject: source.name)
        try self.init(
            muxer, container: format, codec: codec, source: source, first: first, options: options,
            subject: source.name)
    }

    /// Publishes to an RTSP server, over TCP, as a live writer: connects before it returns.
    ///
    /// Blocks for ten seconds at most to connect and five to write a frame or the end (and as long as the system takes
    /// to find a name's address); then it throws, and what is left is to let go of the writer.
    ///
    /// - Parameters:
    ///   - url: `rtsp://` or `rtsps://`.
    ///   - interrupt: ends whatever blocks.
    public convenience init(
        publishingTo url: String, credentials: Credentials?, source: SourceInfo, first: Frame,
        options: Options, interrupt: Interrupt
    ) throws(MediaError) {
        try self.init(
            publishingTo: url, credentials: credentials, source: source, first: first, options: options,
            limits: Muxer.Limits(connect: 10, write: 5), interrupt: interrupt)
    }

    convenience init(
        publishingTo url: String, credentials: Credentials?, source: SourceInfo, first: Frame,
        options: Options, limits: Muxer.Limits, interrupt: Interrupt
    ) throws(MediaError) {
        let (format, subject) = (try Container(publishingTo: url), redacted(url))
        let codec = try format.codec(named: options.codec)
        var options = options
        options.live = true
        let muxer = try Muxer(
            publishingTo: try credentials?.inserted(into: url) ?? url, container: format, subject: subject,
            limits: limits, interrupt: interrupt)
        try self.init(
            muxer, container: format, codec: codec, source: source, first: first, options: options, subject: subject)
    }

    /// A copy of a decoded frame to draw on and then to `write`.
    ///
    /// - Parameter isDrawn: `false`: it is only written; the frame's own pixels then serve where they can be coded as
    ///   they are.
    public func canvas(for frame: Frame, isDrawn: Bool = true) throws(MediaError) -> Frame {
        try canvases.canvas(for: frame, isDrawn: isDrawn)
    }

    /// Where the picture lies in the canvas made last to draw on.
    public var placement: PicturePlacement { canvases.placement }

    public func write(_ canvas: Frame) throws(MediaError) {
        let own = canvas.timeBase.rescale(canvas.timestamp, to: encoder.timeBase) &- videoStart
        try writeAll(encoder.encode(canvas, timestamp: clock.next(own, timeBase: encoder.timeBase)))
    }

    /// Copies an audio packet; one of a stream that the container cannot hold is passed over.
    public func write(_ packet: Packet) throws(MediaError) {
        guard let copy = audio[packet.streamIndex] else { return }
        let offset = Rational(1, AV_TIME_BASE).rescale(startTime, to: copy.from)
        try muxer.write(packet, shiftedBy: 0 &- offset, from: copy.from, to: copy.stream)
    }

    /// Frames of a live writer that are in the file, or sent, whatever happens to the process.
    public var storedFrames: Int { muxer.stored }

    /// Whether `flush` can do anything.
    public var flushesEarly: Bool { muxer.flushesEarly }

    /// Puts into the file what a live writer still holds of the newest second, as when no frame follows soon. MP4 and MOV
    /// cannot do that before the next frame.
    public func flush() throws(MediaError) { try muxer.flush() }

    /// Writes what the encoder still holds and the container's end. Call once; without it the file is unfinished.
    public func finish() throws(MediaError) {
        try writeAll(encoder.encode(nil))
        try muxer.finish()
    }

    private func writeAll(_ packets: [Packet]) throws(MediaError) {
        for packet in packets { try muxer.write(packet, shiftedBy: 0, from: encoder.timeBase, to: video) }
    }
}
