import Darknet
import Foundation
import TestSupport
import Testing

@testable import DataSets

@Suite struct DataSetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Three pictures, of which the third has no label file.
    private func makeSet() throws -> String {
        for name in ["a", "b", "c"] { try folder.put("x", "set/images/\(name).jpg") }
        try folder.put("1 0.5 0.25 0.2 0.1\r\n\n0 0.1 0.1 0.05 0.05\n", "set/labels/a.txt")
        try folder.put("", "set/labels/b.txt")
        try folder.put("images/a.jpg\r\n\nimages/b.jpg\nimages/c.jpg\n", "set/train.list")
        try folder.put("cat\ndog\nowl\n", "set/pets.names")
        return try folder.put("classes=3\ntrain = train.list\nvalid=train.list\nnames=pets.names\n", "set/pets.data")
    }

    @Test func `pictures, labels and where they are named`() throws {
        let path = try makeSet()
        let set = try DataSet(path, part: .train)
        #expect(set.names == ["cat", "dog", "owl"])
        #expect(set.samples.map(\.image) == ["a", "b", "c"].map { folder.file("set/images/\($0).jpg") })
        #expect(set.samples.map(\.line) == [1, 3, 4] && set.samples[0].file == folder.file("set/train.list"))
        #expect(
            set.samples[0].truths == [
                Truth(classID: 1, box: TruthBox(x: 0.5, y: 0.25, width: 0.2, height: 0.1)),
                Truth(classID: 0, box: TruthBox(x: 0.1, y: 0.1, width: 0.05, height: 0.05)),
            ])
        #expect(set.samples[1].truths.isEmpty && set.samples[2].truths.isEmpty)
        #expect(try DataSet(path, part: .valid, classes: 3).samples == set.samples)
        #expect(try DataSet(folder.file("set/train.list"), part: .train).samples == set.samples)
    }

    @Test func `what is probably not meant is warned of`() throws {
        let path = try makeSet()
        let warnings = try DataSet(path, part: .train).warnings.map(\.description)
        try #require(warnings.count == 3)
        #expect(warnings[0].contains("1 of 3 pictures have no label file") && warnings[0].contains("set/labels/c.txt"))
        #expect(warnings[1].contains("1 of 3 pictures have labels without objects"))
        #expect(warnings[2].contains("1 of 3 classes have no objects") && warnings[2].contains("'owl'"))
        try folder.put("0 0.5 0.5 0.005 0.5\n2 0.99 0.5 0.5 0.5\n", "set/labels/c.txt")
        let more = try DataSet(path, part: .train).warnings.map(\.description)
        #expect(more.contains { $0.contains("1 of 4 boxes are less than a hundredth") })
        #expect(more.contains { $0.contains("1 of 4 boxes reach out") })
        #expect(!more.contains { $0.contains("no label file") || $0.contains("have no objects") })
    }

    @Test func `everything wrong is told at once, by file and line`() throws {
        let path = try makeSet()
        try folder.put("images/a.jpg\nimages/none.jpg\nimages/b.jpg\nimages/empty.jpg\nimages\n", "set/train.list")
        try folder.put("", "set/images/empty.jpg")
        try folder.put("3 .5 .5 .1 .1\n1 .5 .5 .1 .1\n-1 .5 .5 .1 .1\n", "set/labels/a.txt")
        let bad = [
            "0 0.5 0.5 0.1", "0 0.5 0.5 0.1 x", "x 0.5 0.5 0.1 0.1", "0 nan 0.5 0.1 0.1", "0 0.5 0.5 0 0.1",
            "0 0.5 0.5 0.1 -0.1", "0 1.5 0.5 0.1 0.1", "0 0.5 0.5 0.1 inf", "0 0.5 0.5 1.5 0.1", "0 210 100 50 60",
            "0 0 0 1 1", "0 0.1 0.2 0.3 0.4 0.5 0.6", "1.0 .5 .5 .1 .1", "99999999999999999999 .5 .5 .1 .1",
        ]
        try folder.put(bad.joined(separator: "\n"), "set/labels/b.txt")
        let found = try problems { try DataSet(path, part: .train) }
        let (list, a, b) = (
            folder.file("set/train.list"), folder.file("set/labels/a.txt"), folder.file("set/labels/b.txt")
        )
        let places = [(a, 1), (a, 3), (list, 2)] + bad.indices.map { (b, $0 + 1) } + [(list, 4), (list, 5)]
        #expect(found.map { "\($0.file):\($0.line)" } == places.map { "\($0):\($1)" })
        #expect(found[0].message.contains("class 3 is out of range") && found[0].message.contains("0 to 2"))
        #expect(found[2].message.contains("does not exist") && found[found.count - 2].message.contains("is empty"))
        #expect(found[found.count - 1].message.contains("is a folder"))
    }

    @Test func `pictures need not be there where nobody looks`() throws {
        let list = try folder.put("images/none.jpg\n", "train.txt")
        try folder.put("0 .5 .5 .1 .1", "labels/none.txt")
        #expect(try problems { try DataSet(list, part: .train) }.count == 1)
        #expect(try DataSet(list, part: .train, checksImages: false).samples.map(\.truths.count) == [1])
    }

    @Test func `a set without a single object is refused`() throws {
        try folder.put("x", "images/a.jpg")
        let list = try folder.put("images/a.jpg\n", "train.txt")
        let found = try problems { try DataSet(list, part: .train) }
        #expect(found.count == 1 && found[0].message.contains(folder.file("labels/a.txt")), "\(found)")
        let empty = try folder.put("\n \n", "empty.txt")
        #expect(try problems { try DataSet(empty, part: .train) }.map(\.message) == ["names no pictures"])
    }

    @Test func `only the first problems are kept, and all are counted`() throws {
        try folder.put("x", "images/a.jpg")
        try folder.put(String(repeating: "7 .5 .5 .1 .1\n", count: 1234), "labels/a.txt")
        let list = try folder.put("images/a.jpg\n", "train.txt")
        let error = try #require(throws: DataProblems.self) { try DataSet(list, part: .train, classes: 7) }
        #expect(error.count == 1234 && error.problems.count == 1000)
        let lines = error.description.split(separator: "\n")
        #expect(lines.count == 51 && lines.last == "and 1184 more problems")
        // A list that is no list ends before it is told a million times.
        let other = try folder.put(String(repeating: "nonsense\n", count: 300_000), "nonsense.txt")
        #expect(try #require(throws: DataProblems.self) { try DataSet(other, part: .train) }.count == 100_000)
    }

    @Test func `counts that do not fit are refused`() throws {
        let path = try makeSet()
        #expect(try problems { try DataSet(path, part: .train, classes: 20) }.first?.message.contains("20") == true)
        try folder.put("cat\n", "set/pets.names")
        #expect(try problems { try DataSet(path, part: .train) }.first?.message.contains("1 names for 3") == true)
        try folder.put("valid=train.list\n", "set/pets.data")
        #expect(try problems { try DataSet(path, part: .train) }.first?.message.contains("train = LIST") == true)
        try folder.put("train=none.list\n", "set/pets.data")
        let error = try #require(throws: DarknetError.self) { try DataSet(path, part: .train) }
        #expect(error.kind == .cannotRead && error.file == "none.list")
        #expect(throws: DarknetError.self) { try DataSet(folder.file("none.data"), part: .train) }
    }

    @Test func `difficult boxes of a list are not known`() throws {
        let path = try makeSet()
        try folder.put("train=train.list\nvalid=train.list\nnames=pets.names\ndifficult=hard.list\n", "set/pets.data")
        let warnings = try DataSet(path, part: .valid).warnings
        #expect(warnings.contains { $0.file == path && $0.message.contains("difficult is not used") })
        #expect(try !DataSet(path, part: .train).warnings.contains { $0.message.contains("difficult") })
    }

    @Test func `paths that files name`() throws {
        for name in ["a/one.txt", "b/one.txt", "b/two.txt"] { try folder.put("x", name) }
        let files = [folder.file("a/x.data"), folder.file("b/x.cfg")]
        #expect(Path.found("one.txt", beside: files) == folder.file("a/one.txt"))
        #expect(Path.found("two.txt", beside: files) == folder.file("b/two.txt"))
        #expect(Path.found("none.txt", beside: files) == "none.txt")
        #expect(Path.found(folder.file("b/one.txt"), beside: files) == folder.file("b/one.txt"))
    }

    @Test func `several lists are one set`() throws {
        let path = try makeSet()
        try folder.put("images/a.jpg\n", "set/more.list")
        try folder.put("train = train.list, more.list\nnames=pets.names", "set/pets.data")
        let set = try DataSet(path, part: .train)
        #expect(set.samples.map { Path.stem(of: $0.image) } == ["a", "b", "c", "a"])
    }

    @Test(arguments: [
        ("data/images/train/1.jpg", "data/labels/train/1.txt"), ("VOC/JPEGImages/1.JPG", "VOC/labels/1.txt"),
        ("raw/x.png", "labels/x.txt"), ("photos/x.JPEG", "photos/x.txt"), ("x.jpg", "x.txt"),
        ("images/JPEGImages/raw/images/1.png", "labels/labels/labels/images/1.txt"),
        ("images/x.jpeg", "labels/x.txt"), ("images/x.bmp", "labels/x.txt"), ("images/v1.2", "labels/v1.txt"),
    ])
    func `where Darknet looks for labels`(image: String, label: String) {
        #expect(LabelFile.path(ofImage: image) == label)
    }

    @Test(.enabled(if: TestData.available, TestData.skipMessage)) func `real COCO labels`() throws {
        var lists: [String: String] = [:]
        for (part, count) in [("train", 317), ("val", 128)] {
            let images = try FileManager.default.contentsOfDirectory(atPath: TestData.path("coco/images/\(part)"))
            #expect(images.count == count)
            let text = images.sorted().map { TestData.path("coco/images/\(part)/\($0)") }.joined(separator: "\n")
            lists[part] = try folder.put(text, part + ".txt")
        }
        try ClassNames.coco.write(to: folder.file("coco.names"))
        let data = try folder.put("classes=80\ntrain=train.txt\nvalid=val.txt\nnames=coco.names\n", "coco.data")
        let (train, val) = (try DataSet(data, part: .train, classes: 80), try DataSet(data, part: .valid, classes: 80))
        #expect(train.samples.count == 317 && val.samples.count == 128 && train.names == ClassNames.coco.names)
        let lines = try FileManager.default.contentsOfDirectory(atPath: TestData.path("coco/labels/val")).reduce(0) {
            $0 + (try TestData.text("coco/labels/val/\($1)")).split(separator: "\n").count
        }
        #expect(val.samples.map(\.truths.count).reduce(0, +) == lines)
        #expect(train.warnings.map(\.message) == ["4 of 317 pictures have labels without objects"])
        #expect(val.warnings.count == 1 && val.warnings[0].message.hasPrefix("7 of 80 classes have no objects"))
    }
}
