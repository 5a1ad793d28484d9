import Foundation
import Models
import Pipeline

/// What people see of a pull: on a terminal one line that is written over, else a line every few seconds.
final class PullProgress: Sendable {
    private struct State {
        var file = ""
        var begin = ContinuousClock.now
        /// Of the file, when it began.
        var offset = 0
        var shown = ContinuousClock.now
        var hasLine = false
    }

    private let isQuiet: Bool
    private let isTerminal: Bool
    private let state = Locked(State())

    init(isQuiet: Bool, isTerminal: Bool = Diagnostics.isTerminal) {
        self.isQuiet = isQuiet
        self.isTerminal = isTerminal
    }

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
                defer { state = State(file: file, offset: offset) }
                return state.file == file && offset == 0
            }
            if isAgain { return }
            Diagnostics.note("\(address)" + (offset > 0 ? ", from byte \(offset)" : ""))
        case .received(let bytes, let total):
            if let line = line(bytes, total) { Diagnostics.write(isTerminal ? "\r\u{1B}[K" + line : line + "\n") }
        case .retrying: break
        case .placed(let path):
            end()
            Diagnostics.note("\(path) is here and whole")
        }
    }

    /// Takes the line that is written over away.
    func end() {
        let hasLine = state.withLock { state in
            defer { state.hasLine = false }
            return state.hasLine
        }
        if hasLine { Diagnostics.write("\r\u{1B}[K") }
    }

    private func line(_ bytes: Int, _ total: Int?) -> String? {
        let now = ContinuousClock.now
        return state.withLock { state in
            guard now - state.shown >= (isTerminal ? .milliseconds(200) : .seconds(5)) else { return nil }
            state.shown = now
            state.hasLine = isTerminal
            // A server may have started over.
            if bytes < state.offset { (state.offset, state.begin) = (0, now) }
            let rate = Double(bytes - state.offset) / max((now - state.begin) / .seconds(1), 1e-3)
            var line = "\(state.file): \(Self.size(bytes))"
            if let total { line += " of \(Self.size(total)), \(bytes * 100 / max(total, 1))%" }
            line += ", \(Self.size(Int(rate)))/s"
            if let total, rate > 0 { line += ", \(ProgressLine.clock(Double(total - bytes) / rate)) left" }
            return isTerminal ? String(line.suffix(ProgressLine.columns - 1)) : line
        }
    }

    /// `44.9 MB`.
    static func size(_ bytes: Int) -> String {
        bytes < 1_000_000
            ? String(format: "%.1f kB", Double(bytes) / 1e3) : String(format: "%.1f MB", Double(bytes) / 1e6)
    }
}
