import Annotation
import Darknet
import DataSets
import Foundation
import Media
import TestSupport
import Testing

@testable import Training

@Suite struct BatchPictureTests {
    private func batch(_ count: Int, width: Int, height: Int) -> TrainingBatch {
        let box = TrainingBox(classID: 1, x: 0.5, y: 0.5, width: 0.5, height: 0.5)
        return TrainingBatch(
            firstSample: 0, width: width, height: height,
            images: Array(repeating: 0.25, count: 3 * width * height * count),
            targets: (0..<count).map { $0 == 1 ? .label(0) : .boxes($0 == 2 ? [] : [box]) })
    }

    private func written(_ batch: TrainingBatch, names: [String], as name: String) throws -> DecodedPicture {
        let folder = try TemporaryFolder()
        let path = folder.file(name)
        try BatchPicture.write(batch, names: names, to: path)
        let start = try Array(Data(contentsOf: URL(fileURLWithPath: path)).prefix(4))
        #expect(name.hasSuffix(".png") ? start == [0x89, 0x50, 0x4E, 0x47] : start.starts(with: [0xFF, 0xD8]))
        return try DecodedPicture(path, mostPixels: 10_000, interrupt: Interrupt())
    }

    @Test(arguments: ["batch.png", "batch.jpg"]) func truthsAreDrawn(name: String) throws {
        let picture = try written(batch(3, width: 128, height: 96), names: ["cat", "dog"], as: name)
        #expect(picture.size == PixelSize(width: 128 + 4 + 128, height: 96 + 4 + 96))
        let values = { (x: Int, y: Int) in
            (0..<3).map { Int(picture.planes[($0 * picture.size.height + y) * picture.size.width + x]) }
        }
        let isGrey = { (color: [Int]) in color.allSatisfy { abs($0 - 64) < 12 } }
        // The first has a box from 32, 24 to 96, 72; the second is of one class; the third shows nothing.
        #expect(isGrey(values(64, 48)) && isGrey(values(10, 80)))
        #expect(!isGrey(values(33, 60)) && !isGrey(values(94, 60)) && !isGrey(values(64, 70)))
        #expect(!isGrey(values(133, 80)) && isGrey(values(132 + 64, 60)))
        for (x, y) in [(20, 120), (64, 148), (33, 160)] { #expect(isGrey(values(x, y))) }
        // Between them.
        #expect(values(130, 40).allSatisfy { $0 < 20 })
    }

    /// Joint training: boxes have the data's classes, whole pictures the tree's nodes.
    @Test func labelsOfWholePicturesHaveNamesOfTheirOwn() {
        let batch = batch(2, width: 64, height: 64)
        let texts = batch.targets.flatMap {
            BatchPicture.labels(of: $0, batch, ["cat", "dog"], labelNames: ["animal", "cat", "dog"]).map(\.text)
        }
        #expect(texts == ["dog", "animal"])
    }

    @Test func oddSizesManyPicturesAndUnknownClasses() throws {
        let many = try written(batch(40, width: 33, height: 35), names: [], as: "many.png")
        #expect(many.size == PixelSize(width: 4 * 38 - 4, height: 4 * 40 - 4))
        let one = try written(batch(1, width: 64, height: 64), names: ["a"], as: "one.jpeg")
        #expect(one.size == PixelSize(width: 64, height: 64))
    }

    @Test func aFolderThatIsNotThereIsNamed() throws {
        let path = try TemporaryFolder().path + "/none/batch.png"
        let error = #expect(throws: MediaError.self) {
            try BatchPicture.write(batch(1, width: 64, height: 64), names: [], to: path)
        }
        #expect(error?.kind == .cannotCreate && error?.description.contains(path) == true)
    }
}

/// Real pictures, with everything at random.
@Suite(.enabled(if: TestData.available, TestData.skipMessage)) struct RealPicturesTests {
    @Test(arguments: [Augmentation.Placement.letterboxJitter, .crop])
    func realPicturesLoad(placement: Augmentation.Placement) throws {
        let folder = TestData.path("coco/images/train")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().prefix(24)
        let samples = try names.map { name in
            let lines = try TestData.text("coco/labels/train/" + name.replacing(".jpg", with: ".txt"))
            let truths = lines.split(separator: "\n").map { line in
                let values = line.split(separator: " ").compactMap { Double($0) }
                let box = TruthBox(x: values[1], y: values[2], width: values[3], height: values[4])
                return Truth(classID: Int(values[0]), box: box)
            }
            return Sample(image: folder + "/" + name, content: .objects(truths))
        }
        var net = NetOptions(width: 160, height: 160)
        (net.hue, net.saturation, net.exposure) = (0.1, 1.5, 1.5)
        var augmentation = Augmentation(net: net, region: Region())
        (augmentation.placement, augmentation.mosaic) = (placement, 0.25)
        let make = { (threads: Int, first: Int) in
            try BatchLoader(
                DataSet(samples: samples, names: []), augmentation: augmentation,
                sizes: .fixed(width: 160, height: 160), batch: 8, seed: 3, firstSample: first, threads: threads)
        }
        let (one, two) = (try make(1, 0), try make(2, 16))
        let batches = try (0..<4).map { _ in try one.next() }
        for batch in batches[2...] {
            let same = try two.next()
            #expect(same.images == batch.images && same.targets == batch.targets)
        }
        let boxes = batches.flatMap(\.targets).flatMap(\.boxes)
        #expect(boxes.count > 32)
        for box in boxes {
            #expect(box.x - box.width / 2 > -1e-6 && box.x + box.width / 2 < 1 + 1e-6)
            #expect(box.y - box.height / 2 > -1e-6 && box.y + box.height / 2 < 1 + 1e-6)
        }
        for batch in batches {
            let mean = batch.images.reduce(0, +) / Float(batch.images.count)
            #expect(mean > 0.2 && mean < 0.8)
        }
    }
}
