import Detection
import Foundation
import Logging
import Media
import Pipeline
import Street

/// One connection to a source, from opening it to its end. The calling thread reads, another decodes:
///
///     read -> PacketQueue -> decode -> FrameIntake -> FrameSlot (the engine) -> LiveOutput
///
/// `@unchecked Sendable`: `demuxer` and `sawKey` belong to the reading thread, `decoder` and `policy` to the decoding one, and the
/// rest is immutable or Sendable.
final class LiveConnection: @unchecked Sendable {
    private let stream: LiveStream.Parts
    /// What the pictures come from where there is no camera; `nil`: from elsewhere.
    private let street: StreetCamera?
    private let demuxer: Demuxer
    private let decoder: PictureDecoder
    private let intake: FrameIntake
    private let interrupt: Interrupt
    private let packets = PacketQueue()
    private var policy = DecodePolicy()
    private let decodeFailure = Locked<(any Error)?>(nil)
    private let progress = Locked(Progress())
    private let heartbeat: Heartbeat
    let kind: SourceKind
    /// A picture that decoding can begin with was read.
    private var sawKey = false
    /// What the status counted before this connection.
    private let before: StreamSnapshot

    private struct Progress {
        var hadPictures = false
        /// When the last came, or would have if it had not been left out on purpose; or when the wait for one began.
        var last = ContinuousClock.now
    }

    /// Opens the source.
    init(_ stream: LiveStream.Parts, intake: FrameIntake, interrupt: Interrupt, heartbeat: Heartbeat) throws {
        self.stream = stream
        self.intake = intake
        self.interrupt = interrupt
        self.heartbeat = heartbeat
        before = stream.status.snapshot
        let source = stream.settings.source
        var options = Demuxer.Options()
        kind = SourceKind(source.url)
        options.isLive = kind != .recording
        options.transport = source.transport
        options.credentials = source.credentials
        options.connectTimeout = source.connectTimeout
        options.stallTimeout = source.stallTimeout
        if StreetAddress.isOne(source.url) {
            let street = try StreetCamera(try StreetAddress.options(source.url), name: source.url)
            self.street = street
            do {
                demuxer = try Demuxer(
                    descriptor: street.descriptor, name: source.url, options: options, interrupt: interrupt)
            } catch {
                // The reader of what was never sent knows less.
                throw street.failure ?? error
            }
        } else {
            street = nil
            demuxer = try Demuxer(source.url, options: options, interrupt: interrupt)
        }
        decoder = try PictureDecoder(demuxer, threads: 1)
    }

    /// Whether the source has an end of its own. A camera has none.
    var hasEnd: Bool { kind.hasEnd(isFinite: demuxer.info.expectedFrames != nil) }

    /// Whether a picture came of it.
    var hadPictures: Bool { progress.withLock { $0.hadPictures } }

    /// Reads to the end of the source, or until it fails.
    ///
    /// - Parameter continuing: see `FrameIntake`.
    func run(continuing: Bool) throws {
        intake.connected(to: demuxer.info, continuing: continuing)
        progress.withLock { $0.last = .now }
        let thread = try StageThread("d:" + stream.settings.name) { [self] in decodeStage() }
        var failure: (any Error)?
        do { try readAll() } catch { failure = error }
        packets.finish(discarding: interrupt.isCancelled)
        thread.join()
        report()
        if let failure = street?.failure ?? decodeFailure.withLock({ $0 }) ?? failure { throw failure }
    }

    // MARK: The reading thread

    private func readAll() throws {
        var pacer = kind.plays(isFinite: demuxer.info.expectedFrames != nil) ? Pacer(demuxer.info.frameRate) : nil
        while let packet = try demuxer.read() {
            if pacer?.wait(for: packet, or: stream.stop.cancellation) == false { return }
            if packet.isKey && !sawKey {
                sawKey = true
                progress.withLock { $0.last = .now }
            }
            let discarded = packets.push(packet, isDisposable: demuxer.isDisposable(packet))
            if discarded > 0 {
                stream.status.update { $0.frames.skipped[.overflow, default: 0] += discarded }
            }
            if kind != .recording { try checkProgress() }
        }
        // The last picture lasts, too: what plays in a loop does not run faster for being short.
        _ = pacer?.finish(or: stream.stop.cancellation)
    }

    /// Packets alone are no picture: a source that sends nothing that can be decoded is as good as silent. One that was
    /// joined between key frames has time until the next: some cameras send few.
    private func checkProgress() throws {
        let silence = (ContinuousClock.now - progress.withLock { $0.last }).seconds
        let stall = stream.settings.source.stallTimeout
        guard silence > (sawKey ? stall : max(stall, Self.longestKeyInterval)) else { return }
        throw MediaError(
            .unavailable, demuxer.name, "sends, but no picture could be decoded for \(Int(silence)) s",
            reason: .stalled)
    }

    private static let longestKeyInterval = 60.0

    // MARK: The decoding thread

    private func decodeStage() {
        do {
            while let item = packets.pop() {
                heartbeat.begin()
                defer { heartbeat.end() }
                try decode(item)
            }
            heartbeat.begin()
            defer { heartbeat.end() }
            try decoder.decode(nil) { take($0) }
        } catch {
            decodeFailure.withLock { $0 = error }
            interrupt.cancel()
        }
    }

    private func decode(_ item: PacketQueue.Item) throws {
        if item.discarded > 0 {
            decoder.flush()
            intake.missed(item.discarded)
        }
        let packet = item.packet
        let skipped = policy.skips(
            waited: (ContinuousClock.now - item.arrival).seconds, isKey: packet.isKey,
            isDisposable: item.isDisposable)
        if let skipped {
            stream.status.update { $0.frames.skipped[skipped, default: 0] += 1 }
            // No reason to give the connection up.
            progress.withLock { $0.last = .now }
            return
        }
        try decoder.decode(packet) { take($0) }
        report()
    }

    private func take(_ frame: Frame) {
        progress.withLock { $0 = Progress(hadPictures: true) }
        intake.take(frame)
    }

    private func report() {
        let (errors, lost) = (decoder.errors, demuxer.lostPackets)
        stream.status.update { status in
            status.decodeErrors = before.decodeErrors + errors
            status.lostPackets = before.lostPackets + lost
        }
    }
}
