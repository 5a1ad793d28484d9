import Darknet
import Detection
import Foundation
import Logging
import Media
import Pipeline

/// The last stage of a live stream: writes its records in order, counts them, and tells the picture stages what was
/// found. On a thread of its own, so that a slow disk holds up its own stream only.
final class LiveOutput {
    private let stream: LiveStream.Parts
    private let heartbeat: Heartbeat
    private let filter: AnalysisFilter
    private let names: [String]
    private let started = ContinuousClock.now
    private var lastTime = Date.distantPast
    private var lastAnalysed = -1
    private var droppedSinceRecord = 0
    private var failure: String?

    init(_ stream: LiveStream.Parts, filter: AnalysisFilter, heartbeat: Heartbeat) {
        self.stream = stream
        self.heartbeat = heartbeat
        self.filter = filter
        names = stream.slot.network.names.names
    }

    /// Writes until the stream is closed and everything is written; then its totals.
    func run() {
        while let item = stream.slot.results.pop() {
            heartbeat.begin()
            defer { heartbeat.end() }
            write(item)
            stream.engine.written(item, of: stream.slot)
        }
        writeEnd()
    }

    private func write(_ item: StreamItem) {
        switch item {
        case .frame(let analysed): write(analysed)
        case .up(var up):
            logRestart()
            write(at: up.stamp) { stamp in
                up.stamp = stamp
                return .streamUp(up)
            }
        case .gap(var gap):
            write(at: gap.stamp) { stamp in
                gap.stamp = stamp
                return .gap(gap)
            }
        case .down(var down):
            write(at: down.stamp) { stamp in
                down.stamp = stamp
                return .streamDown(down)
            }
        case .disconnected: stream.newest.set([])
        case .size(let report):
            stream.logger.log(level: report.failure == nil ? .info : .warning, "\(report.message)")
        }
    }

    private func write(_ analysed: AnalysedFrame) {
        let live = analysed.live
        // The frames between two analysed ones were dropped: each has its number.
        droppedSinceRecord += live.index - lastAnalysed - 1
        lastAnalysed = live.index
        let detections: [NamedDetection]
        switch analysed.detections {
        case .success(let found):
            detections = filter(found).map { NamedDetection($0, names: names) }
            failure = nil
        case .failure(let error):
            droppedSinceRecord += 1
            return fail(error)
        }
        stream.newest.set(detections)
        let latency = ContinuousClock.now - live.arrival
        if !detections.isEmpty || stream.settings.events?.logsEmpty ?? true {
            let captured = EventStamp(
                stream: stream.settings.name, time: live.captured.date, timeSource: live.captured.source)
            write(at: captured) { stamp in
                .frame(
                    FrameRecord(
                        stamp: stamp, frame: live.index, pts: live.frame.seconds, width: live.frame.width,
                        height: live.frame.height, isCorrupt: live.frame.isTainted, dropped: droppedSinceRecord,
                        latency: latency, input: analysed.shape, detections: detections))
            }
            droppedSinceRecord = 0
        }
        stream.status.update { status in
            status.frames.analysed += 1
            (status.inputWidth, status.inputHeight) = (analysed.shape.width, analysed.shape.height)
            status.latency.add((ContinuousClock.now - live.arrival).seconds)
            for detection in detections { status.detections[detection.name, default: 0] += 1 }
        }
    }

    /// The network could not look at a frame: no memory, mostly. "Not analysed" must not look like "nothing there".
    private func fail(_ error: any Error) {
        stream.status.update { $0.frames.dropped[.failed, default: 0] += 1 }
        guard failure != "\(error)" else { return }
        failure = "\(error)"
        stream.logger.error("frames cannot be analysed: \(error)")
    }

    // MARK: Records

    /// An earlier process was killed in the middle of this stream: what came after is missing.
    private func logRestart() {
        guard let left = stream.events?.unfinished(stream: stream.settings.name) else { return }
        let seconds = left.lastTime.map { max(0, Date().timeIntervalSince($0)) }
        write(at: now) { .gap(Gap(stamp: $0, reason: .restart, seconds: seconds)) }
    }

    private var now: EventStamp { EventStamp(stream: stream.settings.name, time: Date(), timeSource: .arrival) }

    /// - Parameter wanted: the record gets it, or the time of the record before: those of a stream never go back.
    private func write(at wanted: EventStamp, _ make: (EventStamp) -> EventRecord) {
        lastTime = max(wanted.time ?? lastTime, lastTime)
        let record = make(EventStamp(stream: wanted.stream, time: lastTime, timeSource: wanted.timeSource))
        let line = record.line()
        if let events = stream.events {
            _ = events.append(line, stream: stream.settings.name)
            let sink = events.status(of: stream.settings.name)
            stream.status.update { $0.set(sink) }
        }
        stream.feed.publish(record, line: line)
    }

    private func writeEnd() {
        let end = stream.status.snapshot
        let reason: StreamEnd.Reason = end.state != .ended ? .interrupted : end.endMessage == nil ? .end : .error
        let drops = end.frames.dropped.map { ($0.key.rawValue, $0.value) }
        let skips = end.frames.skipped.map { ($0.key.rawValue, $0.value) }
        write(at: now) { stamp in
            .streamEnd(
                StreamEnd(
                    stamp: stamp, reason: reason, message: end.endMessage, decoded: end.frames.decoded,
                    analysed: end.frames.analysed, decodeErrors: end.decodeErrors,
                    seconds: (ContinuousClock.now - started).seconds,
                    droppedBy: Dictionary(uniqueKeysWithValues: drops),
                    skipped: Dictionary(uniqueKeysWithValues: skips), reconnects: end.reconnects))
        }
    }
}
