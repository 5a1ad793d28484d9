import Testing

@testable import lookout

@Suite("Pull progress") struct PullProgressTests {
    /// What is shown of a file of which 1 MB was there before.
    private final class Pull {
        private let start = ContinuousClock.now
        private var shown: PullLine

        init() { shown = PullLine(file: "a.weights", offset: 1_000_000, pause: .seconds(5), now: start) }

        func line(_ bytes: Int, of total: Int? = 21_000_000, after time: Duration) -> String? {
            shown.text(bytes, of: total, now: start + time)
        }
    }

    private let pull = Pull()

    @Test func aLineEveryFiveSeconds() {
        #expect(pull.line(2_000_000, after: .milliseconds(4999)) == nil)
        #expect(
            pull.line(11_000_000, after: .seconds(5)) == "a.weights: 11.0 MB of 21.0 MB, 52%, 2.0 MB/s, 0:05 left")
        #expect(pull.line(12_000_000, after: .milliseconds(9999)) == nil)
        #expect(pull.line(21_000_000, of: nil, after: .seconds(10)) == "a.weights: 21.0 MB, 2.0 MB/s")
    }

    /// The rate is that of what came since.
    @Test func aServerThatStartsOver() {
        #expect(pull.line(100_000, after: .seconds(4)) == nil)
        #expect(
            pull.line(900_000, after: .seconds(5)) == "a.weights: 900.0 kB of 21.0 MB, 4%, 800.0 kB/s, 0:25 left")
    }

    /// Nobody knows how long it takes.
    @Test func nothingCame() {
        #expect(pull.line(1_000_000, after: .seconds(5)) == "a.weights: 1.0 MB of 21.0 MB, 4%, 0.0 kB/s")
    }
}
