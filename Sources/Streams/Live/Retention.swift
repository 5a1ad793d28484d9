import Foundation
import Logging

/// Deletes a stream's oldest video segments, as its settings ask. One thread at a time.
///
/// Only regular files whose names are exactly those that `SegmentNames` gives, and never the one being written. Two
/// clocks that were once wrong must not cost a recording: a segment is too old only if both its name and its file say so.
/// One whose name lies more than a day in the future was named by such a clock, and goes before all others. A clock that
/// went ahead, or by which all is too old at the start, must hold for an hour before anything goes for its age.
final class Retention {
    private let names: SegmentNames
    private let keepSeconds: Double?
    private let keepBytes: Int?
    private let log: @Sendable (Logger.Level, String) -> Void
    /// What was wrong at the last run, told already.
    private var problem: String?
    private var lastFullNotice: Date?
    private var lastRun: Moment?
    /// When the wall clock was last found to be doubtful.
    private var doubt: ContinuousClock.Instant?

    /// By this machine's clock, and by one that nobody sets.
    struct Moment {
        var date: Date
        var instant: ContinuousClock.Instant
    }

    /// - Parameters:
    ///   - keepSeconds: segments older than this are deleted.
    ///   - keepBytes: the oldest are deleted while all, the one being written counted, take more than this.
    init(
        _ names: SegmentNames, keepSeconds: Double?, keepBytes: Int?,
        log: @escaping @Sendable (Logger.Level, String) -> Void
    ) {
        self.names = names
        self.keepSeconds = keepSeconds
        self.keepBytes = keepBytes
        self.log = log
    }

    /// Deletes what the limits ask for.
    ///
    /// - Parameter writing: the name of the segment being written.
    func run(now: Moment, writing: String?) {
        guard keepSeconds != nil || keepBytes != nil else { return }
        _ = delete(now: now, writing: writing, atLeast: 0)
    }

    /// Makes room on a full disk as far as the settings allow: what `run` would delete, and where the bytes are limited
    /// the oldest segments, until some are free. A limit in time alone is a promise to keep what is younger.
    ///
    /// - Parameter ended: the segment that the full disk just ended; it stays.
    /// - Returns: whether something was deleted.
    func makeRoom(now: Moment, ended: String?) -> Bool {
        guard keepSeconds != nil || keepBytes != nil else { return false }
        let deleted = delete(
            now: now, writing: ended, atLeast: keepBytes.map { min(Self.room, $0 / 4 + 1) } ?? 0)
        if deleted && now.date.timeIntervalSince(lastFullNotice ?? .distantPast).magnitude > Self.hour {
            log(.warning, "\(names.folder): the disk is full; the oldest segments of the video are deleted to go on")
            lastFullNotice = now.date
        }
        return deleted
    }

    /// Some minutes of video.
    private static let room = 64 << 20
    private static let hour = 3600.0
    private static let day = 86_400.0

    private struct Segment {
        var name: String
        var key: SegmentNames.Key
        var modified: Date
        var bytes: Int
    }

    /// - Parameter least: bytes to delete even if no limit is passed.
    /// - Returns: whether something was deleted.
    private func delete(now moment: Moment, writing: String?, atLeast least: Int) -> Bool {
        let now = moment.date
        guard let folder = opendir(names.folder) else {
            // None yet: there is nothing to delete.
            report(errno == ENOENT ? nil : "\(names.folder): old video cannot be looked for: \(systemMessage())")
            return false
        }
        defer { closedir(folder) }
        let segments = segments(in: folder)
        var total = segments.reduce(0) { $0 + $1.bytes }
        let finished = segments.filter { $0.name != writing }.sorted {
            (time(of: $0, now), $0.key) < (time(of: $1, now), $1.key)
        }
        checkClock(moment, isAllTooOld: !finished.isEmpty && finished.allSatisfy { isTooOld($0, now) })
        var (freed, deleted): (Int, Bool) = (0, false)
        var problem: String?
        for segment in finished {
            let isOverBytes = keepBytes.map { total > $0 } ?? false
            guard doubt == nil && isTooOld(segment, now) || isOverBytes || freed < least else { continue }
            if unlinkat(dirfd(folder), segment.name, 0) == 0 {
                (total, freed, deleted) = (total - segment.bytes, freed + segment.bytes, true)
            } else if errno == ENOENT {
                total -= segment.bytes
            } else {
                problem = problem ?? "\(names.path(segment.name)): cannot be deleted: \(systemMessage())"
            }
        }
        report(problem)
        return deleted
    }

    /// By the time in the name; those that nobody knows the time of first.
    private func time(of segment: Segment, _ now: Date) -> Date {
        segment.key.time.timeIntervalSince(now) > Self.day ? .distantPast : segment.key.time
    }

    private func isTooOld(_ segment: Segment, _ now: Date) -> Bool {
        guard let keepSeconds else { return false }
        let last = max(time(of: segment, now), segment.modified)
        return now.timeIntervalSince(last) > keepSeconds
    }

    /// Begins or ends the doubt in the wall clock.
    private func checkClock(_ now: Moment, isAllTooOld: Bool) {
        defer { lastRun = now }
        guard keepSeconds != nil else { return }
        let reason: String
        if let lastRun {
            let ahead = now.date.timeIntervalSince(lastRun.date) - (now.instant - lastRun.instant).seconds
            guard ahead > Self.hour else {
                if let doubt, now.instant - doubt >= .seconds(Self.hour) { self.doubt = nil }
                return
            }
            reason = "this machine's clock went ahead by \(Int(ahead)) s"
        } else {
            guard isAllTooOld else { return }
            reason = "by this machine's clock all video is too old"
        }
        doubt = now.instant
        log(.warning, "\(names.folder): \(reason); none is deleted for its age until the clock has held for an hour")
    }

    private func segments(in folder: OpaquePointer) -> [Segment] {
        var found: [Segment] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
            }
            var information = stat()
            // One that is gone by now, a link or a folder is no segment.
            guard let key = names.key(of: name),
                fstatat(dirfd(folder), name, &information, AT_SYMLINK_NOFOLLOW) == 0,
                information.st_mode & S_IFMT == S_IFREG
            else { continue }
            found.append(
                Segment(
                    name: name, key: key,
                    modified: Date(timeIntervalSince1970: Double(information.st_mtim.tv_sec)),
                    bytes: Int(information.st_size)))
        }
        return found
    }

    /// Once, not at every run.
    private func report(_ problem: String?) {
        if let problem, problem != self.problem { log(.warning, problem) }
        self.problem = problem
    }
}
