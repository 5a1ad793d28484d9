import Foundation
import Logging
import Media
import Pipeline

/// The annotated video of a live stream: every decoded frame, drawn with the newest boxes, written by a thread of its own.
///
/// Whoever offers frames never waits: a few wait for the thread, and when it does not follow the oldest of them is lost
/// and counted. A target that fails costs the video and nothing else: what comes meanwhile is counted as lost, and the
/// target is tried again after five seconds, then after twice as long each time, up to a minute.
///
/// Files can be played at any moment. A process that is killed takes with it at most the newest second of pictures and
/// one picture before that (in MP4, of a stream with less than one picture a second, the newest two); a power cut, what
/// the file system had not written either, some seconds more.
///
/// Safe to use from any thread; frames are offered by one at a time. Whoever makes one also closes it.
final class LiveVideo: Sendable {
    /// `nil` in the place of a picture: the connection has ended.
    private typealias Item = LiveVideoOutput.Picture?

    private let queue = DroppingQueue<Item>(capacity: 8)
    private let connection = Locked(0)
    private let account: SinkAccount
    private let interrupt = Interrupt()
    private let ended = Cancellation()
    private let thread: Locked<StageThread?>
    private let drainLimit: Double

    /// Seconds after which what waits at the end is given up.
    static let drainLimit = 2.0
    /// Seconds for what is interrupted then.
    private static let interruptLimit = 0.5
    /// Seconds without a frame after which those of the newest second are put into the file.
    private static let idle = 1.0

    /// Starts the thread; what cannot be written shows in the status.
    ///
    /// - Parameters:
    ///   - stream: its name.
    ///   - names: of all classes.
    ///   - newest: what is drawn.
    ///   - update: told the sink's whole status at each change, by any thread and under a lock.
    ///   - log: told what the user should know.
    convenience init(
        _ settings: VideoSettings, stream: String, names: [String], newest: NewestDetections,
        update: @escaping @Sendable (SinkStatus) -> Void, log: @escaping @Sendable (Logger.Level, String) -> Void
    ) throws(ThreadError) {
        try self.init(
            settings, stream: stream, names: names, newest: newest, clock: VideoClock(), update: update, log: log)
    }

    /// - Parameters:
    ///   - longestRest: seconds without a frame after which old segments are looked for.
    ///   - drainLimit: seconds after which what waits at the end is given up.
    init(
        _ settings: VideoSettings, stream: String, names: [String], newest: NewestDetections, clock: VideoClock,
        longestRest: Double = LiveVideoOutput.retentionInterval, drainLimit: Double = LiveVideo.drainLimit,
        update: @escaping @Sendable (SinkStatus) -> Void, log: @escaping @Sendable (Logger.Level, String) -> Void
    ) throws(ThreadError) {
        let account = SinkAccount(SinkStatus(kind: .video, target: settings.target.shownName), update: update)
        self.account = account
        thread = Locked(nil)
        self.drainLimit = drainLimit
        let (queue, interrupt, ended) = (queue, interrupt, ended)
        let started = try StageThread("v:" + stream) {
            let output = LiveVideoOutput(
                settings, classNames: names, clock: clock, interrupt: interrupt, account: account, log: log)
            Self.run(output, queue: queue, newest: newest, longestRest: longestRest)
            ended.cancel()
        }
        thread.withLock { $0 = started }
    }

    /// A decoded frame, to be written; returns at once.
    ///
    /// - Parameters:
    ///   - source: what the connection told of itself.
    ///   - captured: when the frame was taken; names the segments.
    func offer(_ frame: Frame, source: SourceInfo, captured: Date) {
        let connection = connection.withLock { $0 }
        push(LiveVideoOutput.Picture(frame: frame, source: source, captured: captured, connection: connection))
    }

    /// The connection has ended: so does the file. Frames offered from now on are of another one.
    func discontinuity() {
        connection.withLock { $0 += 1 }
        push(nil)
    }

    /// Writes what waits, within two seconds, ends the file and the thread. Frames offered later are lost.
    ///
    /// Returns half a second later at most: a thread that the system holds, for a file on a disk or share that hangs or
    /// the address of a server's name, ends when it is let go.
    func close() {
        queue.finish()
        if ended.pause(seconds: drainLimit) {
            lose(queue.cancel())
            interrupt.cancel()
            if ended.pause(seconds: Self.interruptLimit) { return }
        }
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    private func push(_ item: Item) {
        if let dropped = queue.push(item) { lose([dropped]) }
    }

    private func lose(_ items: [Item]) { account.lose(items.count { $0 != nil }) }

    // MARK: The thread

    private static func run(
        _ output: LiveVideoOutput, queue: DroppingQueue<Item>, newest: NewestDetections, longestRest: Double
    ) {
        while true {
            switch queue.pop(within: output.isUnflushed ? min(idle, longestRest) : longestRest) {
            case .element(let picture?): output.write(picture, detections: newest.current)
            case .element(nil): output.finish()
            case .nothing: output.rest()
            case .end: return output.finish()
            }
        }
    }
}

extension VideoSettings.Target {
    /// File or URL, without credentials.
    fileprivate var shownName: String {
        switch self {
        case .segments(let path, _): path
        case .push(let url, _): redacted(url)
        }
    }
}

/// What time it is, for a video sink: the system's, or a test's.
struct VideoClock: Sendable {
    var date: @Sendable () -> Date = { Date() }
    var instant: @Sendable () -> ContinuousClock.Instant = { .now }

    var moment: Retention.Moment { Retention.Moment(date: date(), instant: instant()) }
}
