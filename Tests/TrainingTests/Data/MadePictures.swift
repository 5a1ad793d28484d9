import DataSets
import Foundation
import Media
import TestSupport

@testable import Training

/// Picture files made for tests, in a folder that goes with the last reference.
final class MadePictures {
    let folder: TemporaryFolder
    private(set) var samples: [Sample] = []

    /// - Parameter count: pictures of many colours and sizes, numbered from 0, each with one object of its number's class.
    init(_ count: Int = 0) throws {
        folder = try TemporaryFolder()
        for index in 0..<count {
            var random = SampleRandom(seed: 11, sample: index, purpose: .color)
            let (width, height) = (24 + random.below(40), 24 + random.below(40))
            let path = try add("picture\(index).png", width: width, height: height) { _, _ in
                (0..<3).map { _ in UInt8(random.below(256)) }
            }
            let box = TruthBox(x: 0.5, y: 0.5, width: 0.5, height: 0.5)
            samples.append(
                Sample(image: path, content: .objects([Truth(classID: index, box: box)]), file: "list", line: index + 1)
            )
        }
    }

    func add(_ name: String, width: Int, height: Int, _ pixel: (Int, Int) -> [UInt8]) throws -> String {
        var pixels: [UInt8] = []
        for y in 0..<height { for x in 0..<width { pixels += pixel(x, y) } }
        let frame = try Frame(rgb: pixels, width: width, height: height)
        let writer = try PictureWriter(like: frame, format: .init(path: name), subject: name)
        return try folder.write(writer.encode(try writer.canvas(for: frame)), to: name)
    }

    var dataSet: DataSet { DataSet(samples: samples, names: samples.indices.map { "class\($0)" }) }
}

extension Target {
    /// None of a picture with a label.
    var boxes: [TrainingBox] { if case .boxes(let boxes) = self { boxes } else { [] } }
    var isLabel: Bool { if case .label = self { true } else { false } }
}
