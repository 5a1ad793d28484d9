import Darknet
import Foundation
import TestSupport
import Testing

@testable import DataSets

@Suite struct VOCTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// As VOC2012's files are: parts within objects, elements in varying order.
    private static func xml(_ objects: String, size: String = "<width>500</width><height>375</height>") -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <annotation verified="yes">
        \t<folder>VOC2012</folder><!-- <object> -->
        \t<filename>a &amp; b.jpg</filename>
        \t<size>\(size)<depth>3</depth></size>
        \t<segmented/>
        \(objects)
        </annotation>

        """
    }

    private static func object(_ name: String, _ box: String, difficult: Int = 0, more: String = "") -> String {
        let corners = zip(["xmin", "ymin", "xmax", "ymax"], box.split(separator: " "))
        return "<object><name> \(name) </name>\(more)<difficult>\(difficult)</difficult><bndbox>"
            + corners.map { "<\($0)>\($1)</\($0)>" }.joined() + "</bndbox></object>"
    }

    private func makeVOC(_ annotations: [String: String]) throws -> String {
        for (name, xml) in annotations {
            try folder.put("x", "VOC2007/JPEGImages/\(name).jpg")
            try folder.put(xml, "VOC2007/Annotations/\(name).xml")
        }
        try folder.put(annotations.keys.sorted().joined(separator: "\n") + "\n", "VOC2007/ImageSets/Main/trainval.txt")
        return folder.file("VOC2007")
    }

    /// C28, voc_label.
    @Test func `pixels from 1 become what voc_label makes of them`() {
        let box = TruthBox(vocLeft: 48, top: 240, right: 195, bottom: 371, width: 500, height: 375)
        for (value, expected) in [(box.x, 0.241), (box.y, 0.812), (box.width, 0.294), (box.height, 0.3493333)] {
            #expect(abs(value - expected) < 1e-7)
        }
    }

    @Test func `evaluation gets the annotation's pixels back exactly`() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<20_000 {
            let (w, h) = (Int.random(in: 2...5000, using: &random), Int.random(in: 2...5000, using: &random))
            let (left, top) = (Int.random(in: 1..<w, using: &random), Int.random(in: 1..<h, using: &random))
            let right = Int.random(in: left + 1...w, using: &random)
            let bottom = Int.random(in: top + 1...h, using: &random)
            let corners = TruthBox(
                vocLeft: Double(left), top: Double(top), right: Double(right), bottom: Double(bottom), width: w,
                height: h
            ).vocCorners(width: w, height: h)
            #expect(corners == (Double(left), Double(top), Double(right), Double(bottom)))
        }
        let (left, _, right, _) = TruthBox(vocLeft: 45.7, top: 1, right: 90.25, bottom: 9, width: 500, height: 375)
            .vocCorners(width: 500, height: 375)
        #expect(abs(left - 45.7) < 1e-9 && abs(right - 90.25) < 1e-9)
    }

    @Test func `a folder, its split, parts and difficult objects`() throws {
        let part =
            "<part><name>head</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></part>"
        let path = try makeVOC([
            "000001": Self.xml(
                Self.object("dog", "48 240 195 371", more: part)
                    + Self.object("person", "8 12 352 498", difficult: 1)
                    .replacing("498", with: "375") + Self.object("unicorn", "1 1 9 9")),
            "000002": Self.xml(""),
        ])
        let set = try DataSet(path, part: .train)
        #expect(set.names == ClassNames.voc.names && set.samples.count == 2)
        let truths = set.samples[0].truths
        #expect(truths.map(\.classID) == [11, 14] && truths.map(\.isDifficult) == [false, true])
        #expect(truths.map(\.isTrained) == [true, false])
        #expect(truths[0].box == TruthBox(vocLeft: 48, top: 240, right: 195, bottom: 371, width: 500, height: 375))
        #expect(
            set.warnings.contains {
                $0.message.contains("1 objects are of classes") && $0.message.contains("'unicorn'")
            })
        #expect(set.samples[1].image == path + "/JPEGImages/000002.jpg" && set.samples[1].truths.isEmpty)
        // The split named, one class's with its second column, and names of one's own.
        try folder.put("000001  1\n000002 -1\n", "VOC2007/ImageSets/Main/dog_val.txt")
        try folder.put("unicorn\ndog\n", "my.names")
        try folder.put("valid = VOC2007:dog_val, VOC2007:trainval\nnames=my.names\n", "voc.data")
        let own = try DataSet(folder.file("voc.data"), part: .valid)
        #expect(own.samples.count == 4 && own.samples[0].truths.map(\.classID) == [1, 0])
        #expect(own.samples[0].line == 1 && own.samples[0].file.hasSuffix("dog_val.txt"))
        #expect(throws: DarknetError.self) { try DataSet(path + ":none", part: .train) }
        #expect(throws: DarknetError.self) { try DataSet(path, part: .valid) }
    }

    @Test func `annotations stand in where a list's pictures have no label files`() throws {
        let path = try makeVOC(["000001": Self.xml(Self.object("dog", "48 240 195 371"))])
        let list = try folder.put("\(path)/JPEGImages/000001.jpg\n", "list.txt")
        #expect(try DataSet(list, part: .train).samples[0].truths.map(\.classID) == [11])
        try folder.put("3 0.5 0.5 0.1 0.1", "VOC2007/labels/000001.txt")
        #expect(try DataSet(list, part: .train).samples[0].truths.map(\.classID) == [3])
    }

    @Test func `wrong boxes are told by file and line`() throws {
        let bad = ["9 9 9 20", "9 9 5 20", "-3 1 5 5", "1 1 501 9", "1 1 9", "1 1 9 376"]
        let path = try makeVOC([
            "000001": Self.xml(bad.map { Self.object("dog", $0) }.joined(separator: "\n")),
            "000002": "<annotation><object>", "000003": Self.xml(Self.object("dog", "a 1 2 3")), "000004": "",
        ])
        try folder.put("000001\n000002\n000003\n000004\n000005\n", "VOC2007/ImageSets/Main/trainval.txt")
        try folder.put("x", "VOC2007/JPEGImages/000005.jpg")
        let found = try problems { try DataSet(path, part: .train) }
        #expect(
            found.map { "\(Path.stem(of: $0.file)):\($0.line)" }
                == bad.indices.map { "000001:\(7 + $0)" } + ["000002:1", "000003:7", "000004:1", "000005:0"])
        #expect(found[4].message.contains("has no whole <bndbox>"))
    }

    @Test(.enabled(if: TestData.available, TestData.skipMessage)) func `a size left out is taken from the picture`()
        throws
    {
        let image = TestData.path("images/dog.jpg")
        for size in ["", "<width>0</width><height>0</height>"] {
            let path = try makeVOC(["dog": Self.xml(Self.object("dog", "131 220 309 540"), size: size)])
            try Data(contentsOf: URL(fileURLWithPath: image)).write(
                to: URL(fileURLWithPath: folder.file("VOC2007/JPEGImages/dog.jpg")))
            let box = try #require(try DataSet(path, part: .train).samples[0].truths.first?.box)
            #expect(box.vocCorners(width: 768, height: 576) == (131, 220, 309, 540))
        }
        let path = try makeVOC(["dog": Self.xml(Self.object("dog", "131 220 309 540"), size: "")])
        let found = try problems { try DataSet(path, part: .train) }
        #expect(found.count == 1 && found[0].message.contains("its annotation has no size"), "\(found)")
    }

    @Test(arguments: [
        ("<a>x</b>", "closes another"), ("<a", "does not end"), ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "document type"),
        ("<a>&b;</a>", "entity"), ("<a>&#xD800;</a>", "entity"), ("<!-- <a/>", "does not end"), ("x", "no XML"),
        ("<a><![CDATA[x</a>", "does not end"), ("< a/>", "starts no element"), ("<a b='>", "does not end"),
        (String(repeating: "<a>", count: 100), "nests more"), ("</a>", "closes another"),
    ])
    func `what is no XML is refused`(text: String, message: String) {
        var scanner = XMLScanner(text, file: "a.xml")
        let error = #expect(throws: DataProblem.self) { while try scanner.next() != nil {} }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `elements, entities and what is passed over`() throws {
        var scanner = XMLScanner(
            "<?xml version='1.0'?>\n<a b=\"x>y\" c='/'><!-- <d> --><e/>&lt;&#65;&#x42;<![CDATA[<&]]></a>\n",
            file: "a.xml")
        var tokens: [XMLScanner.Token] = []
        while let token = try scanner.next() { tokens.append(token) }
        #expect(
            tokens == [
                .text("\n"), .start("a"), .start("e"), .end("e"), .text("<AB"), .text("<&"), .end("a"), .text("\n"),
            ])
    }
}
