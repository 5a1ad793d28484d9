import CPlatform
import Darknet
import Detection
import Foundation
import Logging
import Media
import Pipeline

/// One stream of the service: connects to its source, again and again, until it is stopped. The way of a frame:
///
///     Demuxer -> PacketQueue -> PictureDecoder -> FrameIntake -> InferenceEngine -> LiveOutput -> EventFile
///                                                     `-> LiveVideo, Preview
///
/// Threads: reading and retrying (`r:NAME`), decoding (`d:NAME`, while connected), output (`o:NAME`), video.
public final class LiveStream: Sendable {
    /// What the streams of a service share.
    public struct Surroundings: Sendable {
        public var engine: InferenceEngine
        public var events: EventFiles
        public var board: Board
        /// Of what must never stand still.
        public var heartbeats: Heartbeats
        /// Of what a disk or a reader can hold up, and a restart would not help.
        public var outputBeats: Heartbeats
        public var logger: Logger

        public init(
            engine: InferenceEngine, events: EventFiles, board: Board, heartbeats: Heartbeats,
            outputBeats: Heartbeats, logger: Logger
        ) {
            self.outputBeats = outputBeats
            self.engine = engine
            self.events = events
            self.board = board
            self.heartbeats = heartbeats
            self.logger = logger
        }
    }

    /// Frames a second that a source is taken to send which does not tell.
    static let ordinaryRate = 15.0
    /// And that is believed: a wrong rate must not buy a larger share of the network.
    static let highestRate = 30.0
    /// Seconds after which a connection counts as one that works: then the next failure is retried soon again.
    private static let steady = 5.0

    public let settings: StreamSettings
    let parts: Parts
    private let board: Board
    private let heartbeats: Heartbeats
    private let threads = Locked<[StageThread]>([])

    /// - Parameter network: as `settings.analysis.network` names it, loaded.
    public init(_ settings: StreamSettings, network: LoadedNetwork, in surroundings: Surroundings) throws {
        var named = surroundings.logger
        named[metadataKey: "stream"] = "\(settings.name)"
        let logger = named
        self.settings = settings
        board = surroundings.board
        heartbeats = surroundings.heartbeats
        let status = StreamStatus(name: settings.name, source: redacted(settings.source.url))
        let names = network.names.names
        let filter = AnalysisFilter(settings.analysis, names: names)
        let newest = NewestDetections()
        let parts = Parts(
            settings: settings, status: status, engine: surroundings.engine,
            slot: FrameSlot(
                network: network, sizes: settings.analysis.sizes, resize: settings.analysis.resize,
                options: filter.options),
            events: settings.events.map { surroundings.events.file($0) },
            video: try settings.video.map { video in
                try LiveVideo(
                    video, stream: settings.name, names: names, newest: newest,
                    update: { sink in status.update { $0.set(sink) } },
                    log: { level, message in logger.log(level: level, "\(message)") })
            },
            preview: settings.preview ? Preview(names: names) : nil, feed: surroundings.board.feed, newest: newest,
            logger: logger)
        self.parts = parts
        let beat = surroundings.outputBeats.make("o:" + settings.name)
        parts.engine.add(parts.slot, weight: settings.analysis.mostFramesPerSecond ?? Self.ordinaryRate)
        board.add(Board.Entry(status: status, preview: parts.preview))
        do {
            try start("o:") { LiveOutput(parts, filter: filter, heartbeat: beat).run() }
            try start("r:") { [self] in run() }
        } catch {
            stop()
            _ = parts.engine.close(parts.slot)
            parts.video?.close()
            wait()
            throw error
        }
    }

    private func start(_ prefix: String, _ body: @escaping @Sendable () -> Void) throws {
        let thread = try StageThread(prefix + settings.name, body: body)
        threads.withLock { $0.append(thread) }
    }

    /// Asks the stream to end; returns at once.
    public func stop() { parts.stop.request() }

    /// Waits for its end: every record written, the video finished.
    public func wait() {
        let threads = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in threads.reversed() { thread.join() }
        board.remove(parts.status)
    }

    // MARK: The reading thread

    private func run() {
        var backoff = Backoff(longest: settings.source.longestRetry)
        var generator = SystemRandomNumberGenerator()
        var report = FailureReport(logger: parts.logger)
        let intake = FrameIntake(parts)
        var continues = false
        while !parts.stop.isRequested {
            let attempt = attempt(intake, continuing: continues)
            if parts.stop.isRequested { break }
            if attempt.hadPictures && attempt.lasted > Self.steady {
                backoff.reset()
                report.recovered()
            }
            if let failure = attempt.failure, attempt.isRecording, attempt.hadPictures {
                // From the start again, it would fail at the same place again.
                end(because: failure)
                break
            } else if let failure = attempt.failure {
                continues = false
                let pause = backoff.pause(using: &generator)
                let isNewReason = report.failed(failure, retryIn: pause)
                // What was up and is down is always worth a record.
                goDown(failure, retryIn: pause, isNews: isNewReason || attempt.hadPictures)
                if !parts.stop.cancellation.pause(seconds: pause) { break }
            } else if settings.source.loops {
                continues = true
            } else {
                end(because: nil)
                break
            }
        }
        count(parts.engine.withdraw(parts.slot))
        count(parts.engine.close(parts.slot))
        parts.video?.close()
    }

    private func end(because failure: MediaError?) {
        parts.status.update { status in
            (status.state, status.since) = (.ended, Date())
            status.endMessage = failure.map { "\($0)" }
        }
        if let failure {
            parts.logger.error("\(failure); it is not played any further")
        } else {
            parts.logger.info("has come to its end")
        }
    }

    /// How one connection went.
    private struct Attempt {
        /// `nil`: the source came to its end.
        var failure: MediaError?
        var hadPictures = false
        var isRecording = false
        /// Seconds with a connection.
        var lasted = 0.0
    }

    private func attempt(_ intake: FrameIntake, continuing: Bool) -> Attempt {
        let interrupt = Interrupt()
        parts.stop.attach(interrupt)
        var result = Attempt()
        do {
            let connection = try LiveConnection(
                parts, intake: intake, interrupt: interrupt, heartbeat: heartbeats.make("d:" + settings.name))
            let start = ContinuousClock.now
            result.isRecording = connection.kind == .recording
            defer { (result.hadPictures, result.lasted) = (connection.hadPictures, (.now - start).seconds) }
            try connection.run(continuing: continuing)
            // What has no end of its own must not have one; and a file without a picture is not to be read over and over.
            if !connection.hasEnd {
                throw MediaError(
                    .unavailable, settings.source.url, "the source closed the connection", reason: .ended)
            }
            if !connection.hadPictures {
                throw MediaError(.badData, settings.source.url, "holds no picture that can be decoded")
            }
        } catch {
            result.failure = error as? MediaError ?? MediaError(.system, settings.source.url, "\(error)")
        }
        settle()
        // A connection's buffers are the largest part of the memory that comes and goes.
        if result.hadPictures { lk_trim_heaps() }
        if !(settings.source.loops && result.failure == nil) {
            if result.hadPictures { parts.post(.disconnected) }
            parts.video?.discontinuity()
        }
        return result
    }

    /// The last frame of a connection gets a moment to be taken; then it must not be mixed with what follows.
    private func settle() {
        if !parts.stop.isRequested { parts.engine.awaitTaken(parts.slot, seconds: 1) }
        count(parts.engine.withdraw(parts.slot))
    }

    private func count(_ withdrawn: LiveFrame?) {
        guard withdrawn != nil else { return }
        parts.status.update { $0.frames.dropped[.stopped, default: 0] += 1 }
    }

    /// - Parameter isNews: it was not down before, or for another reason: only that is worth a record.
    private func goDown(_ failure: MediaError, retryIn pause: Double, isNews: Bool) {
        let (reason, now) = (failure.reason, Date())
        parts.status.update { status in
            if case .down = status.state {} else { status.since = now }
            status.state = .down(reason: reason, message: "\(failure)", retryAt: now + pause)
        }
        guard isNews else { return }
        let stamp = EventStamp(stream: settings.name, time: now, timeSource: .arrival)
        parts.post(
            .down(
                StreamDown(
                    stamp: stamp, reason: StreamDown.Reason(rawValue: reason) ?? .error, message: "\(failure)")))
    }
}
