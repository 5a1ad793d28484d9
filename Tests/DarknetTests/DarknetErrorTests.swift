import Testing

@testable import Darknet

@Suite struct DarknetErrorTests {
    @Test func `what is known of the place comes first`() {
        var error = DarknetError(.malformed, file: "a.cfg", line: 7, section: "layer 2 [route]", message: "is wrong")
        #expect(error.description == "a.cfg:7: layer 2 [route]: is wrong")
        error.section = nil
        #expect(error.description == "a.cfg:7: is wrong")
        error.line = nil
        #expect(error.description == "a.cfg: is wrong")
        #expect(DarknetWarning(file: "a.cfg", line: 3, message: "odd").description == "a.cfg:3: odd")
    }

    @Test func `a file's own words are shortened and harmless`() {
        #expect(quoted("a\u{1B}[2J\nb") == "'a\\u{1B}[2J\\nb'")
        #expect(printable(String(repeating: "x", count: 61)) == String(repeating: "x", count: 60) + "...")
        #expect(printable(String(repeating: "x", count: 60)).hasSuffix("x"))
    }
}
