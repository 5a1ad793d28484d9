import Testing

@testable import Darknet

@Suite struct SpellingTests {
    @Test(arguments: [
        ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("treshold", "threshold", 1), ("rstp", "rtsp", 1),
        ("kitten", "sitting", 3), ("ca", "abc", 3), ("ab", "ba", 1),
    ]) func distance(a: String, b: String, expected: Int) {
        #expect(Spelling.distance(Array(a.unicodeScalars), Array(b.unicodeScalars)) == expected)
        #expect(Spelling.distance(Array(b.unicodeScalars), Array(a.unicodeScalars)) == expected)
    }

    @Test func nearest() {
        let words = ["threshold", "tree", "url", "udp", "tcp"]
        #expect(Spelling.nearest(to: "treshold", among: words) == "threshold")
        #expect(Spelling.nearest(to: "TCP", among: words) == "tcp")
        #expect(Spelling.nearest(to: "uri", among: words) == "url")
        #expect(Spelling.nearest(to: "tpc", among: words) == "tcp")
        #expect(Spelling.nearest(to: "bees", among: words) == nil)
        #expect(Spelling.nearest(to: "", among: words) == nil)
        #expect(Spelling.nearest(to: String(repeating: "t", count: 100_000), among: words) == nil)
        #expect(Spelling.hint(for: "ulr", among: words) == "; did you mean \"url\"?")
        #expect(Spelling.hint(for: "nothing", among: words) == "")
    }
}
