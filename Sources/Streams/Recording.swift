import Detection
import Foundation
import Media
import Pipeline
import Synchronization

/// One recording processed: every frame is decoded, analysed, logged and, if asked for, drawn and coded again. Nothing
/// is dropped; each stage runs on a thread of its own and waits for the others through bounded queues:
///
///     decode -> resize -> infer (one thread a detector) -> output (log, draw, encode)
///
/// Frames are inferred side by side, each on one core, and put back in order: that needs no waiting of the cores for
/// each other within a layer. Audio packets travel with the frames, so that the copy keeps their order.
///
/// `@unchecked Sendable`: the stages share this object, but `source`, `preprocessor`, each of `detectors` and `output` is
/// used by one stage only, and the rest is immutable or Sendable.
public final class Recording: @unchecked Sendable {
    public struct Options: Sendable {
        /// The stream's name in records.
        public var stream: String
        /// What the records call the source; `nil`: its address.
        public var sourceName: String?
        public var source = Demuxer.Options()
        public var resize = ResizeMode.letterbox
        /// Capture time of the first frame; `nil`: the file's creation time, where it has one.
        public var startTime: Date?

        public init(stream: String) { self.stream = stream }
    }

    /// A frame on its way, with the audio packets that came before it.
    private struct Work: Sendable {
        /// Counts from 0 in the order of the input.
        let position: Int
        var frame: Frame?
        var audio: [Packet]
        let decoded = ContinuousClock.now
        var input: InputImage?
        var detections: [Detection] = []
    }

    private let source: VideoSource
    private let preprocessor: Preprocessor
    private let detectors: [Detector]
    private let output: RecordingOutput
    private let clock = StageClock()
    private let stop: StopSignal
    /// Ends a read that blocks, when a later stage has failed.
    private let interrupt: Interrupt
    private let framesDecoded = Atomic(0)
    /// Pictures of a pattern that are no sound ones, in words.
    private let leftOut: Locked<[String]>

    // Deep enough to even out the stages, shallow enough for 4K frames.
    private let decoded = BoundedQueue<Work>(capacity: 4)
    private let prepared = BoundedQueue<Work>(capacity: 2)
    private let analysed: OrderedQueue<Work>
    /// Inputs not in use.
    private let inputs: BoundedQueue<InputImage>
    /// Why the input broke off, if it did. What was decoded until then still goes its way.
    private let readFailure = Locked<(any Error)?>(nil)
    /// Audio packets between two frames beyond which they go ahead without one.
    private static let audioBatch = 256

    /// Opens the input.
    ///
    /// - Parameters:
    ///   - input: see `VideoSource`.
    ///   - detectors: lends detectors for this recording's size while it lasts.
    public init(
        _ input: String, options: Options, detectors: DetectorPool, sinks: RecordingSinks, stop: StopSignal
    ) throws {
        interrupt = Interrupt()
        stop.attach(interrupt)
        self.stop = stop
        let (leftOut, warn) = (Locked<[String]>([]), sinks.warn)
        self.leftOut = leftOut
        source = try VideoSource(input, options: options.source, interrupt: interrupt) { problem in
            let message = "\(problem); left out"
            leftOut.withLock { $0.append(message) }
            warn(message)
        }
        self.detectors = try detectors.detectors(aspect: source.displayAspect)
        let detector = self.detectors[0]
        preprocessor = Preprocessor(mode: options.resize)
        output = RecordingOutput(source: source.info, detector: detector, options: options, sinks: sinks, clock: clock)
        analysed = OrderedQueue(capacity: self.detectors.count + 2, producers: self.detectors.count)
        // One in each detector, those that wait for one, and the one being filled.
        inputs = BoundedQueue(capacity: self.detectors.count + prepared.capacity + 1)
        for _ in 0..<inputs.capacity { _ = inputs.push(detector.makeInput()) }
    }

    /// Runs to the end of the input, to the stop signal, or to the first error. The log then ends on a whole record and
    /// the video is playable, whatever the end was.
    public func run() throws -> RecordingSummary {
        let begin = ContinuousClock.now
        if let gap = source.gap { output.note(gap) }
        let stages = StageGroup { [self] in cancelStages() }
        stages.start("decode") { [self] in decodeStage() }
        stages.start("resize") { [self] in try resizeStage() }
        for detector in detectors.indices {
            stages.start("infer-\(detector)") { [self] in try inferStage(detectors[detector]) }
        }
        stages.start("output") { [self] in try outputStage() }
        var failure: (any Error)?
        do { try stages.wait() } catch { failure = error }
        failure = failure ?? readFailure.withLock { $0 }
        let interrupted = stop.isRequested
        let isInterruption = interrupted && (failure as? MediaError)?.kind == .interrupted
        return try output.finish(
            reason: interrupted ? .interrupted : failure == nil ? .end : .error,
            failure: isInterruption ? nil : failure, input: source, leftOut: leftOut.withLock { $0 },
            decoded: framesDecoded.load(ordering: .relaxed), elapsed: ContinuousClock.now - begin)
    }

    /// After a failure. The read that this may interrupt fails too, but later: the first error is the one told.
    private func cancelStages() {
        interrupt.cancel()
        decoded.cancel()
        prepared.cancel()
        analysed.cancel()
        inputs.cancel()
    }

    // MARK: Stages

    private func decodeStage() {
        defer { decoded.finish() }
        var (position, audio): (Int, [Packet]) = (0, [])
        do {
            while !stop.isRequested, let item = try clock.measure(.decode, { try source.next() }) {
                var frame: Frame?
                switch item {
                case .audio(let packet): audio.append(packet)
                case .frame(let decoded):
                    frame = decoded
                    framesDecoded.add(1, ordering: .relaxed)
                }
                guard frame != nil || audio.count == Self.audioBatch else { continue }
                guard decoded.push(Work(position: position, frame: frame, audio: audio)) else { return }
                (position, audio) = (position + 1, [])
            }
        } catch {
            readFailure.withLock { $0 = error }
        }
        if !audio.isEmpty { _ = decoded.push(Work(position: position, audio: audio)) }
    }

    private func resizeStage() throws {
        defer { prepared.finish() }
        while var work = decoded.pop() {
            if let frame = work.frame {
                guard let input = inputs.pop() else { return }
                try clock.measure(.resize) { try preprocessor.prepare(frame, into: input) }
                work.input = input
            }
            guard prepared.push(work) else { return }
        }
    }

    private func inferStage(_ detector: Detector) throws {
        defer { analysed.finish() }
        while var work = prepared.pop() {
            if let input = work.input {
                work.detections = try clock.measure(.infer) { try detector.detect(input) }
                work.input = nil
                _ = inputs.push(input)
            }
            guard analysed.push(work, at: work.position) else { return }
        }
    }

    private func outputStage() throws {
        while let work = analysed.pop() {
            for packet in work.audio { try output.write(packet) }
            if let frame = work.frame {
                try output.write(frame, detections: work.detections, decodedAt: work.decoded)
            }
        }
    }
}
