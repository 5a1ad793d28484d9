import Foundation

/// The file below an event log: appended to, repaired, rotated, followed when something moves it. Opened by the first
/// line, and again by the next line after a failure. One thread at a time.
final class LogFile {
    private let path: String
    private let calls: FileCalls
    private var rotation: LogRotation
    private var writer: LineWriter?
    /// Neither stdout nor a device or pipe: repaired, rotated and followed.
    private var isRegular = false
    /// When to look next whether the file still has its name.
    private var nextCheck: ContinuousClock.Instant
    /// When to try next after a rotation failed.
    private var nextRotation: ContinuousClock.Instant
    /// Streams that an earlier process left without an end; `nil` until the file was first opened.
    private var unfinished: [String: UnfinishedStream]?
    private var notices: [EventFileNotice] = []
    /// Of the notices that would come every second.
    private var lastComplaint: String?

    static let retryPause = Duration.seconds(1)

    init(_ settings: EventFileSettings, calls: FileCalls) {
        path = settings.path
        rotation = LogRotation(settings)
        self.calls = calls
        (nextCheck, nextRotation) = (calls.now(), calls.now())
    }

    deinit { close() }

    private var isStandardOutput: Bool { path == "-" }

    func write(_ line: [UInt8]) throws(OutputError) {
        try makeReady(for: line.count)
        do {
            try writer?.write(line)
        } catch {
            // Opening it anew repairs it, finds a disk that was mounted since, and lets a bad one be unmounted.
            if isRegular { close() }
            throw OutputError(path, "cannot be written: \(error)", whileCreating: false)
        }
    }

    func takeUnfinished(_ stream: String) throws(OutputError) -> UnfinishedStream? {
        if writer == nil { try open() }
        return unfinished?.removeValue(forKey: stream)
    }

    func change(_ settings: EventFileSettings) { rotation = LogRotation(settings) }

    /// For programs that moved the file and now say so.
    func reopen() throws(OutputError) {
        guard writer != nil, !isStandardOutput else { return }
        try open()
    }

    /// What the user should know of what the last calls did.
    func takeNotices() -> [EventFileNotice] {
        defer { notices = [] }
        return notices
    }

    func close() {
        if let writer, !isStandardOutput { Glibc.close(writer.descriptor) }
        writer = nil
    }

    // MARK: Before a line

    private func makeReady(for count: Int) throws(OutputError) {
        if writer == nil { try open() }
        guard isRegular, let writer else { return }
        var information = stat()
        guard fstat(writer.descriptor, &information) == 0 else {
            let message = systemMessage()
            close()
            throw OutputError(path, "cannot be written: \(message)", whileCreating: false)
        }
        // What is written to a deleted file is gone.
        guard information.st_nlink > 0 else { return try reopenDeleted() }
        let now = calls.now()
        let isFull = rotation.isDue(size: Int(information.st_size), adding: count) && now >= nextRotation
        guard isFull || now >= nextCheck else { return }
        nextCheck = now + Self.retryPause
        if isMoved(information) {
            followMove()
        } else if isFull {
            rotate()
        }
    }

    private func isMoved(_ own: stat) -> Bool {
        var named = stat()
        guard stat(path, &named) == 0 else { return errno == ENOENT || errno == ENOTDIR }
        return named.st_ino != own.st_ino || named.st_dev != own.st_dev
    }

    private func reopenDeleted() throws(OutputError) {
        close()
        try open()
        notify("was deleted; it is written anew", isProblem: true)
    }

    /// A file under another name still keeps what is written to it.
    private func followMove() {
        do {
            try open()
            lastComplaint = nil
            notify("was moved; a new one is written", isProblem: false)
        } catch {
            nextRotation = nextCheck
            complain("was moved, and a new one \(error.message); the moved one is written on")
        }
    }

    private func rotate() {
        do throws(OutputError) {
            try makeRoom()
            lastComplaint = nil
        } catch {
            nextRotation = nextCheck
            complain("cannot be rotated: \(error.message); it grows on")
        }
    }

    private func makeRoom() throws(OutputError) {
        guard rotation.kept > 0 else { return try empty() }
        // Not the link that may lead there: its target is what is full.
        let place = resolvedPath(path)
        do {
            try rotation.setAside(place)
        } catch {
            throw OutputError(path, "\(error)", whileCreating: false)
        }
        do {
            try open()
        } catch {
            // Should this fail too, the file counts as moved, and is written on.
            rename(LogRotation.name(place, 1), place)
            throw error
        }
    }

    private func empty() throws(OutputError) {
        guard let writer, ftruncate(writer.descriptor, 0) != 0 else { return }
        throw OutputError(path, "cannot be emptied: \(systemMessage())", whileCreating: false)
    }

    private func complain(_ message: String) {
        guard message != lastComplaint else { return }
        lastComplaint = message
        notify(message, isProblem: true)
    }

    private func notify(_ message: String, isProblem: Bool) {
        notices.append(EventFileNotice(path: path, message: message, isProblem: isProblem))
    }

    // MARK: Opening

    /// What was open stays so where this fails.
    private func open() throws(OutputError) {
        guard !isStandardOutput else {
            writer = LineWriter(STDOUT_FILENO, calls: calls)
            return
        }
        let descriptor = try openedDescriptor()
        var information = stat()
        let isRegular = fstat(descriptor, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
        let isTorn = isRegular && inspect(LogTail(descriptor: descriptor, size: Int(information.st_size)))
        close()
        self.isRegular = isRegular
        writer = LineWriter(descriptor, isTorn: isTorn, calls: calls)
        nextCheck = calls.now() + Self.retryPause
    }

    private func openedDescriptor() throws(OutputError) -> Int32 {
        // Read too, for the repair. A pipe that nobody reads takes until it is full, then fails: it blocks nobody.
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK
        var descriptor = calls.open(path, flags, 0o640)
        if descriptor < 0 && errno == ENOENT {
            makeFolder()
            descriptor = calls.open(path, flags, 0o640)
        }
        guard descriptor >= 0 else {
            throw OutputError(path, "cannot be opened: \(systemMessage())", whileCreating: true)
        }
        return descriptor
    }

    /// What cannot be made shows when the file is opened.
    private func makeFolder() {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        try? Streams.makeFolder(String(path[..<slash]))
    }

    /// Repairs the end and, the first time, looks for streams without one.
    ///
    /// - Returns: whether something that is no line stays there.
    private func inspect(_ tail: LogTail) -> Bool {
        var isTorn = false
        do {
            switch try tail.end() {
            case .whole: break
            case .torn(let start): isTorn = !cut(tail, at: start)
            case .foreign:
                isTorn = true
                complain("ends with no line feed; one is put there")
            }
            if unfinished == nil {
                unfinished = try tail.unfinished(older: LogRotation.name(resolvedPath(path), 1))
            }
        } catch {
            complain("cannot be read: \(error); whether it ends with a whole record is not known")
        }
        return isTorn
    }

    private func cut(_ tail: LogTail, at start: Int) -> Bool {
        let bytes = "\(tail.size - start) bytes"
        guard ftruncate(tail.descriptor, off_t(start)) == 0 else {
            complain("ends with a torn record of \(bytes) that cannot be removed: \(systemMessage())")
            return false
        }
        notify("ended with a torn record; its \(bytes) were removed", isProblem: true)
        return true
    }
}
