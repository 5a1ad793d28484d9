import Darknet
import Detection
import Foundation
import Logging
import Media

/// What happens to each decoded frame of a live stream: it is counted, gets its time, is shown, and waits for the network
/// or is dropped for a reason. Outlives connections; used by one decoding thread at a time.
final class FrameIntake {
    private let stream: LiveStream.Parts
    private let logger: Logger
    private var clock = CaptureClock()
    private var rate: RateLimit?
    private var decoded = 0
    private var lastArrival: ContinuousClock.Instant?
    /// What the connection told of itself.
    private var source: SourceInfo?
    private var awaitsFirstFrame = false
    private var hasWarnedOfClock = false

    init(_ stream: LiveStream.Parts, logger: Logger) {
        self.stream = stream
        self.logger = logger
        rate = stream.settings.analysis.mostFramesPerSecond.map { RateLimit(framesPerSecond: $0) }
    }

    /// A connection was made; its frames follow.
    ///
    /// - Parameter continuing: a recording that starts again: nothing came up, and nothing was missed.
    func connected(to source: SourceInfo, continuing: Bool) {
        self.source = source
        awaitsFirstFrame = !continuing
        clock.reconnected()
        hasWarnedOfClock = false
    }

    func take(_ frame: Frame) {
        let arrival = frame.arrival ?? .now
        let arrived = Date(timeIntervalSinceNow: -(ContinuousClock.now - arrival).seconds)
        let captured = clock.time(reported: frame.producerTime, arrived: arrived, arrival: arrival)
        warnOfClock()
        let live = LiveFrame(
            frame: frame, index: decoded, captured: captured, arrival: arrival, shape: stream.slot.shape(for: frame))
        decoded += 1
        stream.status.update { status in
            status.frames.decoded += 1
            status.lastFrame = captured.date
            status.timeSource = captured.source
            (status.width, status.height) = (frame.width, frame.height)
        }
        if let source {
            if awaitsFirstFrame { begin(source, with: live) }
            stream.video?.offer(frame, source: source, captured: captured.date)
        }
        lastArrival = arrival
        if let preview = stream.preview, preview.isWanted { preview.offer(frame, stream.newest.current) }
        analyse(live)
    }

    private func analyse(_ live: LiveFrame) {
        if live.frame.isTainted && stream.settings.analysis.corruptFrames == .skip { return drop(live, .corrupt) }
        if rate?.passes(live.frame.seconds) == false { return drop(live, .rate) }
        if let replaced = stream.engine.put(live, into: stream.slot) { drop(replaced, .busy) }
    }

    private func drop(_ frame: LiveFrame, _ reason: FrameCounts.Drop) {
        stream.status.update { $0.frames.dropped[reason, default: 0] += 1 }
    }

    /// The connection's first frame: it is up.
    private func begin(_ source: SourceInfo, with live: LiveFrame) {
        awaitsFirstFrame = false
        let (settings, slot) = (stream.settings, stream.slot)
        stream.engine.setWeight(
            settings.analysis.mostFramesPerSecond
                ?? min(source.frameRate?.value ?? LiveStream.ordinaryRate, LiveStream.highestRate), of: slot)
        stream.status.update { status in
            (status.state, status.since) = (.up, Date())
            status.codec = source.codecName
            status.nominalFramesPerSecond = source.frameRate?.value
            if lastArrival != nil { status.reconnects += 1 }
        }
        let stamp = EventStamp(stream: settings.name, time: live.captured.date, timeSource: live.captured.source)
        _ = stream.engine.post(
            .up(
                StreamUp(
                    stamp: stamp, source: source.name, codec: source.codecName, width: live.frame.width,
                    height: live.frame.height, framesPerSecond: source.frameRate?.value,
                    network: slot.network.config.name, inputWidth: live.shape.width, inputHeight: live.shape.height,
                    threshold: Double(settings.analysis.detection.threshold))), to: slot)
        if let lastArrival {
            let seconds = (live.arrival - lastArrival).seconds
            _ = stream.engine.post(
                .gap(Gap(stamp: stamp, reason: .disconnected, seconds: seconds)), to: slot)
        }
        logger.info("up: \(source.codecName) \(live.frame.width)x\(live.frame.height)")
    }

    /// A camera whose clock is wrong dates its pictures wrong: that is worth a line.
    private func warnOfClock() {
        guard !hasWarnedOfClock, let ahead = clock.cameraAhead, abs(ahead) > 5 else { return }
        hasWarnedOfClock = true
        let seconds = Int(abs(ahead).rounded())
        logger.warning(
            "the camera's clock is \(seconds) s \(ahead > 0 ? "ahead of" : "behind") this machine's; set it by NTP")
    }
}
