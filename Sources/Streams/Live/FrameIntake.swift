import Darknet
import Detection
import Foundation
import Logging
import Media

/// What happens to each decoded frame of a live stream: it is counted, gets its time, is shown, and waits for the network
/// or is dropped for a reason. Outlives connections; used by one decoding thread at a time.
final class FrameIntake {
    private let stream: LiveStream.Parts
    private var clock = CaptureClock()
    private var rate: RateLimit?
    private var decoded = 0
    private var lastArrival: ContinuousClock.Instant?
    /// What the connection told of itself.
    private var source: SourceInfo?
    private var awaitsFirstFrame = false
    /// Coded pictures that were discarded since the last frame, for want of time to decode them.
    private var discarded = 0
    private var hasWarnedOfClock = false

    init(_ stream: LiveStream.Parts) {
        self.stream = stream
        rate = stream.settings.analysis.mostFramesPerSecond.map { RateLimit(framesPerSecond: $0) }
    }

    /// A connection was made; its frames follow.
    ///
    /// - Parameter continuing: a recording that starts again: nothing came up, and nothing was missed.
    func connected(to source: SourceInfo, continuing: Bool) {
        self.source = source
        awaitsFirstFrame = !continuing
        clock.reconnected()
        discarded = 0
        hasWarnedOfClock = false
    }

    /// So many coded pictures were discarded before what comes next.
    func missed(_ count: Int) { discarded += count }

    func take(_ frame: Frame) {
        let arrival = frame.arrival ?? .now
        let arrived = Date(timeIntervalSinceNow: -(ContinuousClock.now - arrival).seconds)
        let captured = clock.time(reported: frame.producerTime, arrived: arrived, arrival: arrival)
        warnOfClock()
        let live = LiveFrame(
            frame: frame, index: decoded, captured: captured, arrival: arrival)
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
        if discarded > 0 {
            stream.post(.gap(Gap(stamp: stamp(live), reason: .overflow, frames: discarded)))
            discarded = 0
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
        let input = stream.engine.shape(for: live.frame, in: slot)
        stream.post(
            .up(
                StreamUp(
                    stamp: stamp(live), source: source.name, codec: source.codecName, width: live.frame.width,
                    height: live.frame.height, framesPerSecond: source.frameRate?.value,
                    network: slot.network.config.name, inputWidth: input.width, inputHeight: input.height,
                    threshold: Double(settings.analysis.detection.threshold))))
        if let lastArrival {
            let seconds = (live.arrival - lastArrival).seconds
            stream.post(.gap(Gap(stamp: stamp(live), reason: .disconnected, seconds: seconds)))
        }
        stream.logger.info("up: \(source.codecName) \(live.frame.width)x\(live.frame.height)")
    }

    private func stamp(_ live: LiveFrame) -> EventStamp {
        EventStamp(stream: stream.settings.name, time: live.captured.date, timeSource: live.captured.source)
    }

    /// A camera whose clock is wrong dates its pictures wrong: that is worth a line.
    private func warnOfClock() {
        guard !hasWarnedOfClock, let ahead = clock.cameraAhead, abs(ahead) > 5 else { return }
        hasWarnedOfClock = true
        let seconds = Int(abs(ahead).rounded())
        stream.logger.warning(
            "the camera's clock is \(seconds) s \(ahead > 0 ? "ahead of" : "behind") this machine's; set it by NTP")
    }
}
