import Foundation
import Pipeline
import Streams

/// One line on the terminal that is written over as the work goes on: frames, share, rate, time left.
final class ProgressLine: Sendable {
    private let name: String
    private let begin = ContinuousClock.now
    private let shown = Locked(ContinuousClock.now)

    init(name: String) { self.name = visible(name) }

    func update(_ done: Int, of expected: Int?) {
        let now = ContinuousClock.now
        let isDue = shown.withLock { last in
            guard now - last >= .milliseconds(200) else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let seconds = (now - begin) / .seconds(1)
        let rate = Double(done) / max(seconds, 1e-3)
        var line = "\(name): \(done)"
        if let expected, expected >= done {
            line += "/\(expected) frames, \(done * 100 / max(expected, 1))%"
        } else {
            line += " frames"
        }
        line += String(format: ", %.1f fps", rate)
        if let expected, expected >= done, rate > 0 { line += ", \(Self.clock(Double(expected - done) / rate)) left" }
        Diagnostics.write("\r\u{1B}[K" + line.suffix(Self.columns - 1))
    }

    /// A line that wraps could not be written over. Its end says more than a long name.
    static var columns: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1 ? Int(size.ws_col) : 80
    }

    /// Shows how far `body` is, where a person sees it.
    ///
    /// - Parameter body: tells how many are done.
    static func following<Result>(
        _ name: String, of expected: Int, quiet: Bool, _ body: (@escaping @Sendable (Int) -> Void) throws -> Result
    ) rethrows -> Result {
        let line = quiet || !Diagnostics.isTerminal ? nil : ProgressLine(name: name)
        defer { line?.clear() }
        return try body { line?.update($0, of: expected) }
    }

    func clear() { Diagnostics.write("\r\u{1B}[K") }

    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 359_999).rounded())
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, whole % 60)
            : String(format: "%d:%02d", minutes, whole % 60)
    }
}
