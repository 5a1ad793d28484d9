import Testing

@testable import Annotation

@Suite struct LabelTextTests {
    @Test func leavesNamesOfAnyScriptAlone() {
        for text in ["dog 82%", "собака 5%", "自行车 91%", "كلب 73%", "कुत्ता 12%", "می‌خواهم"] {
            #expect(lineOfText(text) == text)
        }
    }

    @Test func controlCharactersBecomeSpaces() {
        #expect(lineOfText("a\nb\r\nc\0d\u{1B}[31me\u{2028}f") == "a b  c d [31me f")
    }

    @Test func directionMarksGo() {
        #expect(lineOfText("\u{202E}dog\u{2066} 82%\u{2069}") == "dog 82%")
    }

    @Test func emojiAskForTheirPlainForm() {
        #expect(lineOfText("😀") == "😀\u{FE0E}")
        #expect(lineOfText("❤\u{FE0F}") == "❤")
    }

    @Test func nothingVisibleIsNoLabel() {
        for text in ["", "   ", "\0\n\t", "\u{202E}", "\u{3000}"] { #expect(lineOfText(text) == nil) }
    }

    @Test func longTextKeepsItsEnds() throws {
        let text = "begin " + String(repeating: "x", count: 10_000) + " 82%"
        let line = try #require(lineOfText(text))
        #expect(line.unicodeScalars.count == 160 + 1 + 32)
        #expect(line.hasPrefix("begin x") && line.hasSuffix("x 82%") && line.contains("…"))
        let marks = "e" + String(repeating: "\u{301}", count: 10_000)
        #expect(try #require(lineOfText(marks)).unicodeScalars.count <= 193)
    }
}
