import Darknet
import DataSets
import Detection
import Foundation
import Media
import TestSupport
import Testing

@testable import Evaluation

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage)) struct EvaluatorTests {
    private let folder: TemporaryFolder
    private let network: LoadedNetwork

    init() throws {
        folder = try TemporaryFolder()
        let files = try TinyNetwork.write(to: folder)
        network = try NetworkFiles(cfg: files.cfg, weights: files.weights).load()
    }

    private static func picture(_ color: String, _ size: String = "64x64") throws -> Sample {
        let path = try FFmpegTool.clip(
            "\(color)-\(size).png",
            ["-f", "lavfi", "-i", "color=\(color):s=\(size)", "-frames:v", "1", "-pix_fmt", "rgb24"])
        return Sample(image: path, content: .objects([]))
    }

    private func evaluator(_ resize: ResizeMode = .stretch) throws -> Evaluator {
        try Evaluator(network, width: 32, height: 32, resize: resize, threads: 1)
    }

    @Test func answersComeInTheOrderOfPictures() throws {
        let (white, black) = (try Self.picture("white"), try Self.picture("black", "48x32"))
        let samples = (0..<40).map { $0 % 3 == 0 ? white : black }
        var told: [Int] = []
        let evaluator = try evaluator()
        let results = try evaluator.run(on: samples, progress: { told.append($0) })
        #expect(results.map(\.sample) == samples)
        #expect(told == Array(1...40))
        #expect(evaluator.networkSeconds > 0)
        let (first, second) = (results[0], results[1])
        #expect((first.width, first.height, second.width, second.height) == (64, 64, 48, 32))
        let sure = TinyNetwork.confidence(grey: 1)
        #expect(first.boxes.map(\.classID) == [0, 1])
        #expect(abs(first.boxes[0].score - sure) < 1e-4)
        #expect(first.boxes[0].box == TruthBox(x: 0.5, y: 0.5, width: 0.5, height: 0.25))
        #expect(abs((second.boxes.first?.score ?? 0) - TinyNetwork.confidence(grey: 0)) < 1e-4)
    }

    @Test func aBadPictureStopsOrIsLeftOut() throws {
        let (good, bad) = (try Self.picture("white"), try folder.write("no picture".utf8, to: "bad.png"))
        let samples = [good, Sample(image: bad, content: .objects([])), good]
        let error = #expect(throws: MediaError.self) { try evaluator().run(on: samples) }
        #expect(error?.description.contains(bad) == true)
        var problems: [String] = []
        let results = try evaluator().run(on: samples, onProblem: { problems.append("\($0)") })
        #expect(results.map(\.sample) == [good, good])
        #expect(problems.count == 1 && problems[0].contains(bad))
    }

    /// As training refuses it: half of it would be grey, and what is in it missed.
    @Test func aCutPictureIsBad() throws {
        let path = try FFmpegTool.clip(
            "noise.jpg", ["-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "1", "-pix_fmt", "yuvj444p"])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let cut = try folder.write(bytes.prefix(bytes.count * 2 / 3), to: "cut.jpg")
        var problems: [String] = []
        let results = try evaluator().run(
            on: [path, cut].map { Sample(image: $0, content: .objects([])) }, onProblem: { problems.append("\($0)") })
        #expect(results.map(\.sample.image) == [path])
        #expect(problems == ["\(cut): is cut off"])
    }

    @Test func stoppingKeepsWhatIsDone() throws {
        var done = 0
        let samples = Array(repeating: try Self.picture("white"), count: 100)
        let results = try evaluator().run(on: samples, stop: { done == 3 }, progress: { done = $0 })
        #expect(results.count == 3)
    }

    @Test func labelsAreForClassifiers() throws {
        let error = #expect(throws: DetectionError.self) {
            try evaluator().run(on: [Sample(image: "a.png", content: .label(0))])
        }
        #expect(error?.description.contains("labelled as a whole") == true)
        #expect(try evaluator().run(on: []).isEmpty)
    }

    /// The real model's figures on real pictures, as the reference's detections give (README of the data).
    @Test(.enabled(if: TestData.available, TestData.skipMessage)) func theRealModelsFigures() throws {
        let model = TestData.path("models/yolo-lite-coco")
        let network = try NetworkFiles(cfg: model + ".cfg", weights: model + ".weights").load()
        let list = try folder.write(
            try TestData.pictures("coco/images/val").map { $0 + "\n" }.joined().utf8, to: "val.list")
        let samples = try DataSet(list, part: .valid, classes: 80).samples
        let results = try Evaluator(network, width: 224, height: 224, resize: .letterbox, threads: 2).run(on: samples)
        let summary = Metrics.summary(of: results, names: ClassNames.coco.names)
        #expect(summary.pictures == 128 && summary.truths == 898)
        #expect(abs(summary.ap - 7.42) < 0.3)
        #expect(abs(summary.ap50 - 18.43) < 0.3)
        #expect(abs(summary.classes[0].ap50 - 14.37) < 0.3)
        #expect(abs(summary.classes[2].ap50 - 4.06) < 0.3)
    }
}

@Suite(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage)) struct ClassifierEvaluatorTests {
    private func network(in folder: TemporaryFolder) throws -> LoadedNetwork {
        try folder.write(TinyNetwork.classifierCfg.utf8, to: "c.cfg")
        let weights = try folder.write(TinyNetwork.classifierWeights, to: "c.weights")
        let names = try folder.write("night\nday\n".utf8, to: "c.names")
        return try NetworkFiles(weights: weights, names: names).load()
    }

    @Test func firstAnswersAndFives() throws {
        let folder = try TemporaryFolder()
        let picture = { (color: String) in
            try FFmpegTool.clip(
                "\(color).png", ["-f", "lavfi", "-i", "color=\(color):s=64x48", "-frames:v", "1", "-pix_fmt", "rgb24"])
        }
        let samples = [
            Sample(image: try picture("white"), content: .label(1)),
            Sample(image: try picture("black"), content: .label(0)),
            Sample(image: try picture("white"), content: .label(0)),
        ]
        let evaluator = try ClassifierEvaluator(try network(in: folder), width: 32, height: 32, threads: 1)
        let summary = try evaluator.run(on: samples)
        #expect(summary.all.pictures == 3 && abs(summary.all.top1 - 200.0 / 3) < 1e-9 && summary.all.top5 == 100)
        #expect(summary.classes.map(\.pictures) == [2, 1] && summary.classes[0].top1 == 50)
        let error = #expect(throws: DetectionError.self) {
            try evaluator.run(on: [Sample(image: "a.png", content: .label(2))])
        }
        #expect(error?.description.contains("no label among the 2 classes") == true)
    }

    @Test func theMiddleSquareIsTaken() {
        let wide = RGBImage(width: 4, height: 1, values: [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23])
        #expect(wide.middleSquare.values == [1, 11, 21])
        let tall = RGBImage(width: 2, height: 5, values: (0..<30).map(Float.init))
        #expect(tall.middleSquare.values == [2, 3, 4, 5, 12, 13, 14, 15, 22, 23, 24, 25])
    }
}
