import Darknet
import DataSets
import Detection
import TestSupport
import Testing

@testable import Training

@Suite struct CopyPasteTests {
    private func augmentation(copyPaste: Double) -> Augmentation {
        var augmentation = Augmentation(net: NetOptions(width: 96, height: 96), region: Region())
        (augmentation.placement, augmentation.copyPaste) = (.plain(.stretch), copyPaste)
        return augmentation
    }

    private func batches(
        _ dataSet: DataSet, _ augmentation: Augmentation, threads: Int = 1, first: Int = 0, count: Int = 16
    ) throws -> [TrainingBatch] {
        let loader = try BatchLoader(
            dataSet, augmentation: augmentation, sizes: .fixed(width: 96, height: 96), batch: 4, seed: 2,
            firstSample: first, threads: threads)
        return try (first / 4..<count).map { _ in try loader.next() }
    }

    /// A black picture without objects, and one of a white diamond on black with its outline.
    private func diamonds(_ pictures: MadePictures) throws -> DataSet {
        let background = try pictures.add("background.png", width: 64, height: 64) { _, _ in [0, 0, 0] }
        let path = try pictures.add("diamond.png", width: 80, height: 60) { x, y in
            // Around it all is red, which must not be seen. Darknet's rounding may show a pixel beyond the outline.
            let distance = abs(Double(x) + 0.5 - 40) / 24 + abs(Double(y) + 0.5 - 30) / 18
            return distance < 1.25 ? [255, 255, 255] : [255, 0, 0]
        }
        var object = Sample(
            image: path,
            content: .objects([Truth(classID: 1, box: TruthBox(x: 0.5, y: 0.5, width: 0.6, height: 0.6))]))
        object.outlines = [Outline(truth: 0, polygons: [[[0.5, 0.2], [0.8, 0.5], [0.5, 0.8], [0.2, 0.5]]])]
        return DataSet(samples: [Sample(image: background, content: .objects([])), object], names: ["a", "b"])
    }

    @Test func objectsAreCutOutAndTheirBoxesKnown() throws {
        let pictures = try MadePictures()
        let dataSet = try diamonds(pictures)
        var (pasted, sizes) = (0, Set<Int>())
        for batch in try batches(dataSet, augmentation(copyPaste: 1)) {
            let area = batch.width * batch.height
            for (index, target) in batch.targets.enumerated() {
                let red = batch.images[3 * index * area..<(3 * index + 1) * area]
                let green = batch.images[(3 * index + 1) * area..<(3 * index + 2) * area]
                // Those on the other picture stand before red.
                guard red.first == 0 || red.last == 0 else { continue }
                #expect(zip(red, green).allSatisfy { abs($0 - $1) < 0.02 })
                for box in target.boxes {
                    #expect(box.classID == 1 && box.width <= 0.91 && box.height <= 0.91)
                    sizes.insert(Int(box.width * 20))
                }
                guard target.boxes.count == 1, let box = target.boxes.first else { continue }
                // The only one, unless others were too far outside to be called objects.
                pasted += 1
                let middle = Int(box.y * 96) * 96 + Int(box.x * 96)
                #expect(green[green.startIndex + min(middle, area - 1)] > 0.9)
                let white = green.reduce(0, +) / Float(area)
                #expect(white <= 1.6 * box.width * box.height + 0.02)
                #expect(white >= 0.3 * box.width * box.height)
            }
        }
        #expect(pasted > 4 && sizes.count > 4)
    }

    /// A black picture with an object in its middle, and one of a white shape on red that is no mirror image of itself.
    private func slants(_ pictures: MadePictures) throws -> DataSet {
        let background = try pictures.add("background.png", width: 64, height: 64) { _, _ in [0, 0, 0] }
        let path = try pictures.add("slant.png", width: 80, height: 80) { x, y in
            // 20 to 60 either way, its left edge slanted; white goes on for 4 pixels, as around the diamond.
            let isWhite = (16..<64).contains(y) && x < 64 && 2 * (x - 16) >= y - 20
            return isWhite ? [255, 255, 255] : [255, 0, 0]
        }
        let objects = [(0, 0.4), (1, 0.5)].map { classID, side in
            Truth(classID: classID, box: TruthBox(x: 0.5, y: 0.5, width: side, height: side))
        }
        var object = Sample(image: path, content: .objects([objects[1]]))
        object.outlines = [Outline(truth: 0, polygons: [[[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.5, 0.75]]])]
        return DataSet(
            samples: [Sample(image: background, content: .objects([objects[0]])), object], names: ["a", "b"])
    }

    @Test func objectsHideThoseBelow() throws {
        let pictures = try MadePictures()
        let dataSet = try slants(pictures)
        // The black picture's object, as far as its pixels go.
        let inside = 29..<67
        var (cut, gone) = (0, 0)
        for batch in try batches(dataSet, augmentation(copyPaste: 1), count: 64) {
            let area = batch.width * batch.height
            for (index, target) in batch.targets.enumerated() {
                let red = Array(batch.images[3 * index * area..<(3 * index + 1) * area])
                let green = Array(batch.images[(3 * index + 1) * area..<(3 * index + 2) * area])
                // The other picture is red all over.
                guard red.contains(where: { $0 < 0.5 }) else { continue }
                #expect(zip(red, green).allSatisfy { abs($0 - $1) < 0.02 })
                let isSeen = { (column: Int, row: Int) in red[row * 96 + column] < 0.5 }
                let rest = target.boxes.first { $0.classID == 0 }
                let seen = inside.reduce(0) { sum, row in sum + inside.count { isSeen($0, row) } }
                let part = Double(seen) / Double(inside.count * inside.count)
                // Where it is all but 30 %, the pixels of an edge decide.
                if abs(part - 0.3) < 0.03 { continue }
                if part < 0.3 {
                    #expect(rest == nil)
                    gone += 1
                    continue
                }
                let box = try #require(rest)
                let columns = inside.filter { column in inside.contains { isSeen(column, $0) } }
                let rows = inside.filter { row in inside.contains { isSeen($0, row) } }
                for (centre, size, pixels) in [(box.x, box.width, columns), (box.y, box.height, rows)] {
                    let low = try #require(pixels.first)
                    let high = try #require(pixels.last) + 1
                    #expect(abs((centre - size / 2) * 96 - Float(low)) < 2)
                    #expect(abs((centre + size / 2) * 96 - Float(high)) < 2)
                    if pixels.count < inside.count - 3 { cut += 1 }
                }
            }
        }
        #expect(cut > 2 && gone > 10, "\(cut) \(gone)")
    }

    @Test func objectsOfBadPicturesAreLeftOut() throws {
        let pictures = try MadePictures()
        var dataSet = try diamonds(pictures)
        dataSet.samples[1].image = try pictures.folder.write("no picture at all".utf8, to: "bad.png")
        let loader = try BatchLoader(
            dataSet, augmentation: augmentation(copyPaste: 1), sizes: .fixed(width: 96, height: 96), batch: 4, seed: 2,
            badPictures: .skip)
        for _ in 0..<4 {
            let batch = try loader.next()
            #expect(batch.images.allSatisfy { $0 == 0 } && batch.targets.allSatisfy { $0.boxes.isEmpty })
        }
        #expect(loader.skipped.map(\.sample) == [dataSet.samples[1]])
    }

    @Test func threadsAndStartChangeNothing() throws {
        let pictures = try MadePictures(5)
        var dataSet = try diamonds(pictures)
        dataSet.samples += pictures.samples
        var mixed = augmentation(copyPaste: 0.5)
        (mixed.mosaic, mixed.zoom, mixed.placement) = (0.3, 2, .letterboxJitter)
        let all = try batches(dataSet, mixed)
        for other in [try batches(dataSet, mixed, threads: 3), try batches(dataSet, mixed, first: 32)] {
            let expected = all.suffix(other.count)
            #expect(other.map(\.images) == expected.map(\.images) && other.map(\.targets) == expected.map(\.targets))
        }
    }

    @Test func partOfThePicturesGetThem() throws {
        let pictures = try MadePictures()
        let dataSet = try diamonds(pictures)
        let without = try batches(dataSet, augmentation(copyPaste: 0))
        let counts = try [0.5, 1].map { part in
            zip(try batches(dataSet, augmentation(copyPaste: part)), without).reduce(0) { count, pair in
                count
                    + pair.0.targets.indices.count { index in
                        let length = 3 * 96 * 96
                        let pixels = index * length..<(index + 1) * length
                        return pair.0.images[pixels] != pair.1.images[pixels]
                    }
            }
        }
        #expect((20...44).contains(counts[0]) && counts[1] > 58, "\(counts)")
    }
}
