import Darknet
import DataSets
import Detection
import Foundation
import Media
import TestSupport
import Testing

@testable import Training

@Suite struct BatchLoaderTests {
    private func augmentation(_ change: (inout Augmentation) -> Void = { _ in }) -> Augmentation {
        var net = NetOptions(width: 64, height: 64)
        (net.hue, net.saturation, net.exposure) = (0.1, 1.5, 1.5)
        (net.minCrop, net.maxCrop, net.angle, net.aspect) = (64, 100, 7, 1.3)
        var augmentation = Augmentation(net: net, region: Region())
        change(&augmentation)
        return augmentation
    }

    private let sizes = SizeSchedule(
        sizes: [.init(width: 64, height: 64), .init(width: 96, height: 32)], every: 2, seed: 3)

    /// Pictures and targets one by one.
    private struct Made: Equatable {
        let number: Int
        let width: Int
        let image: [Float]
        let target: Target
    }

    private func run(
        _ dataSet: DataSet, _ augmentation: Augmentation, count: Int, batch: Int = 4, subdivisions: Int = 2,
        first: Int = 0, threads: Int = 1, cacheBytes: Int = 1 << 24, rule: BadPictureRule = .stop,
        order: DrawOrder = .uniform, share: Double? = nil, sizes: SizeSchedule? = nil
    ) throws -> [Made] {
        let loader = try BatchLoader(
            dataSet, augmentation: augmentation, sizes: sizes ?? self.sizes, batch: batch, subdivisions: subdivisions,
            seed: 5, firstSample: first, threads: threads, cacheBytes: cacheBytes, badPictures: rule, order: order,
            detectionShare: share)
        var made: [Made] = []
        while made.count < count {
            let batch = try loader.next()
            #expect(batch.firstSample == first + made.count)
            let length = 3 * batch.width * batch.height
            #expect(batch.images.count == length * batch.targets.count)
            for (index, target) in batch.targets.enumerated() {
                made.append(
                    Made(
                        number: batch.firstSample + index, width: batch.width,
                        image: Array(batch.images[index * length..<(index + 1) * length]), target: target))
            }
        }
        return made
    }

    @Test(arguments: [Augmentation.Placement.letterboxJitter, .crop], DrawOrder.allCases)
    func threadsBatchAndStartChangeNothing(placement: Augmentation.Placement, order: DrawOrder) throws {
        let pictures = try MadePictures(10)
        let augmentation = augmentation {
            $0.placement = placement
            $0.mosaic = 0.5
        }
        let all = try run(pictures.dataSet, augmentation, count: 64, order: order)
        #expect(Set(all.map(\.width)) == [64, 96])
        #expect(all.allSatisfy { $0.image.allSatisfy { (0...1).contains($0) } })
        #expect(try run(pictures.dataSet, augmentation, count: 64, threads: 3, order: order) == all)
        #expect(try run(pictures.dataSet, augmentation, count: 64, batch: 8, subdivisions: 1, order: order) == all)
        #expect(try run(pictures.dataSet, augmentation, count: 64, threads: 2, cacheBytes: 0, order: order) == all)
        for first in [8, 20, 24] {
            let tail = try run(
                pictures.dataSet, augmentation, count: 64 - first, first: first, threads: 2, order: order)
            #expect(tail == Array(all[first...]))
        }
    }

    @Test func seedsMakeOthers() throws {
        let pictures = try MadePictures(10)
        let batches = try [1, 2].map { seed in
            try BatchLoader(
                pictures.dataSet, augmentation: augmentation(), sizes: .fixed(width: 64, height: 64), batch: 4,
                seed: seed
            ).next()
        }
        #expect(batches[0].images != batches[1].images)
    }

    @Test func shuffledEpochsShowEveryPictureOnce() throws {
        let pictures = try MadePictures(9)
        let plain = augmentation { $0.placement = .plain(.stretch) }
        let made = try run(pictures.dataSet, plain, count: 36, order: .shuffled)
        let classes = made.flatMap { made in made.target.boxes.map(\.classID) }
        let epochs = (0..<4).map { Array(classes[$0 * 9..<$0 * 9 + 9]) }
        #expect(epochs.allSatisfy { $0.sorted() == Array(0..<9) })
        #expect(epochs[0] != epochs[1])
    }

    /// A white object on black: the box lies on it, wherever it went (Darknet rounds the place of the pixels down).
    @Test(arguments: [Augmentation.Placement.letterboxJitter, .crop, .plain(.letterbox), .plain(.stretch)])
    func boxesLieOnTheirObjects(placement: Augmentation.Placement) throws {
        let pictures = try MadePictures()
        let path = try pictures.add("object.png", width: 160, height: 120) { x, y in
            Array(repeating: (40..<100).contains(x) && (20..<90).contains(y) ? 255 : 0, count: 3)
        }
        let box = TruthBox(x: 70 / 160, y: 55 / 120, width: 60 / 160, height: 70 / 120)
        let dataSet = DataSet(
            samples: [Sample(image: path, content: .objects([Truth(classID: 0, box: box)]))], names: ["object"])
        let plain = augmentation {
            ($0.placement, $0.jitter) = (placement, 0.35)
            ($0.hue, $0.saturation, $0.exposure) = (0, 1, 1)
        }
        var (lefts, cut) = (Set<Int>(), 0)
        for made in try run(dataSet, plain, count: 100, sizes: .fixed(width: 96, height: 96)) {
            #expect(made.target.boxes.count == 1)
            guard let box = made.target.boxes.first else { continue }
            let white = (0..<96 * 96).filter { made.image[$0] > 0.75 }
            let columns = white.map { $0 % 96 }
            let (left, right) = (columns.min() ?? -1, (columns.max() ?? -1) + 1)
            let (top, bottom) = ((white.first ?? -1) / 96, (white.last ?? -1) / 96 + 1)
            #expect(abs(Float(left) - 96 * (box.x - box.width / 2)) <= 2)
            #expect(abs(Float(right) - 96 * (box.x + box.width / 2)) <= 2)
            #expect(abs(Float(top) - 96 * (box.y - box.height / 2)) <= 2)
            #expect(abs(Float(bottom) - 96 * (box.y + box.height / 2)) <= 2)
            lefts.insert(left)
            if left == 0 || top == 0 { cut += 1 }
        }
        if case .plain = placement { #expect(lefts.count == 2) } else { #expect(lefts.count > 5) }
        if placement == .crop { #expect(cut > 0) }
    }

    @Test(arguments: [Augmentation.Placement.letterboxJitter, .crop])
    func boxesOfAMosaicLieOnTheirObjects(placement: Augmentation.Placement) throws {
        let pictures = try MadePictures()
        let path = try pictures.add("object.png", width: 160, height: 120) { x, y in
            Array(repeating: (40..<100).contains(x) && (20..<90).contains(y) ? 255 : 0, count: 3)
        }
        let box = TruthBox(x: 70 / 160, y: 55 / 120, width: 60 / 160, height: 70 / 120)
        let dataSet = DataSet(
            samples: [Sample(image: path, content: .objects([Truth(classID: 0, box: box)]))], names: ["object"])
        let mosaic = augmentation {
            ($0.placement, $0.mosaic) = (placement, 1)
            ($0.hue, $0.saturation, $0.exposure) = (0, 1, 1)
        }
        var count = 0
        for made in try run(dataSet, mosaic, count: 60, sizes: .fixed(width: 128, height: 128)) {
            let boxes = made.target.boxes
            count += boxes.count
            var labelled = Set<Int>()
            for box in boxes {
                for row in Int(128 * (box.y - box.height / 2))..<Int(128 * (box.y + box.height / 2)) {
                    for column in Int(128 * (box.x - box.width / 2))..<Int(128 * (box.x + box.width / 2)) {
                        labelled.insert(row * 128 + column)
                    }
                }
            }
            let white = Set((0..<128 * 128).filter { made.image[$0] > 0.75 })
            // The edges' pixels may fall either way.
            #expect(labelled.subtracting(white).count <= boxes.count * 200)
            #expect(labelled.subtracting(white).count * 5 <= labelled.count)
            // What a quarter shows less than a fifth of has no box.
            let most = 4 * 128 * 128 * 35 / 100 * 22 / 100 / 5
            #expect(white.subtracting(labelled).count <= most + boxes.count * 200)
        }
        #expect(count > 60 * 2)
    }

    @Test func noMoreTruthsThanTheNetworkTakes() throws {
        let pictures = try MadePictures(1)
        var dataSet = pictures.dataSet
        let truths = (0..<50).map {
            Truth(classID: $0, box: TruthBox(x: 0.5, y: 0.5, width: 0.4, height: 0.4))
        }
        dataSet.samples[0].content = .objects(truths)
        var seen: Set<Int> = []
        for made in try run(dataSet, augmentation { $0.maxTruths = 7 }, count: 60) {
            let boxes = made.target.boxes
            #expect(boxes.count == 7 && Set(boxes.map(\.classID)).count == 7)
            seen.formUnion(boxes.map(\.classID))
        }
        #expect(seen.count == 50)
    }

    // MARK: Classification and joint training

    @Test(arguments: [Augmentation.Placement.classifierCrop, .centerCrop])
    func classifiersTakeLabels(placement: Augmentation.Placement) throws {
        let pictures = try MadePictures(6)
        var dataSet = pictures.dataSet
        for index in dataSet.samples.indices { dataSet.samples[index].content = .label(10 + index) }
        let crops = augmentation { $0.placement = placement }
        let made = try run(dataSet, crops, count: 40)
        #expect(try run(dataSet, crops, count: 40, batch: 2, subdivisions: 4, threads: 2) == made)
        #expect(Set(made.map(\.target)) == Set((10..<16).map { .label($0) }))
        #expect(made.allSatisfy { $0.image.allSatisfy { (0...1).contains($0) } })
        #expect(throws: BatchLoaderError.self) {
            try run(pictures.dataSet, crops, count: 4)
        }
    }

    @Test(arguments: DrawOrder.allCases) func jointTrainingKeepsItsShare(order: DrawOrder) throws {
        let pictures = try MadePictures(12)
        var dataSet = pictures.dataSet
        for index in 3..<12 { dataSet.samples[index].content = .label(index) }
        let share = { (share: Double?) in
            let made = try run(dataSet, augmentation(), count: 400, threads: 2, order: order, share: share)
            return made.filter { !$0.target.isLabel }.count
        }
        #expect(try abs(share(nil) - 100) < 40)
        #expect(try abs(share(0.8) - 320) < 40)
        #expect(try share(1) == 400)
        #expect(try share(0) == 0)
        #expect(throws: BatchLoaderError.self) {
            try run(pictures.dataSet, augmentation(), count: 4, share: 0.5)
        }
        #expect(throws: BatchLoaderError.self) { try run(dataSet, augmentation(), count: 4, share: 1.5) }
    }

    // MARK: Bad pictures, ends

    /// Ten good ones and five that cannot be used, each in its own way.
    private func damaged() throws -> (MadePictures, DataSet) {
        let pictures = try MadePictures(10)
        let whole = try Data(
            contentsOf: URL(
                fileURLWithPath: pictures.add("whole.jpg", width: 64, height: 48) { x, y in
                    [UInt8(x * 37 % 256), UInt8(y * 61 % 256), UInt8(x * y % 256)]
                }))
        let folder = pictures.folder
        let bad = [
            try folder.write(whole.prefix(whole.count / 2), to: "half.jpg"),
            try folder.write(Array("no picture at all".utf8), to: "text.jpg"),
            try folder.write([], to: "empty.jpg"), folder.file("missing.jpg"), folder.path,
        ]
        var dataSet = pictures.dataSet
        let truth = Truth(classID: 0, box: TruthBox(x: 0.5, y: 0.5, width: 0.5, height: 0.5))
        dataSet.samples += bad.enumerated().map {
            Sample(image: $1, content: .objects([truth]), file: "train.list", line: 11 + $0)
        }
        return (pictures, dataSet)
    }

    @Test func badPicturesAreSkippedAndNamed() throws {
        let (pictures, dataSet) = try damaged()
        try withExtendedLifetime(pictures) {
            let mosaic = augmentation { $0.mosaic = 0.3 }
            for order in DrawOrder.allCases {
                let made = try run(dataSet, mosaic, count: 120, rule: .skip, order: order)
                #expect(try run(dataSet, mosaic, count: 120, threads: 3, rule: .skip, order: order) == made)
                #expect(
                    try run(dataSet, mosaic, count: 80, first: 40, threads: 2, rule: .skip, order: order)
                        == Array(made[40...]))
            }
            let loader = try BatchLoader(
                dataSet, augmentation: mosaic, sizes: sizes, batch: 8, seed: 5, threads: 2, badPictures: .skip)
            for _ in 0..<30 { _ = try loader.next() }
            let skipped = loader.skipped.map(\.description)
            #expect(skipped.count == 5 && Set(skipped).count == 5)
            #expect(skipped.contains { $0.hasPrefix("train.list:11: ") && $0.contains("half.jpg: is cut off") })
            #expect(skipped.contains { $0.contains("missing.jpg") && $0.contains("No such file") })
        }
    }

    @Test func aBadPictureStopsOnceWithItsName() throws {
        let (pictures, dataSet) = try damaged()
        try withExtendedLifetime(pictures) { () throws in
            for threads in 1...3 {
                let loader = try BatchLoader(
                    dataSet, augmentation: augmentation(), sizes: sizes, batch: 4, seed: 5, threads: threads)
                let error = #expect(throws: BatchLoaderError.self) { while true { _ = try loader.next() } }
                let description = error?.description ?? ""
                #expect(description.hasPrefix("train.list:1"), "\(description)")
                let after = #expect(throws: BatchLoaderError.self) { try loader.next() }
                #expect(after?.description == "the pictures' loader is closed")
            }
        }
    }

    @Test func onlyBadPicturesAreAnError() throws {
        let (pictures, dataSet) = try damaged()
        withExtendedLifetime(pictures) {
            let onlyBad = DataSet(samples: Array(dataSet.samples[10...]), names: [])
            let error = #expect(throws: BatchLoaderError.self) {
                try run(onlyBad, augmentation(), count: 4, rule: .skip)
            }
            #expect(error?.description.contains("100 pictures drawn in a row") == true)
        }
        #expect(throws: BatchLoaderError.self) {
            try run(DataSet(samples: [], names: []), augmentation(), count: 4)
        }
    }

    /// While threads wait with finished batches, while they work, and with a reader that waits for one.
    @Test(.timeLimit(.minutes(30))) func closingEndsTheThreads() throws {
        let pictures = try MadePictures(4)
        for round in 0..<6 {
            let loader = try BatchLoader(
                pictures.dataSet, augmentation: augmentation(), sizes: .fixed(width: 256, height: 256), batch: 16,
                seed: 1, threads: 3)
            for _ in 0..<round % 3 { _ = try loader.next() }
            if round % 2 == 0 {
                loader.close()
                loader.close()
                #expect(throws: BatchLoaderError.self) { try loader.next() }
            }
        }
        let loader = try BatchLoader(
            pictures.dataSet, augmentation: augmentation(), sizes: .fixed(width: 416, height: 416), batch: 64, seed: 1)
        let reader = Thread { while (try? loader.next()) != nil {} }
        reader.start()
        loader.close()
        #expect(throws: BatchLoaderError.self) { try loader.next() }
    }
}
