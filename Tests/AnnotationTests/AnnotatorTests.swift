import Foundation
import Media
import TestSupport
import Testing

@testable import Annotation

@Suite struct AnnotatorTests {
    static let formats = [(1, 1), (1, 0), (0, 0), (0, 1), (2, 0), (2, 2)]

    static func label(
        _ text: String, x: Float, y: Float, width: Float = 80, height: Float = 60, classID: Int = 0
    ) -> Label {
        Label(text: text, classID: classID, classCount: 80, x: x, y: y, width: width, height: height)
    }

    @Test(arguments: formats) func boxTouchesItsOutlineOnly(shiftX: Int, shiftY: Int) {
        let picture = TestPicture(160, 120, shiftX: shiftX, shiftY: shiftY)
        let before = picture.planes
        picture.draw([Self.label("", x: 40, y: 20)], with: Annotator())
        let line = shiftX == 2 ? 4 : 2
        // Magenta in limited-range BT.601.
        for (index, color) in ([106, 202, 222] as [UInt8]).enumerated() {
            var expected = before[index]
            let (scaleX, scaleY) = (160 / expected.width, 120 / expected.height)
            for row in 0..<expected.height {
                for column in 0..<expected.width {
                    let (x, y) = (column * scaleX, row * scaleY)
                    let inBox = (40..<120).contains(x) && (20..<80).contains(y)
                    let inside = (40 + line..<120 - line).contains(x) && (20 + line..<80 - line).contains(y)
                    if inBox && !inside { expected[column, row] = color }
                }
            }
            #expect(picture.planes[index] == expected)
        }
        #expect(picture.guardsIntact)
    }

    @Test(arguments: formats) func labelIsTheClassColourWithContrastingText(shiftX: Int, shiftY: Int) throws {
        let picture = TestPicture(320, 240, shiftX: shiftX, shiftY: shiftY)
        let before = picture.planes
        // Yellow in limited-range BT.601, so black text.
        picture.draw([Self.label("dog 82%", x: 40, y: 80, classID: 16)], with: Annotator())
        let changed = (0..<80).filter { row in (0..<320).contains { picture.y[$0, row] != before[0][$0, row] } }
        let top = try #require(changed.first)
        #expect((60..<70).contains(top), "the label stands right above the box")
        #expect((0..<320).allSatisfy { picture.y[$0, top - 1] == before[0][$0, top - 1] })
        let label = (top..<80).flatMap { row in (40..<60).map { picture.y[$0, row] } }
        #expect(label.max() == 210, "the ground")
        #expect(try #require(label.min()) < 40, "the text")
        #expect(label.allSatisfy { $0 >= 16 })
        // Chroma goes from the ground's towards grey where text is.
        let (row, column) = (top >> shiftY, 40 >> shiftX)
        #expect(picture.u[column, row] == 16 && picture.v[column, row] == 146)
        let chroma = ((top >> shiftY)..<(80 >> shiftY)).flatMap { row in
            ((40 >> shiftX)..<(60 >> shiftX)).map { picture.u[$0, row] }
        }
        #expect(chroma.allSatisfy { (16...128).contains($0) } && chroma.contains { $0 > 60 })
        #expect(picture.guardsIntact)
    }

    @Test func surerDetectionsLieOnTop() {
        // Of one label's size: there is no second place.
        let (both, alone) = (TestPicture(64, 14), TestPicture(64, 14))
        let sure = Self.label("dog 82%", x: 0, y: 0, width: 40, height: 14, classID: 16)
        both.draw([sure, Self.label("dog 82%", x: 0, y: 0, width: 40, height: 14, classID: 3)], with: Annotator())
        alone.draw([sure], with: Annotator())
        let isOnTop = both.planes == alone.planes
        #expect(isOnTop)
    }

    @Test func labelsOfNearBoxesAreBothWhole() throws {
        let sure = Self.label("person 82%", x: 50, y: 84, classID: 16)
        let other = Self.label("person 61%", x: 40, y: 80, classID: 3)
        let picture = TestPicture(320, 240)
        picture.draw([sure, other], with: Annotator())
        let geometry = GeometryTests.geometry(320, 240)
        let style = TextStyle(fontSize: geometry.fontSize, maxWidth: 320, chromaShiftX: 1, chromaShiftY: 1)
        let renderer = TextRenderer(pixelAspect: 1)
        let masks = try [sure, other].map { try #require(renderer.render($0.text, style: style)) }
        let labels = try zip([sure, other], masks).map { label, mask in
            UnplacedLabel(
                box: try #require(geometry.visiblePart(of: label)), width: mask.luma.width, height: mask.luma.height)
        }
        for ((label, mask), place) in zip(zip([sure, other], masks), geometry.places(of: labels)) {
            let expected = TestPicture(320, 240)
            expected.withImage { image in
                let color = labelColor(classID: label.classID, classCount: label.classCount)
                let text = image.matrix.contrastingText(on: color)
                image.draw(
                    mask, in: place, ground: YUVColor(color, matrix: image.matrix, fullRange: false),
                    text: YUVColor(text, matrix: image.matrix, fullRange: false))
            }
            for row in place.top..<place.bottom {
                let isWhole = (place.left..<place.right).allSatisfy { picture.y[$0, row] == expected.y[$0, row] }
                #expect(isWhole, "\(label.text), row \(row)")
            }
        }
    }

    @Test func labelsLieOnTopOfEveryBox() {
        let text = Self.label("cat 31%", x: 40, y: 80, classID: 16)
        let alone = TestPicture(320, 240)
        alone.draw([text], with: Annotator())
        let crossed = TestPicture(320, 240)
        crossed.draw([Self.label("", x: 50, y: 60, classID: 3), text], with: Annotator())
        #expect((40..<70).allSatisfy { crossed.y[$0, 75] == alone.y[$0, 75] })
    }

    @Test func cachedLabelsLookTheSame() {
        let annotator = Annotator()
        let labels = [Self.label("dog 82%", x: 40, y: 80), Self.label("кот 31%", x: 300, y: 2)]
        let pictures = (0..<2).map { _ in TestPicture(320, 240) }
        pictures[0].draw(labels, with: annotator)
        TestPicture(640, 480, shiftX: 0, shiftY: 0).draw(labels, with: annotator)
        pictures[1].draw(labels, with: annotator)
        #expect(pictures[0].planes == pictures[1].planes)
    }

    @Test func picturesMayBeStoredBottomUp() {
        let labels = [Self.label("dog 82%", x: 40, y: 80)]
        let upright = TestPicture(320, 240)
        let flipped = TestPicture(320, 240)
        (flipped.y, flipped.u, flipped.v) = (flipped.y.flipped, flipped.u.flipped, flipped.v.flipped)
        upright.draw(labels, with: Annotator())
        flipped.draw(labels, with: Annotator(), bottomUp: true)
        #expect(upright.planes == flipped.planes.map(\.flipped))
    }

    @Test(arguments: formats) func randomBoxesStayInsideThePicture(shiftX: Int, shiftY: Int) {
        var random = SplitMix64(seed: 0xB0C5)
        let special: [Float] = [
            .nan, .signalingNaN, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
            .leastNonzeroMagnitude, -0.0, 1e10, -1e10,
        ]
        let texts = ["", "x 9%", "dog 82%", "自行车 91%", "\0\n", String(repeating: "very long ", count: 1000)]
        for (width, height) in [(1, 1), (2, 1), (17, 13), (64, 33), (161, 97)] {
            let annotator = Annotator(pixelAspect: 1.3)
            for seed in 0..<UInt64(60) {
                let number = { (limit: Int) -> Float in
                    if Int.random(in: 0..<8, using: &random) == 0, let value = special.randomElement(using: &random) {
                        return value
                    }
                    return Float.random(in: -1.5 * Float(limit)...1.5 * Float(limit), using: &random)
                }
                let labels = (0..<4).map { _ in
                    Label(
                        text: texts.randomElement(using: &random) ?? "",
                        classID: Int.random(in: -5...100, using: &random),
                        classCount: 80, x: number(width), y: number(height), width: number(width),
                        height: number(height))
                }
                let picture = TestPicture(width, height, shiftX: shiftX, shiftY: shiftY, seed: seed)
                let before = picture.planes
                picture.draw(labels, with: annotator)
                #expect(picture.guardsIntact, "\(width)x\(height): \(labels)")
                let geometry = GeometryTests.geometry(width, height, shiftX: shiftX, shiftY: shiftY)
                if labels.allSatisfy({ geometry.visiblePart(of: $0) == nil }) { #expect(picture.planes == before) }
            }
        }
    }

    @Test func hostileNamesAreSafe() {
        let names = [
            String(repeating: "A", count: 10_000), String(repeating: "\n", count: 10_000),
            "a\0b", "\u{FFFD}\u{FFFF}\u{10FFFF}",
            String(decoding: [0xC3, 0x28, 0xFF, 0xFE, 0x80] as [UInt8], as: UTF8.self),
            "e" + String(repeating: "\u{301}", count: 5000), "<b>&amp;%s%n</b>", "\u{202E}82% god",
            "\u{200D}\u{FE0F}\u{20E3}",
            String(repeating: "\u{FDFD}", count: 300), String(repeating: "👨‍👩‍👧‍👦", count: 100),
        ]
        let annotator = Annotator()
        for name in names {
            let picture = TestPicture(161, 97)
            picture.draw([Self.label(name + " 50%", x: 10, y: 40)], with: annotator)
            #expect(picture.guardsIntact)
            #expect(picture.y.bytes != TestPicture(161, 97).y.bytes)
        }
    }

    @Test(arguments: [0, -1, .nan, .infinity, 1e-300, 1e300]) func anyAspectIsSafe(pixelAspect: Double) {
        let picture = TestPicture(161, 97)
        picture.draw([Self.label("dog 82%", x: 10, y: 40)], with: Annotator(pixelAspect: pixelAspect))
        #expect(picture.guardsIntact)
    }

    /// In a process of its own, as fontconfig reads its settings once.
    @Test func machinesWithoutFontsStillGetBoxes() async throws {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let empty = "<?xml version=\"1.0\"?><fontconfig><dir>\(folder.path)</dir></fontconfig>"
            let settings = try folder.write(Array(empty.utf8), to: "fonts.conf")
            setenv("FONTCONFIG_FILE", settings, 1)
            let picture = TestPicture(320, 240)
            let before = picture.planes
            picture.draw([AnnotatorTests.label("собака dog 自行车 😀 كلب 82%", x: 40, y: 80)], with: Annotator())
            #expect(picture.guardsIntact)
            #expect(picture.planes != before)
        }
    }
}
