public import DataSets
import Foundation

/// The numbers by which COCO's files of results call a data set's pictures and classes.
public struct COCONumbers: Sendable {
    /// Of the classes, in their order: as the data set says, or COCO's own for its 80 classes, else from 1.
    public let categoryIDs: [Int]
    /// The pictures are counted from 1: not each has a number of its own, given or in its name.
    public let arePicturesCounted: Bool
    /// In the order of the data set.
    private let pictures: [(image: String, id: Int)]
    private let ids: [Sample: Int]

    /// - Parameter names: of the classes that are judged.
    public init(_ dataSet: DataSet, names: [String]) {
        let own = dataSet.categoryIDs.flatMap { $0.count == names.count ? $0 : nil }
        categoryIDs = own ?? COCOFile.officialIDs(of: names) ?? Array(1...max(names.count, 1))
        // Of the whole set, also of pictures that cannot be decoded: otherwise they would depend on them.
        let samples = dataSet.samples
        let known = samples.compactMap(\.cocoID)
        arePicturesCounted = Set(known).count < samples.count
        let numbers = arePicturesCounted ? Array(1...samples.count) : known
        pictures = zip(samples, numbers).map { ($0.image, $1) }
        ids = Dictionary(zip(samples, numbers)) { first, _ in first }
    }

    /// Of a picture of the data set.
    func id(of sample: Sample) -> Int {
        guard let id = ids[sample] else { preconditionFailure("\(sample.image) is of another data set") }
        return id
    }

    var allIDs: Set<Int> { Set(pictures.lazy.map(\.id)) }

    /// Which picture has which number, as the `images` of COCO's files: `[{"id":1,"file_name":"a.jpg"},...]`.
    public func pictureList() throws -> String {
        struct Image: Encodable {
            var id: Int
            var fileName: String
        }
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try pictures.map {
            String(decoding: try encoder.encode(Image(id: $0.id, fileName: $0.image)), as: UTF8.self)
        }
        return "[\n" + lines.joined(separator: ",\n") + "\n]\n"
    }
}

extension Sample {
    /// COCO's number of the picture: as the data set says, or the digits after the last `_` of its name.
    var cocoID: Int? {
        imageID
            ?? Int(
                (Path.stem(of: image).split(separator: "_", omittingEmptySubsequences: false).last ?? "").prefix {
                    $0.isASCII && $0.isNumber
                })
    }
}
