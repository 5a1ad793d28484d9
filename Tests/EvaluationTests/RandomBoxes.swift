import DataSets
import TestSupport

@testable import Evaluation

/// Pictures with truths and answers that try every rule: boxes of one score, crowds, sizes around COCO's limits,
/// overlaps of exactly .5, .55 and so on. Tests/Peers/random_boxes.py makes the same ones, for the expected figures.
enum RandomBoxes {
    static let names = ["a", "b", "c", "d"]

    /// - Parameters:
    ///   - hasCrowds: without them VOC's evaluation can be compared too.
    static func results(seed: UInt64, pictures: Int, hasCrowds: Bool = true) -> [PictureResult] {
        var numbers = Numbers(seed: seed)
        return (1...pictures).map { picture(number: $0, hasCrowds: hasCrowds, &numbers) }
    }

    private static let sides = [8, 20, 31, 32, 33, 40, 64, 95, 96, 97, 100, 120, 200]

    private static func picture(number: Int, hasCrowds: Bool, _ numbers: inout Numbers) -> PictureResult {
        let width = 320 + numbers.below(3) * 160
        let height = 240 + numbers.below(3) * 120
        let relative = { (box: [Int]) in
            TruthBox(
                x: (Double(box[0]) + Double(box[2]) / 2) / Double(width),
                y: (Double(box[1]) + Double(box[3]) / 2) / Double(height), width: Double(box[2]) / Double(width),
                height: Double(box[3]) / Double(height))
        }
        var (truths, answers): ([Truth], [ScoredBox]) = ([], [])
        for _ in 0..<numbers.below(9) {
            let classID = numbers.below(names.count - 1)
            let size = [sides[numbers.below(sides.count)], sides[numbers.below(sides.count)]]
            let box = [numbers.below(width - size[0]), numbers.below(height - size[1])] + size
            var truth = Truth(classID: classID, box: relative(box))
            truth.isCrowd = numbers.below(8) == 0 && hasCrowds
            // Of an outline: less than the box.
            truth.area = Double(box[2] * box[3] * (100 - numbers.below(3) * 20)) / 100
            truths.append(truth)
            for _ in 0..<numbers.below(4) {
                var answer = box
                switch numbers.below(3) {
                case 0: answer[2] = max(1, box[2] * (10 + numbers.below(11)) / 20)
                case 1: answer = [box[0] + numbers.below(9) - 4, box[1] + numbers.below(9) - 4, box[2], box[3]]
                default: answer[3] = box[3] + numbers.below(box[3])
                }
                let isOther = numbers.below(6) == 0
                answers.append(
                    ScoredBox(
                        classID: isOther ? numbers.below(names.count) : classID, score: score(&numbers),
                        box: relative(answer)))
            }
        }
        for _ in 0..<numbers.below(6) {
            let classID = numbers.below(names.count)
            let box = [numbers.below(width), numbers.below(height), 1 + numbers.below(150), 1 + numbers.below(150)]
            answers.append(ScoredBox(classID: classID, score: score(&numbers), box: relative(box)))
        }
        let sample = Sample(image: "picture_\(number).png", content: .objects(truths), imageID: number)
        return PictureResult(sample: sample, width: width, height: height, boxes: answers)
    }

    /// So few that many are equal.
    private static func score(_ numbers: inout Numbers) -> Double { Double(1 + numbers.below(20)) / 20 }

    private struct Numbers {
        private var generator: SplitMix64
        init(seed: UInt64) { generator = SplitMix64(seed: seed) }
        mutating func below(_ limit: Int) -> Int { Int(generator.next() % UInt64(limit)) }
    }
}
