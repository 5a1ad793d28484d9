import Foundation
import Models
import Pipeline

/// What people see of a pull: on a terminal one line that is written over, else a line every few seconds.
final class PullProgress: Sendable {
    private struct State {
        var line: PullLine?
        /// On the terminal, to be written over.
        var isShown = false
    }

    private let isQuiet: Bool
    private let state = Locked(State())

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ event: PullEvent) {
        if case .retrying(let reason, let seconds) = event {
            end()
            Diagnostics.warning("\(reason); trying again in \(Int(seconds.rounded(.up))) s")
        }
        guard !isQuiet else { return }
        switch event {
        case .present(let path):
            Diagnostics.note("\(path) is here and whole")
        case .starting(let file, let address, let offset):
            let isAgain = state.withLock { state in
                let isAgain = state.line?.file == file && offset == 0
                let pause = Diagnostics.isTerminal ? Duration.milliseconds(200) : .seconds(5)
                state.line = PullLine(file: file, offset: offset, pause: pause, now: .now)
                return isAgain
            }
            if isAgain { return }
            Diagnostics.note("\(address)" + (offset > 0 ? ", from byte \(offset)" : ""))
        case .received(let bytes, let total):
            let line = state.withLock { state in
                let line = state.line?.text(bytes, of: total, now: .now)
                if line != nil { state.isShown = Diagnostics.isTerminal }
                return line
            }
            guard let line else { return }
            Diagnostics.write(
                Diagnostics.isTerminal ? "\r\u{1B}[K" + line.suffix(ProgressLine.columns - 1) : line + "\n")
        case .retrying: break
        case .placed(let path):
            end()
            Diagnostics.note("\(path) is here and whole")
        }
    }

    /// Takes the line that is written over away.
    func end() {
        let isShown = state.withLock { state in
            defer { state.isShown = false }
            return state.isShown
        }
        if isShown { Diagnostics.write("\r\u{1B}[K") }
    }

    /// `44.9 MB`.
    static func size(_ bytes: Int) -> String {
        bytes < 1_000_000
            ? String(format: "%.1f kB", Double(bytes) / 1e3) : String(format: "%.1f MB", Double(bytes) / 1e6)
    }
}

/// How far a file is, in a line now and then.
struct PullLine {
    let file: String
    /// Between two lines.
    private let pause: Duration
    /// Of the file, at `begin`: the rate is that of what has come since.
    private var offset: Int
    private var begin: ContinuousClock.Instant
    private var shown: ContinuousClock.Instant

    /// - Parameter offset: bytes that are here already.
    init(file: String, offset: Int, pause: Duration, now: ContinuousClock.Instant) {
        self.file = file
        self.offset = offset
        self.pause = pause
        (begin, shown) = (now, now)
    }

    /// - Parameters:
    ///   - bytes: that are here.
    ///   - total: `nil`: not known yet.
    /// - Returns: `nil`: the last line is too new for another.
    mutating func text(_ bytes: Int, of total: Int?, now: ContinuousClock.Instant) -> String? {
        // A server may have started over.
        if bytes < offset { (offset, begin) = (bytes, now) }
        guard now - shown >= pause else { return nil }
        shown = now
        let rate = Double(bytes - offset) / max((now - begin) / .seconds(1), 1e-3)
        var line = "\(file): \(PullProgress.size(bytes))"
        if let total { line += " of \(PullProgress.size(total)), \(bytes * 100 / max(total, 1))%" }
        line += ", \(PullProgress.size(Int(rate)))/s"
        if let total, rate > 0 { line += ", \(ProgressLine.clock(Double(total - bytes) / rate)) left" }
        return line
    }
}
