import Darknet
import Foundation
import TestSupport
import Testing

@testable import DataSets

@Suite struct COCOTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// As the official files are: much that is passed over, categories with gaps and last.
    private static let json = """
        {"info": {"year": 2017, "description": "a \\"set\\" ]}"}, "licenses": [{"id": 1, "name": null}],
        "images": [
        {"license": 4, "file_name": "a/000000397133.jpg", "coco_url": "http:\\/\\/x", "height": 427, "width": 640, "id": 397133},
        {"file_name": "b.jpg", "height": 100, "width": 200, "id": 7}],
        "annotations": [
        {"segmentation": [[1.5, 2, [], {}, "]"]], "area": 702.1, "iscrowd": 0, "image_id": 397133, "bbox": [217.62, 240.54, 38.99, 57.75], "category_id": 44, "id": 82445},
        {"segmentation": {"counts": [1, 2], "size": [427, 640]}, "iscrowd": 1, "image_id": 397133, "bbox": [0, 0, 640, 427], "category_id": 1, "id": 900100397133},
        {"image_id": 7, "bbox": [10, 20, 0, 30], "category_id": 13, "id": 3},
        {"image_id": 7, "bbox": [1e1, 2E+1, 30, 40.0], "category_id": 13, "id": 4, "area": null}],
        "categories": [{"supercategory": "x", "id": 44, "name": "airplane"}, {"id": 13, "name": "stop sign"}, {"id": 1, "name": "person"}]}
        """

    private func makeCOCO(_ json: String = json, images: String = "val2017") throws -> String {
        for name in ["a/000000397133.jpg", "b.jpg"] { try folder.put("x", "\(images)/\(name)") }
        return try folder.put(json, "annotations/instances_val2017.json")
    }

    @Test func `classes in the order of ids, boxes from pixels`() throws {
        let path = try makeCOCO()
        let set = try DataSet(path, part: .valid)
        #expect(set.names == ["person", "stop sign", "airplane"])
        #expect(set.samples.map(\.imageID) == [397133, 7] && set.samples.map(\.line) == [3, 4])
        #expect(FileManager.default.fileExists(atPath: set.samples[0].image))
        let truths = set.samples[0].truths
        #expect(truths.map(\.classID) == [2, 0] && truths.map(\.isCrowd) == [false, true])
        #expect(truths[0].area == 702.1 && truths[1].area == nil && !truths[1].isTrained)
        let box = truths[0].box
        #expect(abs((box.x - box.width / 2) * 640 - 217.62) < 1e-9 && abs(box.height * 427 - 57.75) < 1e-9)
        #expect(
            set.samples[1].truths.map(\.box) == [TruthBox(x: 25 / 200.0, y: 40 / 100.0, width: 30 / 200.0, height: 0.4)]
        )
        let warning = try #require(set.warnings.first { $0.message.contains("1 boxes without an area") })
        #expect(warning.file == path && warning.line == 8)
    }

    @Test func `names match, also Darknet's own, and leave classes out`() throws {
        let path = try makeCOCO(images: "pictures")
        try folder.put("aeroplane\nzebra\nperson\n", "my.names")
        try folder.put("classes=3\nvalid=\(path)\nimages=none,pictures\nnames=my.names\n", "my.data")
        let set = try DataSet(folder.file("my.data"), part: .valid)
        #expect(set.samples[0].truths.map(\.classID) == [0, 2] && set.samples[1].truths.isEmpty)
        #expect(set.samples[1].image == folder.file("pictures/b.jpg"))
        #expect(
            set.warnings.contains {
                $0.message.contains("1 of 3 classes have no objects") && $0.message.contains("'zebra'")
            })
        #expect(set.warnings.contains { $0.message.contains("'stop sign'") })
        try folder.put("a\nb\nc\n", "my.names")
        let found = try problems { try DataSet(folder.file("my.data"), part: .valid) }
        #expect(found.count == 1 && found[0].message.contains("called otherwise"), "\(found)")
    }

    @Test func `categories keep their numbers`() throws {
        let path = try makeCOCO()
        #expect(try DataSet(path, part: .valid).categoryIDs == [1, 13, 44])
        // A class that the file leaves out has a number that means nothing else there.
        try folder.put("aeroplane\nzebra\nperson\n", "my.names")
        try folder.put("classes=3\nvalid=\(path)\nnames=my.names\n", "my.data")
        #expect(try DataSet(folder.file("my.data"), part: .valid).categoryIDs == [44, 2, 1])
        let list = try folder.put("val2017/b.jpg\n", "list.txt")
        try folder.put("0 .5 .5 .1 .1\n", "val2017/b.txt")
        #expect(try DataSet(list, part: .valid).categoryIDs == nil)
    }

    @Test func `files that number categories differently are told`() throws {
        let path = try makeCOCO()
        let other = try folder.put(
            Self.json.replacing("\"id\": 44", with: "\"id\": 45").replacing(
                "\"category_id\": 44", with: "\"category_id\": 45"),
            "annotations/other_val2017.json")
        let set = try DataSet("\(path),\(other)", part: .valid)
        #expect(set.categoryIDs == [1, 13, 44])
        #expect(set.warnings.contains { $0.file == other && $0.message.contains("'airplane' is number 45, but 44") })
        #expect(try !DataSet("\(path),\(path)", part: .valid).warnings.contains { $0.message.contains("number") })
    }

    @Test func `COCO's own numbers by whichever names`() {
        let names = ClassNames.coco.names
        #expect(COCOFile.officialIDs(of: names) == ClassMap.cocoCategoryIDs.values)
        let spelled = names.map { ["sofa": "couch", "aeroplane": "airplane"][$0] ?? $0 }
        #expect(COCOFile.officialIDs(of: spelled.reversed()) == ClassMap.cocoCategoryIDs.values.reversed())
        #expect(COCOFile.officialIDs(of: Array(names.dropLast())) == nil)
        #expect(COCOFile.officialIDs(of: names.dropLast() + ["person"]) == nil)
        #expect(COCOFile.officialIDs(of: names.dropLast() + ["gnu"]) == nil)
    }

    @Test func `where the pictures are looked for`() throws {
        for images in ["annotations", "annotations/images", "val2017", "images/val2017", "images"] {
            let other = try COCOTests()
            let path = try other.makeCOCO(images: images)
            #expect(FileManager.default.fileExists(atPath: try DataSet(path, part: .valid).samples[1].image))
        }
        let path = try makeCOCO(images: "elsewhere")
        let found = try problems { try DataSet(path, part: .valid) }
        #expect(found.count == 1 && found[0].message.contains("images = FOLDER") && found[0].line == 3)
        #expect(try DataSet(path, part: .valid, checksImages: false).samples.count == 2)
        #expect(try problems { try DataSet(path, part: .valid, classes: 80, checksImages: false) }.count == 1)
    }

    @Test func `wrong entries are told by line, all at once`() throws {
        let path = try makeCOCO(
            """
            {"categories": [{"id": 1, "name": "person"}, {"id": 1, "name": "x"}, {"name": "x"}],
            "images": [{"file_name": "a/000000397133.jpg", "height": 100, "width": 100, "id": 1},
            {"file_name": "b.jpg", "height": 100, "width": 100, "id": 1}, {"id": 5},
            {"file_name": "c.jpg", "height": 100, "width": 100, "id": 2}],
            "annotations": [{"image_id": 1, "category_id": 1},
            {"image_id": 3, "category_id": 1, "bbox": [1, 1, 5, 5], "id": 11},
            {"image_id": 1, "category_id": 2, "bbox": [1, 1, 5, 5], "id": 12},
            {"image_id": 1, "category_id": 1, "bbox": [1, 1, -5, 5], "id": 13},
            {"image_id": 1, "category_id": 1, "bbox": [1, NaN, 5, 5], "id": 14},
            {"image_id": 1, "category_id": 1, "bbox": [1, 1, 5], "id": 15},
            {"image_id": 1, "category_id": 1, "bbox": [400, 1, 5, 5], "id": 16},
            {"category_id": 1, "bbox": [400, 1, 5, 5], "id": 17}]}
            """)
        let found = try problems { try DataSet(path, part: .train) }
        #expect(found.map(\.line).sorted() == [1, 1, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "\(found)")
        #expect(found.contains { $0.line == 8 && $0.message.contains("annotation 13") })
    }

    @Test(arguments: [
        ("", "cut off"), ("[]", "an object"), ("{}", "no images, no annotations, no categories"),
        ("{\"images\": 1}", "an array"),
        ("{\"images\": [}", "an object"), ("{\"a\" 1}", "':'"), ("{\"a\": \"x", "cut off"),
        ("{\"a\": [1, 2", "cut off"),
        ("{\"a\": 1} x", "behind its end"), ("{\"images\": [{\"id\": \"1\"}]}", "a number"),
        ("{\"images\": [{\"id\": 1.5}]}", "whole number"), ("{\"images\": [{\"file_name\": \"\\q\"}]}", "escape"),
        ("{\"images\": [{\"file_name\": \"a\nb\"}]}", "control"), ("{\"a\": }", "missing"), ("{1: 2}", "in quotes"),
        ("{\"images\": [{\"file_name\": \"\(String(repeating: "x", count: 70_000))\"}]}", "longer"),
    ])
    func `what is no COCO file is refused`(text: String, message: String) throws {
        let path = try folder.put(text, "a.json")
        let found = try problems { try DataSet(path, part: .train) }
        #expect(found.count == 1 && found[0].message.contains(message), "\(found)")
    }

    @Test func `texts with escapes, and nesting of any depth`() throws {
        let deep = String(repeating: "[", count: 300_000) + String(repeating: "]", count: 300_000)
        let path = try folder.put(
            "\u{FEFF}{\"deep\": \(deep), \"name\": \"\\u00e4\\ud83d\\ude00\\/\\n\\ud83d\\u0041ß\"}", "a.json")
        var reader = try JSONReader(path)
        var name = ""
        try reader.object { key, reader throws(DataProblem) in
            if key == "name" { name = try reader.string() } else { try reader.skip() }
        }
        try reader.finish()
        #expect(name == "ä😀/\n\u{FFFD}ß")
    }

    /// Mutations are read or refused: never a crash or a hang.
    @Test func `hostile bytes`() throws {
        var random = SplitMix64(seed: 3)
        let xml = "<annotation><size><width>9</width></size><object><name>dog</name></object></annotation>"
        var refused = 0
        for round in 0..<600 {
            let isXML = round.isMultiple(of: 2)
            var bytes = Array((isXML ? xml : Self.json).utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.removeSubrange(place..<min(place + 20, bytes.count - 1))
                default: bytes.insert(contentsOf: Array("[{\"<&9e99]}".utf8).shuffled(using: &random), at: place)
                }
            }
            let path = try folder.write(bytes, to: "mutated")
            do throws(DataProblem) {
                if isXML {
                    _ = try VOCAnnotation(contentsOf: path)
                } else {
                    var problems = DataProblems()
                    _ = try COCOFile(path, problems: &problems)
                    if problems.count > 0 { throw problems.problems[0] }
                }
            } catch {
                #expect(error.file == path && !error.message.isEmpty)
                refused += 1
            }
        }
        #expect((100..<600).contains(refused))
    }
}
