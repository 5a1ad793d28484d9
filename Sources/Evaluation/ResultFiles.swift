import Darknet
import DataSets
import Detection
import Foundation

/// What was found, in the forms that other programs judge (spec 10). The same pixels are judged here.
public enum ResultFiles {
    /// Names of files of the classes, without endings, each its own: a slash, which would make a folder, becomes `_`, and
    /// where another class is called so, a number follows. Names that need no change have none.
    public static func fileStems(of classNames: [String]) -> [String] {
        var taken: Set<String> = []
        var stems = classNames
        for isPlain in [true, false] {
            for (index, name) in classNames.enumerated() {
                let stem = name.replacing("/", with: "_")
                guard (stem == name) == isPlain else { continue }
                var (unique, copy) = (stem, 1)
                while !taken.insert(unique).inserted {
                    copy += 1
                    unique = "\(stem)-\(copy)"
                }
                stems[index] = unique
            }
        }
        return stems
    }

    /// The name of VOC's file of a class.
    ///
    /// - Parameter stem: see `fileStems`.
    public static func vocName(_ stem: String) -> String { "comp4_det_test_\(stem).txt" }

    /// VOC's file of one class: `id score xmin ymin xmax ymax` a line, the first pixel being 1.
    public static func voc(_ results: [PictureResult], classID: Int) -> String {
        var text = ""
        for result in results.inOrder {
            let stem = Path.stem(of: result.sample.image)
            for box in result.boxes.bestFirst(by: \.score) where box.classID == classID {
                let place = PixelBox(
                    voc: box.box, width: Double(result.width), height: Double(result.height), isClipped: true)
                text += "\(stem) \(box.score) \(place.left) \(place.top) \(place.right) \(place.bottom)\n"
            }
        }
        return text
    }

    /// COCO's file of results: one array of `{"image_id","category_id","bbox":[left,top,width,height],"score"}`.
    public static func coco(_ results: [PictureResult], numbers: COCONumbers) -> String {
        let categoryIDs = numbers.categoryIDs
        var lines: [String] = []
        for result in results.inOrder {
            let imageID = numbers.id(of: result.sample)
            for box in result.boxes.bestFirst(by: \.score) where categoryIDs.indices.contains(box.classID) {
                let place = COCOBox(
                    box.box, width: Double(result.width), height: Double(result.height), isClipped: true)
                lines.append(
                    "{\"image_id\":\(imageID),\"category_id\":\(categoryIDs[box.classID]),"
                        + "\"bbox\":[\(place.left),\(place.top),\(place.width),\(place.height)],\"score\":\(box.score)}"
                )
            }
        }
        return "[\n" + lines.joined(separator: ",\n") + "\n]\n"
    }

    /// Adds the boxes of a file of COCO results, whoever made it, to those of its pictures.
    ///
    /// - Throws: `DetectionError` where it is none, or names a picture or category that the data set has not.
    public static func read(coco path: String, into results: inout [PictureResult], numbers: COCONumbers) throws {
        let rows: [Row]
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
            guard data.count <= byteLimit else {
                throw DetectionError("\(path): holds \(data.count) bytes; at most \(byteLimit) are read")
            }
            rows = try JSONDecoder().decode([Row].self, from: data)
        } catch let error as DecodingError {
            throw DetectionError("\(path): is no file of COCO results: \(error.place)")
        } catch let error as CocoaError {
            throw DarknetError(.cannotRead, file: path, message: error.localizedDescription)
        }
        let places = Dictionary(
            results.enumerated().map { (numbers.id(of: $1.sample), $0) }, uniquingKeysWith: { first, _ in first })
        let known = numbers.allIDs
        let classes = Dictionary(
            numbers.categoryIDs.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        for (index, row) in rows.enumerated() {
            guard known.contains(row.imageID), let classID = classes[row.categoryID] else {
                let what = !known.contains(row.imageID) ? "image_id \(row.imageID)" : "category_id \(row.categoryID)"
                throw DetectionError("\(path): result \(index): the data set has no \(what)")
            }
            guard row.bbox.count == 4, row.bbox.allSatisfy({ abs($0) < 1e9 }), row.bbox[2] >= 0, row.bbox[3] >= 0 else {
                throw DetectionError("\(path): result \(index): bbox is not left, top, width, height in pixels")
            }
            // It was left out.
            guard let place = places[row.imageID] else { continue }
            let (width, height) = (Double(results[place].width), Double(results[place].height))
            results[place].boxes.append(
                ScoredBox(
                    classID: classID, score: row.score,
                    box: TruthBox(
                        x: (row.bbox[0] + row.bbox[2] / 2) / width, y: (row.bbox[1] + row.bbox[3] / 2) / height,
                        width: row.bbox[2] / width, height: row.bbox[3] / height)))
        }
    }

    /// Half a million pictures' worth.
    private static let byteLimit = 1 << 30

    private struct Row: Decodable {
        var imageID: Int
        var categoryID: Int
        var bbox: [Double]
        var score: Double

        enum CodingKeys: String, CodingKey {
            case imageID = "image_id"
            case categoryID = "category_id"
            case bbox, score
        }
    }
}

extension DecodingError {
    /// Where and what, without the decoder's own words for the types.
    fileprivate var place: String {
        let context: Context? =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context
            @unknown default: nil
            }
        let path = (context?.codingPath ?? []).map { $0.intValue.map { "result \($0)" } ?? $0.stringValue }
        return (path + [context?.debugDescription ?? ""]).joined(separator: ": ")
    }
}
