import Testing

@testable import Annotation

@Suite struct TextRendererTests {
    static let style = TextStyle(fontSize: 20, maxWidth: 400, chromaShiftX: 1, chromaShiftY: 1)

    static func render(_ text: String, _ style: TextStyle = style, pixelAspect: Double = 1) -> TextMask? {
        TextRenderer(pixelAspect: pixelAspect).render(text, style: style)
    }

    @Test func everyScriptHasItsOwnMask() throws {
        var seen: [TextMask] = []
        for text in ["dog 82%", "dog 83%", "собака 55%", "自行车 91%", "كلب كبير 73%", "कुत्ता 1%", "😀 4%", "é", "ab"] {
            let mask = try #require(Self.render(text))
            #expect(mask.luma.samples.contains { $0 > 200 }, "\(text)")
            #expect(mask.chroma.samples.contains { $0 > 0 }, "\(text)")
            #expect(mask.luma.samples.prefix(mask.luma.width).allSatisfy { $0 == 0 }, "\(text) touches the top")
            #expect(!seen.contains(mask), "\(text)")
            seen.append(mask)
        }
    }

    @Test func rightToLeftTextFillsItsLabel() throws {
        let mask = try #require(Self.render("كلب كبير 73%"))
        let inked = (0..<mask.luma.width).filter { column in
            (0..<mask.luma.height).contains { mask.luma.samples[$0 * mask.luma.width + column] > 100 }
        }
        #expect(try #require(inked.first) < 15)
        #expect(try #require(inked.last) >= mask.luma.width - 15)
    }

    @Test(arguments: [(0, 0), (1, 0), (1, 1), (2, 0), (2, 2)]) func sizesAreWholeChromaSamples(shiftX: Int, shiftY: Int)
        throws
    {
        let style = TextStyle(fontSize: 13, maxWidth: 300, chromaShiftX: shiftX, chromaShiftY: shiftY)
        let mask = try #require(Self.render("person 99%", style))
        #expect(mask.luma.width == mask.chroma.width << shiftX)
        #expect(mask.luma.height == mask.chroma.height << shiftY)
        #expect(mask.luma.samples.count == mask.luma.width * mask.luma.height)
        #expect(mask.chroma.samples.count == mask.chroma.width * mask.chroma.height)
    }

    @Test func longNamesFitThePicture() throws {
        let name = String(repeating: "long name ", count: 50)
        for width in [1, 17, 101, 320] {
            var style = Self.style
            style.maxWidth = width
            for text in [name + "12%", "كلب " + name, String(repeating: "字", count: 150)] {
                let mask = try #require(Self.render(text, style))
                // The margins stay, and the size is rounded up to the grid.
                #expect(mask.luma.width <= max(width, 12) + 1)
            }
        }
        let masks = [12, 13].map { Self.render(name + "\($0)%") }
        #expect(masks[0] != masks[1], "the confidence must stay when the name is cut")
    }

    @Test func stackedMarksDoNotRaiseTheLabel() throws {
        let mask = try #require(Self.render("e" + String(repeating: "\u{301}", count: 10_000)))
        #expect(mask.luma.height <= 2 * 20 + 6)
    }

    @Test func widePixelsNarrowTheText() throws {
        let square = try #require(Self.render("bicycle 64%")).luma
        let wide = try #require(Self.render("bicycle 64%", pixelAspect: 2)).luma
        #expect(wide.height == square.height)
        #expect(abs(wide.width * 2 - square.width) <= 4)
    }

    @Test func nothingToDrawIsNil() {
        #expect(Self.render("") == nil)
        #expect(Self.render(" \n") == nil)
    }
}
