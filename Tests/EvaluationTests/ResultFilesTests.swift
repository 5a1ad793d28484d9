import Darknet
import DataSets
import Detection
import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite struct ResultFilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func picture(_ image: String, id: Int? = nil, boxes: [ScoredBox] = []) -> PictureResult {
        PictureResult(
            sample: Sample(image: image, content: .objects([]), imageID: id), width: 100, height: 50, boxes: boxes)
    }

    private static let boxes = [
        ScoredBox(classID: 1, score: 0.25, box: TruthBox(x: 0.5, y: 0.5, width: 0.2, height: 0.4)),
        ScoredBox(classID: 0, score: 0.5, box: TruthBox(x: 0, y: 0.5, width: 0.5, height: 2)),
    ]

    private func numbers(
        _ results: [PictureResult], _ names: [String] = ClassNames.coco.names, categoryIDs: [Int]? = nil
    ) -> COCONumbers {
        COCONumbers(
            DataSet(samples: results.map(\.sample), names: names, categoryIDs: categoryIDs), names: names)
    }

    /// Check C36.
    @Test func categoriesAreCOCOs() {
        let ids = numbers([]).categoryIDs
        #expect(ids.count == 80 && ids[11] == 13 && ids.last == 90)
        #expect(numbers([], ["a", "b", "c"]).categoryIDs == [1, 2, 3])
        // Any other 80 are counted.
        #expect(numbers([], (0..<80).map { "class \($0)" }).categoryIDs == Array(1...80))
        #expect(numbers([], ["a", "b", "c"], categoryIDs: [0, 7, 2]).categoryIDs == [0, 7, 2])
        #expect(
            COCONumbers(DataSet(samples: [], names: [], categoryIDs: [3]), names: ["a", "b"]).categoryIDs == [1, 2])
    }

    /// Two pictures of one number would be one to whoever judges them.
    @Test(arguments: [["a/000001_1.jpg", "a/000002_1.jpg"], ["a/1.jpg", "b/1.jpg"], ["a/1.jpg", "a/dog.jpg"]])
    func picturesWithoutNumbersOfTheirOwnAreCounted(images: [String]) throws {
        let results = images.map { picture($0, boxes: Self.boxes) }
        let numbers = numbers(results)
        #expect(numbers.arePicturesCounted && results.map { numbers.id(of: $0.sample) } == [1, 2])
        // Also where the first could not be decoded.
        let text = ResultFiles.coco([results[1]], numbers: numbers)
        #expect(text.contains("\"image_id\":2,") && !text.contains("\"image_id\":1,"))
        let list = try JSONSerialization.jsonObject(with: Data(try numbers.pictureList().utf8)) as? [[String: Any]]
        #expect(list?.map { $0["id"] as? Int } == [1, 2])
        #expect(list?.map { $0["file_name"] as? String } == images)
        // What was written is read into the same picture.
        var read = [picture(images[1])]
        let path = try folder.write(ResultFiles.coco(results, numbers: numbers).utf8, to: "both.json")
        try ResultFiles.read(coco: path, into: &read, numbers: numbers)
        #expect(read[0].boxes.count == 2)
    }

    @Test func numbersOfTheirOwnAreKept() {
        let results = [picture("a/000002_7.jpg"), picture("a/000002_3.jpg"), picture("x.jpg", id: 12)]
        let numbers = numbers(results)
        #expect(!numbers.arePicturesCounted && results.map { numbers.id(of: $0.sample) } == [7, 3, 12])
    }

    @Test func eachClassHasAFileOfItsOwn() {
        #expect(ResultFiles.fileStems(of: ["a/b", "a_b", "c", "a/b"]) == ["a_b-2", "a_b", "c", "a_b-3"])
        #expect(ResultFiles.fileStems(of: ["c", "c", "c-2"]) == ["c", "c-2", "c-2-2"])
        #expect(ResultFiles.fileStems(of: ["../car"]) == [".._car"])
    }

    @Test func vocLines() {
        let results = [picture("a/JPEGImages/2007_000027.jpg", boxes: Self.boxes)]
        #expect(ResultFiles.voc(results, classID: 0) == "2007_000027 0.5 1.0 1.0 26.0 50.0\n")
        #expect(ResultFiles.voc(results, classID: 1) == "2007_000027 0.25 41.0 16.0 61.0 36.0\n")
        #expect(ResultFiles.voc(results, classID: 2) == "")
        #expect(ResultFiles.vocName("car") == "comp4_det_test_car.txt")
    }

    @Test func cocoResults() throws {
        let results = [picture("b/COCO_val2014_000000000042.jpg", boxes: Self.boxes)]
        let text = ResultFiles.coco(results, numbers: numbers(results))
        #expect(
            text == """
                [
                {"image_id":42,"category_id":1,"bbox":[0.0,0.0,25.0,50.0],"score":0.5},
                {"image_id":42,"category_id":2,"bbox":[40.0,15.0,20.0,20.0],"score":0.25}
                ]

                """)
        #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [Any])
        #expect(ResultFiles.coco([], numbers: numbers([])) == "[\n\n]\n")
    }

    @Test(
        arguments: [
            ("x/000000000139.jpg", nil, 139), ("x/COCO_val2014_000000000042.jpg", nil, 42), ("x/7.jpg", 9, 9),
            ("x/dog.jpg", nil, nil), ("x/1.2.3.jpg", nil, 1), (".jpg", nil, nil), ("", nil, nil),
        ] as [(String, Int?, Int?)])
    func numbersOfPictures(image: String, id: Int?, expected: Int?) {
        #expect(picture(image, id: id).sample.cocoID == expected)
    }

    @Test func whatIsWrittenIsRead() throws {
        let results = RandomBoxes.results(seed: 1, pictures: 20)
        let numbers = numbers(results, RandomBoxes.names)
        let path = try folder.write(ResultFiles.coco(results, numbers: numbers).utf8, to: "results.json")
        var read = results.map { PictureResult(sample: $0.sample, width: $0.width, height: $0.height, boxes: []) }
        try ResultFiles.read(coco: path, into: &read, numbers: numbers)
        #expect(ResultFiles.coco(read, numbers: numbers) == ResultFiles.coco(results, numbers: numbers))
        let figures = [results, read].map { Metrics.summary(of: $0, names: RandomBoxes.names) }
        #expect(figures[0].ap == figures[1].ap && figures[0].arSmall == figures[1].arSmall)
    }

    @Test(arguments: [
        ("", "is no file of COCO results"), ("{}", "is no file of COCO results"), ("[1]", "result 0"),
        (#"[{"image_id":1,"category_id":1,"bbox":[0,0,1,1]}]"#, "score"),
        (#"[{"image_id":2,"category_id":1,"bbox":[0,0,1,1],"score":1}]"#, "has no image_id 2"),
        (#"[{"image_id":1,"category_id":9,"bbox":[0,0,1,1],"score":1}]"#, "has no category_id 9"),
        (#"[{"image_id":1,"category_id":1,"bbox":[0,0,1],"score":1}]"#, "bbox is not"),
        (#"[{"image_id":1,"category_id":1,"bbox":[0,0,1,-1],"score":1}]"#, "bbox is not"),
        (#"[{"image_id":1,"category_id":1,"bbox":[0,0,1e300,1],"score":1}]"#, "bbox is not"),
        (#"[{"image_id":1e99,"category_id":1,"bbox":[0,0,1,1],"score":1}]"#, "is no file of COCO results"),
    ])
    func whatIsWrongIsSaid(text: String, message: String) throws {
        let path = try folder.write(text.utf8, to: "bad.json")
        let error = #expect(throws: DetectionError.self) {
            var results = [picture("1.png")]
            try ResultFiles.read(coco: path, into: &results, numbers: numbers(results, ["a"]))
        }
        let said = error?.description ?? ""
        #expect(said.hasPrefix(path) && said.contains(message), "\(said)")
    }
}
