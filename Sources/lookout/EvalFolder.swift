import Charts
import DataSets
import Evaluation
import Foundation
import Media
import Streams

/// What `lookout eval --output` writes.
struct EvalFolder {
    private let path: String
    private let names: [String]
    private let numbers: COCONumbers
    private let inputs: Set<FileIdentity>

    /// - Parameter inputs: files that none of these may take the place of.
    init(_ path: String, names: [String], numbers: COCONumbers, inputs: [String]) throws {
        self.path = path
        self.names = names
        self.numbers = numbers
        self.inputs = Set(inputs.compactMap(FileIdentity.init(input:)))
        try FileNames.createFolder(path)
    }

    func write(_ results: [PictureResult], _ report: EvalReport, worst: Int) throws {
        try write(report.json(), to: "summary.json")
        try write(report.text(), to: "summary.txt")
        try write(ResultFiles.coco(results, numbers: numbers), to: "coco_results.json")
        if numbers.arePicturesCounted { try write(numbers.pictureList(), to: "coco_images.json") }
        try write(report.summary.precisionRecall().svg(), to: "precision-recall.svg")
        let confusion = ConfusionMatrix(results, names: names)
        try write(confusion.csv(), to: "confusion.csv")
        try write(confusion.picture().svg(), to: "confusion.svg")
        try FileNames.createFolder(FileNames.path(path, "voc"))
        try FileNames.createFolder(FileNames.path(path, "precision-recall"))
        let stems = ResultFiles.fileStems(of: report.summary.classes.map(\.name))
        for (classID, (summary, stem)) in zip(report.summary.classes, stems).enumerated() {
            try write(ResultFiles.voc(results, classID: classID), to: "voc/" + ResultFiles.vocName(stem))
            guard summary.truths > 0 else { continue }
            try write(summary.precisionRecall().svg(), to: "precision-recall/\(stem).svg")
        }
        try writeWorst(results, count: worst)
    }

    func write(_ curve: SpeedAccuracy) throws {
        try write(curve.json(), to: "speed-accuracy.json")
        try write(curve.chart().svg(), to: "speed-accuracy.svg")
    }

    private func writeWorst(_ results: [PictureResult], count: Int) throws {
        let pictures = MistakePictures(names: names)
        try FileNames.createFolder(FileNames.path(path, "worst"))
        for (rank, worst) in pictures.worst(of: results, count: count).enumerated() {
            let image = worst.result.sample.image
            let name = String(format: "%03d-", rank + 1) + FileNames.stem(ofInput: image)
            let format = PictureWriter.Format(path: image)
            try write(
                pictures.file(worst.result, format: format), to: "worst/\(name).\(format == .png ? "png" : "jpg")")
        }
    }

    private func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

    private func write(_ data: Data, to name: String) throws {
        let file = try OutputFile(FileNames.path(path, name))
        try checkOutput(file, inputs: inputs)
        try file.write(data)
    }
}
