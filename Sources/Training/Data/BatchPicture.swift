import Annotation
import Foundation
import Media

/// A batch as a picture, to see what a network is trained on.
public enum BatchPicture {
    public static let mostPictures = 16
    private static let gap = 4

    /// Writes the first pictures of a batch side by side, their truths drawn and named, as PNG or JPEG by the file's name.
    ///
    /// - Parameters:
    ///   - names: of the classes of boxes.
    ///   - labelNames: of what pictures are labelled with as a whole; `nil`: the same.
    /// - Throws: `MediaError`.
    public static func write(
        _ batch: TrainingBatch, names: [String], labelNames: [String]? = nil, to path: String
    ) throws {
        let format = PictureWriter.Format(path: path)
        let grid = Grid(batch)
        let frame = try Frame(rgb: grid.pixels(batch), width: grid.width, height: grid.height)
        let writer = try PictureWriter(like: frame, format: format, subject: path)
        let canvas = try writer.canvas(for: frame)
        let annotator = Annotator()
        for index in 0..<grid.count {
            guard let image = canvas.yuvImage?.part(grid.origin(index), width: batch.width, height: batch.height)
            else { continue }
            annotator.draw(
                labels(of: batch.targets[index], batch, names, labelNames: labelNames ?? names), into: image)
        }
        let data = try writer.encode(canvas)
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw MediaError(.cannotCreate, path, "cannot be written: \(error.localizedDescription)")
        }
    }

    static func labels(
        of target: Target, _ batch: TrainingBatch, _ names: [String], labelNames: [String]
    ) -> [Label] {
        let (width, height) = (Float(batch.width), Float(batch.height))
        let label = { (names: [String], classID: Int, x: Float, y: Float, across: Float, down: Float) in
            Label(
                text: names.indices.contains(classID) ? names[classID] : "class \(classID)", classID: classID,
                classCount: names.count, x: x * width, y: y * height, width: across * width, height: down * height)
        }
        switch target {
        case .label(let classID): return [label(labelNames, classID, 0, 0, 1, 1)]
        case .boxes(let boxes):
            return boxes.map {
                label(names, $0.classID, $0.x - $0.width / 2, $0.y - $0.height / 2, $0.width, $0.height)
            }
        }
    }

    /// Where the pictures lie. On even pixels, for JPEG has one colour for two by two.
    private struct Grid {
        let count: Int
        let columns: Int
        let pitch: (x: Int, y: Int)
        let width: Int
        let height: Int

        init(_ batch: TrainingBatch) {
            count = min(batch.targets.count, BatchPicture.mostPictures)
            columns = max(1, Int(Double(count).squareRoot().rounded(.up)))
            pitch = ((batch.width + gap + 1) / 2 * 2, (batch.height + gap + 1) / 2 * 2)
            let rows = max(1, (count + columns - 1) / columns)
            (width, height) = (columns * pitch.x - gap, rows * pitch.y - gap)
        }

        func origin(_ index: Int) -> (x: Int, y: Int) { (index % columns * pitch.x, index / columns * pitch.y) }

        /// Packed RGB.
        func pixels(_ batch: TrainingBatch) -> [UInt8] {
            var pixels = [UInt8](repeating: 0, count: 3 * width * height)
            let area = batch.width * batch.height
            for index in 0..<count {
                let (left, top) = origin(index)
                for color in 0..<3 {
                    for row in 0..<batch.height {
                        let from = (3 * index + color) * area + row * batch.width
                        let to = 3 * ((top + row) * width + left) + color
                        for column in 0..<batch.width {
                            let value = min(max(batch.images[from + column], 0), 1)
                            pixels[to + 3 * column] = UInt8((255 * value).rounded())
                        }
                    }
                }
            }
            return pixels
        }
    }
}

extension YUVImage {
    /// A part of the picture as one of its own; it begins on the chroma's grid.
    fileprivate func part(_ origin: (x: Int, y: Int), width: Int, height: Int) -> YUVImage {
        var part = self
        let (chromaX, chromaY) = (origin.x >> chromaShiftX, origin.y >> chromaShiftY)
        part.y += origin.y * yStride + origin.x
        part.u += chromaY * uStride + chromaX
        part.v += chromaY * vStride + chromaX
        (part.width, part.height) = (width, height)
        return part
    }
}
