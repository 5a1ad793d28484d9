import Detection
import Foundation
import Logging
import Media
import Pipeline
import TestSupport

@testable import Streams

/// A folder for a video sink, a clip of ten frames a second that begins at 10:14:55 to feed it with, and a clock that the
/// test moves.
final class VideoBench: Sendable {
    struct Clip: Sendable {
        let source: SourceInfo
        let frames: [Frame]

        init(_ path: String) throws {
            let video = try VideoSource(path, decoderThreads: 1)
            var frames: [Frame] = []
            while let item = try video.next() {
                if case .frame(let frame) = item { frames.append(frame) }
            }
            (source, self.frames) = (video.info, frames)
        }
    }

    /// Where the sink writes.
    let root: String
    let clip: Clip
    /// What sinks draw: until something newer is set, however slow the machine.
    let newest = NewestDetections(lifetime: .seconds(3600))
    /// 2026-11-21T10:14:55Z.
    let time = Date(timeIntervalSince1970: 1_795_256_095)
    private let begin = ContinuousClock.now
    private let folder: TemporaryFolder
    private let state = Locked(State())
    private let changed = Condition()

    private struct State {
        var status = SinkStatus(kind: .video, target: "")
        var messages: [String] = []
        var failures = 0
        var seconds = 0.0
    }

    /// - Parameter root: a folder other than one of its own.
    init(root: String? = nil) throws {
        folder = try TemporaryFolder()
        self.root = root ?? folder.path
        clip = try Clip(Clips.moving("live.mkv", size: "64x64", seconds: 31))
    }

    var status: SinkStatus { state.withLock { $0.status } }
    /// What was logged.
    var messages: [String] { state.withLock { $0.messages } }
    /// Attempts that failed.
    var failures: Int { state.withLock { $0.failures } }
    func advance(_ seconds: Double) { state.withLock { $0.seconds += seconds } }

    // MARK: Sinks

    func settings(_ name: String, segment: Double? = nil) -> VideoSettings {
        VideoSettings(target: .segments(path: path(name), seconds: segment))
    }

    func output(_ settings: VideoSettings) -> LiveVideoOutput {
        LiveVideoOutput(
            settings, classNames: ["thing"], clock: clock {}, interrupt: Interrupt(),
            account: SinkAccount(SinkStatus(kind: .video, target: "the target")) { [self] in take($0) },
            log: { [self] _, message in log(message) })
    }

    func output(_ name: String, segment: Double? = nil) -> LiveVideoOutput {
        output(settings(name, segment: segment))
    }

    /// - Parameters:
    ///   - drainLimit: such that a slow machine loses nothing at the end.
    ///   - askedForDate: called by the sink's thread.
    func video(
        _ settings: VideoSettings, longestRest: Double = 60, drainLimit: Double = 600,
        askedForDate: @escaping @Sendable () -> Void = {}
    ) throws -> LiveVideo {
        try LiveVideo(
            settings, stream: "gate", names: ["thing"], newest: newest, clock: clock(askedForDate),
            longestRest: longestRest, drainLimit: drainLimit, update: { [self] in take($0) },
            log: { [self] _, message in log(message) })
    }

    private func clock(_ askedForDate: @escaping @Sendable () -> Void) -> VideoClock {
        VideoClock(
            date: { [time] in
                askedForDate()
                return time
            }, instant: { [self] in begin + .seconds(state.withLock { $0.seconds }) })
    }

    private func take(_ status: SinkStatus) {
        state.withLock { state in
            // Told at each failed attempt, and nothing but that changes then.
            let isCount = status.written != state.status.written || status.lost != state.status.lost
            if status.failure != nil && !isCount { state.failures += 1 }
            state.status = status
        }
        changed.withLock { changed.broadcast() }
    }

    /// Waits until the sink has told this.
    func wait(_ isReached: (SinkStatus) -> Bool) {
        changed.withLock { while !isReached(status) { changed.wait() } }
    }

    private func log(_ message: String) { state.withLock { $0.messages.append(message) } }

    // MARK: Frames

    func picture(_ index: Int, connection: Int = 0) -> LiveVideoOutput.Picture {
        LiveVideoOutput.Picture(
            frame: clip.frames[index], source: clip.source, captured: time + Double(index) / 10, connection: connection)
    }

    func write(
        _ range: Range<Int>, to output: LiveVideoOutput, connection: Int = 0, detections: [NamedDetection] = []
    ) {
        for index in range { output.write(picture(index, connection: connection), detections: detections) }
    }

    func offer(_ range: Range<Int>, to video: LiveVideo) {
        for index in range {
            video.offer(clip.frames[index], source: clip.source, captured: time + Double(index) / 10)
        }
    }

    /// A box in the middle.
    static let box = NamedDetection(
        Detection(classID: 0, confidence: 1, objectness: 1, box: Box(x: 0.5, y: 0.5, width: 0.5, height: 0.5)),
        names: ["thing"])

    // MARK: What was written

    func path(_ name: String) -> String { root + "/" + name }

    func files(in subfolder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(subfolder)).sorted()
    }

    /// How many frames of a file can be decoded.
    func frames(_ name: String) throws -> Int {
        try FFmpegTool.probe(path(name), "frame=best_effort_timestamp", streams: "v:0").count
    }

    func duration(_ name: String) throws -> String? {
        try FFmpegTool.probe(path(name), "format=duration", streams: "v:0").first?.first
    }

    /// For each frame of a file, the first of the clip's, whether something is drawn in it.
    func drawn(_ name: String) throws -> [Bool] {
        try Clip(path(name)).frames.enumerated().map { index, frame in
            frame.meanError(to: clip.frames[index]) > 4
        }
    }
}

extension Frame {
    /// The mean of the absolute differences of the brightness.
    fileprivate func meanError(to other: Frame) -> Double {
        var sum = 0
        guard let (a, b) = yuvImage.flatMap({ image in other.yuvImage.map { (image, $0) } }) else { return .infinity }
        for y in 0..<height {
            for x in 0..<width { sum += abs(Int(a.y[y * a.yStride + x]) - Int(b.y[y * b.yStride + x])) }
        }
        return Double(sum) / Double(width * height)
    }
}
