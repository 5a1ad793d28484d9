import Foundation
import Logging
import Media

/// Writes a live stream's annotated pictures: opens and ends files or publications, tries again after failures, counts.
/// On the thread of its `LiveVideo`.
///
/// Every picture is counted once, as written when it is in the file (or sent), or as lost.
final class LiveVideoOutput {
    /// A picture to be written.
    struct Picture: Sendable {
        let frame: Frame
        let source: SourceInfo
        let captured: Date
        /// Counts the stream's connections: pictures of one only are in a file.
        let connection: Int
    }

    /// What pictures are written to now.
    private struct Open {
        let writer: VideoWriter
        let connection: Int
        /// `nil`: a publication.
        let file: SegmentFile?
        let span: SegmentSpan
        /// Of the first picture, by its own clock.
        let start: Double
        /// Pictures that the writer took, and those that are counted as written.
        var taken = 0
        var counted = 0
    }

    private enum Place {
        case folder(SegmentNames, length: Double?, Retention)
        case server(url: String, Credentials?)
    }

    private let place: Place
    private let quality: Int?
    private let overlay: Overlay
    private let clock: VideoClock
    private let interrupt: Interrupt
    private let account: SinkAccount
    private let log: @Sendable (Logger.Level, String) -> Void
    private var open: Open?
    private var backoff = Backoff(shortest: 5, longest: LiveVideoOutput.longestPause)
    private var randomness = SystemRandomNumberGenerator()
    /// Until then a failed target is left alone.
    private var retryAt: ContinuousClock.Instant?
    private var isFailing = false
    /// When pictures came into the file for the first time since the last failure.
    private var worksSince: ContinuousClock.Instant?
    private var nextRetention: ContinuousClock.Instant

    /// Seconds between two looks for old segments while one is written.
    static let retentionInterval = 60.0
    /// The longest pause between two attempts. A target that fails again sooner than that has not recovered.
    private static let longestPause = 60.0

    init(
        _ settings: VideoSettings, classNames: [String], clock: VideoClock, interrupt: Interrupt, account: SinkAccount,
        log: @escaping @Sendable (Logger.Level, String) -> Void
    ) {
        quality = settings.quality
        self.clock = clock
        self.interrupt = interrupt
        self.account = account
        self.log = log
        overlay = Overlay(names: classNames)
        switch settings.target {
        case .segments(let path, let seconds):
            let names = SegmentNames(path: path)
            let retention = Retention(
                names, keepSeconds: settings.keepSeconds, keepBytes: settings.keepBytes, log: log)
            place = .folder(names, length: seconds, retention)
        case .push(let url, let credentials):
            place = .server(url: url, credentials)
        }
        nextRetention = clock.instant()
        retainIfDue()
    }

    /// Whether pictures of the newest second are not yet in the file.
    var isUnflushed: Bool { open.map { $0.taken > $0.counted && $0.writer.flushesEarly } ?? false }

    func write(_ picture: Picture, detections: [NamedDetection]) {
        if let retryAt, clock.instant() < retryAt { return account.lose(1) }
        retryAt = nil
        do {
            try attempt(picture, detections)
        } catch {
            let ended = abandon()
            guard madeRoom(after: error, ended: ended) else { return fail(error, picture) }
            do {
                try attempt(picture, detections)
            } catch {
                abandon()
                fail(error, picture)
            }
        }
        retainIfDue()
    }

    /// Puts into the file what is not there yet: no picture came for a while. Old segments go all the same.
    func rest() {
        defer { retainIfDue() }
        do {
            try open?.writer.flush()
            try countStored()
        } catch {
            abandon()
            fail(error, nil)
        }
    }

    /// Ends the file or publication, if one is open.
    func finish() {
        do {
            try end()
        } catch {
            abandon()
            fail(error, nil)
        }
    }

    // MARK: One picture

    private func attempt(_ picture: Picture, _ detections: [NamedDetection]) throws {
        if let open, isOver(open, at: picture) { try end() }
        let writer = try open?.writer ?? begin(with: picture)
        let canvas = try writer.canvas(for: picture.frame, isDrawn: !detections.isEmpty)
        overlay.draw(detections, into: canvas, at: writer.placement)
        try writer.write(canvas)
        try countStored()
        open?.taken += 1
    }

    private func isOver(_ open: Open, at picture: Picture) -> Bool {
        open.connection != picture.connection
            || open.span.isOver(at: picture.captured, after: picture.frame.seconds - open.start)
    }

    private func begin(with picture: Picture) throws -> VideoWriter {
        var options = VideoWriter.Options(quality: quality)
        options.live = true
        options.creationTime = picture.captured
        let (frame, source) = (picture.frame, picture.source)
        let writer: VideoWriter
        var (file, length): (SegmentFile?, Double?) = (nil, nil)
        switch place {
        case .folder(let names, let seconds, _):
            retain()
            let made = try SegmentFile(names, from: picture.captured)
            (file, length) = (made, seconds)
            do {
                writer = try VideoWriter(
                    path: made.path, container: made.path, source: source, first: frame, options: options)
            } catch {
                made.delete()
                throw error
            }
        case .server(let url, let credentials):
            writer = try VideoWriter(
                publishingTo: url, credentials: credentials, source: source, first: frame, options: options,
                interrupt: interrupt)
        }
        open = Open(
            writer: writer, connection: picture.connection, file: file,
            span: SegmentSpan(from: picture.captured, length: length), start: frame.seconds)
        return writer
    }

    /// Counts what came into the file with the last picture, about once a second.
    private func countStored() throws {
        guard let open, open.writer.storedFrames > open.counted else { return }
        try open.file?.sync()
        count(open.writer.storedFrames)
    }

    private func count(_ stored: Int) {
        guard let open, stored > open.counted else { return }
        account.write(stored - open.counted)
        self.open?.counted = stored
        worksSince = worksSince ?? clock.instant()
        if let worksSince, clock.instant() - worksSince >= .seconds(Self.longestPause) { backoff.reset() }
        guard isFailing else { return }
        isFailing = false
        account.setFailure(nil)
        log(.notice, "\(account.target): the video is written again")
    }

    // MARK: Ends

    private func end() throws {
        guard let open else { return }
        try open.writer.finish()
        try open.file?.sync()
        count(open.taken)
        self.open = nil
    }

    /// Lets go of a file or publication that failed; what is in the file stays.
    ///
    /// - Returns: the file's name, if it stays.
    @discardableResult
    private func abandon() -> String? {
        guard let open else { return nil }
        self.open = nil
        account.lose(open.taken - open.counted)
        if open.counted == 0 { open.file?.delete() }
        return open.counted == 0 ? nil : open.file?.name
    }

    /// - Parameter picture: what could not be written.
    private func fail(_ error: any Error, _ picture: Picture?) {
        if picture != nil { account.lose(1) }
        // Told to end: no fault of the target's.
        if interrupt.isCancelled { return }
        worksSince = nil
        let pause = backoff.pause(using: &randomness)
        retryAt = clock.instant() + .seconds(pause)
        // Told last: who waits for it finds the rest done.
        defer { account.setFailure("\(error)") }
        guard !isFailing else { return }
        isFailing = true
        log(
            .warning,
            "\(error); the stream goes on without video, which is tried again in \(Int(pause.rounded(.up))) s and later"
        )
    }

    // MARK: Old segments

    /// - Parameter ended: the segment that the failure ended.
    private func madeRoom(after error: any Error, ended: String?) -> Bool {
        guard case .folder(_, _, let retention) = place, (error as? MediaError)?.isOutOfSpace == true else {
            return false
        }
        return retention.makeRoom(now: clock.moment, ended: ended)
    }

    private func retainIfDue() {
        if clock.instant() >= nextRetention { retain() }
    }

    private func retain() {
        if case .folder(_, _, let retention) = place {
            retention.run(now: clock.moment, writing: open?.file?.name)
        }
        nextRetention = clock.instant() + .seconds(Self.retentionInterval)
    }
}
