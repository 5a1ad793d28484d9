import Charts
import DataSets
import Foundation
import Media
import TestSupport
import Testing

@testable import Evaluation

@Suite struct PictureMistakesTests {
    private static func box(_ x: Double) -> TruthBox { TruthBox(x: x, y: 0.5, width: 0.1, height: 0.4) }

    /// From the left: found, taken for another class, missed, difficult; then two boxes of nothing, one not sure.
    private static let result: PictureResult = {
        var difficult = Truth(classID: 1, box: box(0.7))
        difficult.isDifficult = true
        let truths = [
            Truth(classID: 0, box: box(0.1)), Truth(classID: 1, box: box(0.3)), Truth(classID: 1, box: box(0.5)),
            difficult,
        ]
        let boxes = [(0, 0.1, 0.9), (0, 0.3, 0.8), (0, 0.7, 0.7), (1, 0.9, 0.6), (1, 0.5, 0.2)].map {
            ScoredBox(classID: $0.0, score: $0.2, box: box($0.1))
        }
        return PictureResult(
            sample: Sample(image: "a.png", content: .objects(truths)), width: 100, height: 100, boxes: boxes)
    }()

    @Test func mistakesAreCounted() {
        let mistakes = PictureMistakes(Self.result)
        #expect(mistakes.truthOfBox == [0, 1, nil, nil])
        #expect(mistakes.isExcused == [false, false, true, false])
        #expect(mistakes.missed == [2])
        #expect(mistakes.boxes.indices.map(mistakes.isRight) == [true, false, false, false])
        #expect(mistakes.count == 3)
    }

    /// Of two truths that a box overlaps, that of its own class goes first, then the nearer.
    @Test func theOwnClassGoesFirst() {
        let truths = [Truth(classID: 1, box: Self.box(0.5)), Truth(classID: 0, box: Self.box(0.52))]
        let result = PictureResult(
            sample: Sample(image: "a.png", content: .objects(truths)), width: 100, height: 100,
            boxes: [(0, 0.9), (0, 0.8)].map { ScoredBox(classID: $0.0, score: $0.1, box: Self.box(0.5)) })
        #expect(PictureMistakes(result).truthOfBox == [1, 0])
    }

    @Test func confusion() {
        let matrix = ConfusionMatrix([Self.result, Self.result], names: ["a,b", "c"])
        #expect(matrix.counts == [[2, 0, 0], [2, 0, 2], [0, 2, 0]])
        #expect(matrix.csv() == "truth,\"a,b\",c,nothing\n\"a,b\",2,0,0\nc,2,0,2\nnothing,0,2,0\n")
        #expect(matrix.picture().rows == ["a,b", "c", "nothing"])
        // A class that is neither there nor found would only take room.
        #expect(ConfusionMatrix([Self.result], names: ["a", "b", "z"]).picture().columns == ["a", "b", "nothing"])
    }

    @Test func theWorstComeFirst() {
        var good = Self.result
        good.boxes = []
        good.sample.content = .objects([])
        var worse = Self.result
        worse.boxes.append(ScoredBox(classID: 0, score: 0.3, box: Self.box(0.9)))
        let pictures = MistakePictures(names: ["a", "b"])
        let worst = pictures.worst(of: [good, Self.result, worse, Self.result], count: 3)
        #expect(worst.map(\.mistakes) == [4, 3, 3])
        #expect(pictures.worst(of: [good], count: 3).isEmpty)
    }

    @Test(.enabled(if: FFmpegTool.available, FFmpegTool.skipMessage))
    func truthsAndBoxesAreDrawn() throws {
        var result = Self.result
        result.sample.image = try FFmpegTool.clip(
            "black-100.png",
            ["-f", "lavfi", "-i", "color=black:s=100x100", "-frames:v", "1", "-pix_fmt", "rgb24"])
        let folder = try TemporaryFolder()
        let path = try folder.write(MistakePictures(names: ["a", "b"]).file(result, format: .png), to: "out.png")
        let pixels = [UInt8](
            try FFmpegTool.ffmpeg(["-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]))
        #expect(pixels.count == 100 * 100 * 3)
        // The left edges' colours at the boxes' lower ends, which no label covers.
        let color = { (x: Int) in (0..<3).map { pixels[(66 * 100 + x) * 3 + $0] > 128 } }
        #expect(color(6) == [false, true, false], "right: green")
        #expect(color(26) == [true, false, false], "of another class: red")
        #expect(color(46) == [true, true, false], "missed: yellow")
        #expect(color(86) == [true, false, false], "of nothing: red")
    }
}
