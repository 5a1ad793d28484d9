/// What an `EventFile` keeps below its lock: the file, whether it can be written, and what each stream lost.
struct EventFileState {
    /// What became of one stream's records.
    private struct Account {
        var written = 0
        var lost = 0
        /// Lost and not yet told in the log.
        var untold: Loss?
    }

    private struct Loss {
        var records = 0
        let since: ContinuousClock.Instant
        let reason: String
    }

    /// Since the last try.
    private struct Failure {
        let error: OutputError
        let since: ContinuousClock.Instant
        var nextTry: ContinuousClock.Instant
        var lost: Int
    }

    private let path: String
    private let calls: FileCalls
    /// `nil`: closed.
    private var file: LogFile?
    private var failure: Failure?
    private var accounts: [String: Account] = [:]
    private var notices: [EventFileNotice] = []

    init(_ settings: EventFileSettings, calls: FileCalls) {
        path = settings.path
        self.calls = calls
        file = LogFile(settings, calls: calls)
    }

    mutating func append(_ line: [UInt8], _ stream: String) -> EventFile.Outcome {
        guard let file else { return lose(stream, OutputError(path, "is closed", whileCreating: false)) }
        // A stream's last record cannot wait for the next try.
        if let failure, calls.now() < failure.nextTry, !EventRecord.isStreamEnd(line) {
            return lose(stream, failure.error)
        }
        do {
            if failure != nil { try tellLosses(in: file) }
            try file.write(line)
        } catch {
            fail(error)
            return lose(stream, error)
        }
        if failure != nil { recover() }
        accounts[stream, default: Account()].written += 1
        return .written
    }

    mutating func takeUnfinished(_ stream: String) -> UnfinishedStream? {
        if let failure, calls.now() < failure.nextTry { return nil }
        do {
            return try file?.takeUnfinished(stream)
        } catch {
            fail(error)
            return nil
        }
    }

    mutating func reopen() {
        let now = calls.now()
        failure?.nextTry = now
        do {
            try file?.reopen()
        } catch {
            notify("\(error.message); the one that is open is written on", isProblem: true)
        }
    }

    mutating func close() {
        notices += file?.takeNotices() ?? []
        file = nil
    }

    func change(_ settings: EventFileSettings) { file?.change(settings) }

    func status(of stream: String) -> SinkStatus { status(of: accounts[stream].map { [$0] } ?? []) }

    var status: SinkStatus { status(of: Array(accounts.values)) }

    private func status(of accounts: [Account]) -> SinkStatus {
        var status = SinkStatus(kind: .events, target: path)
        status.failure = failure?.error.description
        for account in accounts {
            status.written += account.written
            status.lost += account.lost
        }
        return status
    }

    mutating func takeNotices() -> [EventFileNotice] {
        defer { notices = [] }
        return notices + (file?.takeNotices() ?? [])
    }

    // MARK: Failures

    private mutating func fail(_ error: OutputError) {
        // After the try: it may have taken long.
        let now = calls.now()
        if failure == nil { notify("\(error.message); records are lost until that changes", isProblem: true) }
        failure = Failure(
            error: error, since: failure?.since ?? now, nextTry: now + LogFile.retryPause, lost: failure?.lost ?? 0)
    }

    private mutating func lose(_ stream: String, _ error: OutputError) -> EventFile.Outcome {
        failure?.lost += 1
        var account = accounts[stream] ?? Account()
        var untold = account.untold ?? Loss(since: calls.now(), reason: error.message)
        untold.records += 1
        account.lost += 1
        account.untold = untold
        accounts[stream] = account
        return .lost(reason: error.description)
    }

    private mutating func tellLosses(in file: LogFile) throws(OutputError) {
        let now = calls.now()
        for (stream, account) in accounts.sorted(by: { $0.key < $1.key }) {
            guard let loss = account.untold else { continue }
            let stamp = EventStamp(stream: stream, time: calls.date(), timeSource: .arrival)
            let gap = Gap(
                stamp: stamp, reason: .writeFailed, seconds: (now - loss.since).seconds, records: loss.records,
                message: loss.reason)
            try file.write(EventRecord.gap(gap).line())
            // At once: should the next one fail, this one is not told twice.
            accounts[stream]?.untold = nil
        }
    }

    private mutating func recover() {
        guard let failure else { return }
        self.failure = nil
        let seconds = JSONLine.fixed((calls.now() - failure.since).seconds, decimals: 1)
        notify("can be written again; \(failure.lost) records were lost in \(seconds) s", isProblem: false)
    }

    private mutating func notify(_ message: String, isProblem: Bool) {
        notices.append(EventFileNotice(path: path, message: message, isProblem: isProblem))
    }
}
