import Darknet
import Detection
import Foundation
import Media

/// Where a recording's results go. Shared by the recordings of one call.
public struct RecordingSinks {
    /// `nil`: no event log.
    public var log: EventLog?
    /// `nil`: no video.
    public var video: OutputFile?
    public var videoOptions = VideoWriter.Options()
    /// Told after each frame.
    public var progress: Progress?
    /// Told what the user should know and nothing fails for.
    public var warn: @Sendable (String) -> Void

    /// Frames done, and how many there should be.
    public typealias Progress = @Sendable (_ done: Int, _ expected: Int?) -> Void

    public init(log: EventLog?, video: OutputFile?, warn: @escaping @Sendable (String) -> Void) {
        self.log = log
        self.video = video
        self.warn = warn
    }
}

/// The last stage of a recording: logs, draws, codes and counts. One thread at a time.
final class RecordingOutput {
    private let source: SourceInfo
    private let options: Recording.Options
    private let sinks: RecordingSinks
    private let clock: StageClock
    private let names: [String]
    private let detector: Detector
    private let overlay: Overlay
    private let firstTime: Date?
    private var writer: VideoWriter?
    /// Audio from before the first frame, which the writer waits for.
    private var earlyAudio: [Packet] = []
    private var warnings: [String] = []
    /// What is wrong with the input, though it could be read.
    private var findings: [String] = []
    private static let earlyAudioLimit = 20_000
    private var firstPTS: Double?
    private var lastPTS = 0.0
    private var analysed = 0
    private var counts: [Int: Int] = [:]

    init(
        source: SourceInfo, detector: Detector, options: Recording.Options, sinks: RecordingSinks, clock: StageClock
    ) {
        self.source = source
        self.detector = detector
        self.options = options
        self.sinks = sinks
        self.clock = clock
        names = detector.network.names.names
        overlay = Overlay(names: names)
        firstTime = options.startTime ?? source.creationTime
    }

    func write(_ packet: Packet) throws {
        if let writer {
            try clock.measure(.encode) { try writer.write(packet) }
        } else if sinks.video != nil && earlyAudio.count < Self.earlyAudioLimit {
            earlyAudio.append(packet)
            if earlyAudio.count == Self.earlyAudioLimit {
                warn("\(source.name): too much audio before the first picture; what follows is left out")
            }
        }
    }

    func write(_ frame: Frame, detections: [Detection], decodedAt: ContinuousClock.Instant) throws {
        if analysed == 0 {
            firstPTS = frame.seconds
            try logStart(frame)
        }
        let named = detections.map { NamedDetection($0, names: names) }
        for detection in detections { counts[detection.classID, default: 0] += 1 }
        try clock.measure(.log) {
            try sinks.log?.write(
                .frame(
                    FrameRecord(
                        stamp: stamp(at: frame.seconds), frame: frame.index, pts: frame.seconds, width: frame.width,
                        height: frame.height, isCorrupt: frame.isTainted, dropped: 0,
                        latency: ContinuousClock.now - decodedAt,
                        input: InputShape(width: detector.width, height: detector.height), detections: named)))
        }
        analysed += 1
        lastPTS = frame.seconds
        try writeVideo(frame, named)
        sinks.progress?(analysed, source.expectedFrames)
    }

    private func writeVideo(_ frame: Frame, _ detections: [NamedDetection]) throws {
        guard let writer = try writer ?? makeWriter(first: frame) else { return }
        let canvas = try clock.measure(.draw) {
            let canvas = try writer.canvas(for: frame, isDrawn: !detections.isEmpty)
            overlay.draw(detections, into: canvas, at: writer.placement)
            return canvas
        }
        try clock.measure(.encode) { try writer.write(canvas) }
    }

    private func makeWriter(first: Frame) throws -> VideoWriter? {
        guard let file = sinks.video else { return nil }
        let made = try VideoWriter(
            path: file.writingPath, container: file.path, source: source, first: first, options: sinks.videoOptions)
        for name in made.notCopied {
            warn("\(file.path): the container cannot hold the \(name); it is left out (.mkv holds any)")
        }
        for packet in earlyAudio { try made.write(packet) }
        earlyAudio = []
        writer = made
        return made
    }

    private func logStart(_ frame: Frame) throws {
        try sinks.log?.write(
            .streamUp(
                StreamUp(
                    stamp: stamp(at: frame.seconds), source: options.sourceName ?? source.name, codec: source.codecName,
                    width: frame.width, height: frame.height, framesPerSecond: source.frameRate?.value,
                    network: detector.network.config.name, inputWidth: detector.width, inputHeight: detector.height,
                    threshold: Double(detector.options.threshold))))
    }

    private func stamp(at seconds: Double) -> EventStamp {
        EventStamp(
            stream: options.stream, time: firstTime.map { $0 + (seconds - (firstPTS ?? seconds)) }, timeSource: .file)
    }

    /// Ends the outputs, whatever ended the run, and tells what became of it. Throws `failure` when that is done.
    ///
    /// - Parameters:
    ///   - input: what was read, with its counts.
    ///   - leftOut: warnings of pictures that are no sound ones, given already.
    func finish(
        reason: StreamEnd.Reason, failure: (any Error)?, input: VideoSource, leftOut: [String], decoded: Int,
        elapsed: Duration
    ) throws -> RecordingSummary {
        var (reason, failure) = (reason, failure)
        do {
            if let writer { try clock.measure(.encode) { try writer.finish() } }
        } catch {
            (reason, failure) = (.error, failure ?? error)
        }
        if reason == .end {
            if !leftOut.isEmpty {
                failure = MediaError(
                    .badData, source.name,
                    "\(leftOut.count) of \(leftOut.count + decoded) pictures could not be read and are left out")
            } else if decoded == 0 {
                failure = MediaError(
                    .badData, source.name,
                    "holds no picture that can be decoded (\(input.decodeErrors) damaged packets or pictures)")
            }
            if failure != nil { reason = .error }
        }
        if reason == .end, let cutShort = cutShort(decoded: decoded) { note(cutShort) }
        if analysed > 0, let damage = input.damage { note(damage) }
        if analysed > 0, !(failure is OutputError) {
            let told = findings.isEmpty ? nil : findings.joined(separator: "; ")
            try sinks.log?.write(
                .streamEnd(
                    StreamEnd(
                        stamp: EventStamp(stream: options.stream, time: nil, timeSource: .file), reason: reason,
                        message: failure.map { "\($0)" } ?? told, decoded: decoded, analysed: analysed,
                        decodeErrors: input.decodeErrors, seconds: elapsed.seconds)))
        }
        let summary = RecordingSummary(
            frames: decoded, analysed: analysed, decodeErrors: input.decodeErrors, corrupt: input.corruptFrames,
            reason: reason, elapsed: elapsed, stages: clock.totals, warnings: leftOut + warnings,
            // Classes may share a name.
            detections: Dictionary(
                counts.map { (NamedDetection.name($0.key, in: names), $0.value) }, uniquingKeysWith: +))
        // A read error ends a truncated file: what was read of it is a result, but not a whole one.
        guard reason == .end, let video = sinks.video, writer != nil else {
            if let failure { throw RecordingFailure(summary: summary, underlying: failure) }
            return summary
        }
        try video.commit()
        return summary
    }

    /// Warns of what is wrong with the input; the log's last record tells it too.
    func note(_ finding: String) {
        findings.append(finding)
        warn("\(source.name): \(finding)")
    }

    private func warn(_ message: String) {
        warnings.append(message)
        sinks.warn(message)
    }

    private func cutShort(decoded: Int) -> String? {
        if let indexed = source.indexedFrames, decoded < indexed {
            return "\(decoded) frames of the \(indexed) that its index lists; the file is cut short or damaged"
        }
        guard let toldEnd = source.toldEnd, let firstPTS else { return nil }
        // The last picture is seen for a while; of seldom ones, for long.
        let slack = max(1, 2 * (lastPTS - firstPTS) / Double(max(1, analysed - 1)))
        guard toldEnd - lastPTS > slack else { return nil }
        return String(
            format:
                "its pictures end after %.1f s of the %.1f s that its header tells; the file is cut short or damaged,"
                + " or its sound is longer", lastPTS, toldEnd)
    }
}
