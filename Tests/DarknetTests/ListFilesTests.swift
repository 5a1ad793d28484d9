import TestSupport
import Testing

@testable import Darknet

@Suite struct ClassNamesTests {
    @Test func `one name a line`() throws {
        let names = try ClassNames(parsing: "person\r\n  ear drier \nbeiß-zange\n\n \n", file: "a.names")
        #expect(names.names == ["person", "ear drier", "beiß-zange"])
        #expect(try ClassNames(parsing: "", file: "a.names").names.isEmpty)
        #expect(try ClassNames(parsing: names.text(), file: "a.names") == names)
    }

    @Test(arguments: [("a\n\nb", 2), ("\na", 1), ("a\nb\u{1B}[2J", 2), ("a\u{0}", 1)])
    func `a class without a plain name is refused`(text: String, line: Int) throws {
        let error = try #require(failure { () throws(DarknetError) in try ClassNames(parsing: text, file: "a.names") })
        #expect(error.kind == .malformed && error.line == line)
    }

    @Test func `written and read`() throws {
        let folder = try TemporaryFolder()
        try ClassNames.coco.write(to: folder.file("coco.names"))
        #expect(try ClassNames(contentsOf: folder.file("coco.names")) == .coco)
        let path = try folder.write([0x61, 0xFF, 0x0A], to: "latin1.names")
        #expect(failure { () throws(DarknetError) in try ClassNames(contentsOf: path) }?.kind == .malformed)
    }

    @Test(.enabled(if: TestData.available, TestData.skipMessage)) func `the known lists are the released ones`() throws
    {
        #expect(try ClassNames(contentsOf: TestData.path("models/voc.names")) == .voc)
        #expect(try ClassNames(contentsOf: TestData.path("models/coco.names")) == .coco)
        #expect(try ClassNames(contentsOf: TestData.path("darknet/9k.names")).names.count == 9418)
    }
}

@Suite struct ClassMapTests {
    @Test func `one integer a line`() throws {
        let map = try ClassMap(parsing: "5177\r\n 0\n12\n\n", file: "a.map")
        #expect(map.values == [5177, 0, 12])
        #expect(try ClassMap(parsing: map.text(), file: "a.map") == map)
        let folder = try TemporaryFolder()
        try map.write(to: folder.file("a.map"))
        #expect(try ClassMap(contentsOf: folder.file("a.map")) == map)
    }

    @Test(arguments: ["1\nx", "1\n-1", "1\n99999999999999999999", "1\n\n2", "1\n1 2", "1\n4294967296"])
    func `anything else is refused`(text: String) throws {
        let error = try #require(failure { () throws(DarknetError) in try ClassMap(parsing: text, file: "a.map") })
        #expect(error.kind == .malformed && error.line == 2)
    }

    /// C36.
    @Test func `COCO's category ids`() {
        let ids = ClassMap.cocoCategoryIDs.values
        #expect(ids.count == 80 && ids[11] == 13 && ids.last == 90)
    }

    @Test(.enabled(if: TestData.available, TestData.skipMessage)) func `the maps of YOLO9000`() throws {
        let coco = try ClassMap(contentsOf: TestData.path("darknet/coco9k.map")).values
        #expect(coco.count == 80 && coco[0] == 5177)
        let imageNet = try ClassMap(contentsOf: TestData.path("darknet/inet9k.map")).values
        #expect(imageNet.count == 200 && Set(imageNet).intersection(coco).count == 38)
    }
}

@Suite struct DataFileTests {
    @Test func `keys, with the cfg's rules`() throws {
        let text = """
            # a comment
            classes = 20
            train  = /data/train.txt
            valid=/data/valid.txt
            names = data/voc.names
            labels=l
            backup = backup
            results=r
            eval=coco
            map=m
            tree=t
            leaves=v
            difficult=d
            top=5
            tag=1
            train=/other
            [what]
            strange=1
            """
        let data = try DataFile(parsing: text, file: "voc.data")
        #expect(data.classes == 20 && data.train == "/data/train.txt" && data.valid == "/data/valid.txt")
        #expect(data.names == "data/voc.names" && data.labels == "l" && data.backup == "backup" && data.results == "r")
        #expect(data.evaluation == .coco && data.map == "m" && data.tree == "t" && data.leaves == "v")
        #expect(data.difficult == "d" && data.top == 5 && data.tag)
        #expect(data.warnings.map(\.line) == [16, 17, 18])
        var again = try DataFile(parsing: data.text(), file: "again.data")
        #expect(again.warnings.isEmpty)
        again.warnings = data.warnings
        #expect(again == data)
    }

    @Test func `keys that Darknet does not have`() throws {
        let data = try DataFile(parsing: "images = train2017, val2017\nclassification=c.list\n", file: "a.data")
        #expect(data.images == "train2017,val2017" && data.classification == "c.list" && data.warnings.isEmpty)
        #expect(try DataFile(parsing: data.text(), file: "b.data") == data)
    }

    @Test func `what is absent is nil or Darknet's default`() throws {
        let data = try DataFile(parsing: "", file: "empty.data")
        #expect(data == DataFile() && data.train == nil && data.evaluation == .voc && data.top == 1)
    }

    @Test(arguments: ["classes=0", "classes=20x", "classes=99999999999999999999", "top=0"])
    func `a broken number is refused`(text: String) throws {
        let error = try #require(failure { () throws(DarknetError) in try DataFile(parsing: text, file: "a.data") })
        #expect(error.kind == .malformed && error.line == 1)
    }

    @Test func `warnings are limited`() throws {
        let text = (0..<1000).map { "key\($0)=1\n" }.joined()
        #expect(try DataFile(parsing: text, file: "a.data").warnings.count == WarningList.limit + 1)
    }
}
