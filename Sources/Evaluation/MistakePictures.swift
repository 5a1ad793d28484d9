import Annotation
import DataSets
public import Foundation
public import Media

/// The pictures with the most mistakes, with truths and boxes drawn. One thread.
public struct MistakePictures {
    private let names: [String]
    private let annotator = Annotator()

    /// - Parameter names: of all classes.
    public init(names: [String]) { self.names = names }

    /// Those with the most mistakes first, without those that have none.
    public func worst(of results: [PictureResult], count: Int) -> [(result: PictureResult, mistakes: Int)] {
        let judged = results.map { (result: $0, mistakes: PictureMistakes($0).count) }
        return Array(judged.bestFirst { Double($0.mistakes) }.prefix(count).filter { $0.mistakes > 0 })
    }

    /// A JPEG or PNG file: what was found right in green, what is wrong in red, what was missed in yellow.
    public func file(_ result: PictureResult, format: PictureWriter.Format) throws -> Data {
        let frame = try StillPicture.read(result.sample.image)
        let writer = try PictureWriter(like: frame, format: format, subject: result.sample.image)
        let canvas = try writer.canvas(for: frame)
        guard let image = canvas.yuvImage else {
            throw MediaError(.unsupported, result.sample.image, "cannot be drawn on")
        }
        let place = writer.placement
        let labels = labels(PictureMistakes(result)).map { text, color, box in
            Label(
                text: text, classID: color.rawValue, classCount: Mark.allCases.count,
                x: Float(place.x) + Float(box.x - box.width / 2) * Float(place.width),
                y: Float(place.y) + Float(box.y - box.height / 2) * Float(place.height),
                width: Float(box.width) * Float(place.width), height: Float(box.height) * Float(place.height))
        }
        annotator.draw(labels, into: image)
        return try writer.encode(canvas)
    }

    /// Classes of five, for Darknet's colours of so many are pure.
    private enum Mark: Int, CaseIterable { case unused, missed, excused, wrong, right }

    private func labels(_ mistakes: PictureMistakes) -> [(text: String, mark: Mark, box: TruthBox)] {
        let name = { (classID: Int) in names.indices.contains(classID) ? names[classID] : "class \(classID)" }
        let boxes = mistakes.boxes.enumerated().map { index, box in
            let text = "\(name(box.classID)) \(Int((box.score * 100).rounded()))%"
            let truth = mistakes.truthOfBox[index].map { mistakes.truths[$0].classID }
            if mistakes.isExcused[index] { return (text, Mark.excused, box.box) }
            if mistakes.isRight(index) { return (text, .right, box.box) }
            return (text + (truth.map { ", is \(name($0))" } ?? ""), .wrong, box.box)
        }
        return boxes
            + mistakes.missed.map { ("missed \(name(mistakes.truths[$0].classID))", .missed, mistakes.truths[$0].box) }
    }
}
