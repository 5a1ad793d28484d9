import Testing

@testable import Settings

@Suite struct MeasureTests {
    @Test(arguments: [
        ("500ms", 0.5), ("30s", 30), ("10m", 600), ("12h", 43_200), ("7d", 604_800), ("1.5h", 5400), ("2 s", 2),
    ]) func durations(text: String, seconds: Double) {
        #expect(Measure.duration.value(of: text) == seconds)
    }

    @Test(arguments: [
        ("1B", 1), ("10kB", 10_000), ("10KB", 10_000), ("1KiB", 1024), ("100MB", 1e8), ("512MiB", 536_870_912),
        ("2GB", 2e9), ("1.5GB", 1.5e9), ("1TiB", 1_099_511_627_776),
    ]) func sizes(text: String, bytes: Double) {
        #expect(Measure.size.value(of: text) == bytes)
    }

    @Test(arguments: ["", "10", "s", "-1s", "1e3s", "1..5s", "10min", "5 minutes", "ten", "1s2", "٣s"])
    func noDurations(text: String) { #expect(Measure.duration.value(of: text) == nil) }

    @Test func hints() {
        #expect(Measure.size.hint(for: "100mb") == "; did you mean \"100MB\"?")
        #expect(Measure.duration.hint(for: "5S") == "; did you mean \"5s\"?")
        #expect(Measure.duration.hint(for: "soon") == "")
    }

    @Test func texts() {
        #expect(
            [0.1, 0.5, 1, 90, 600, 3600, 604_800].map(Measure.duration.text) == [
                "100ms", "500ms", "1s", "90s", "10m", "1h", "7d",
            ])
        #expect(
            [0, 500, 1000, 1e6, 1e8, 1e15].map(Measure.size.text) == ["0", "500B", "1KB", "1MB", "100MB", "1000TB"])
    }
}
