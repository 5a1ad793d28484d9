import DataSets

/// What is right and wrong about the sure boxes of one picture: each truth goes to at most one box, the surest first, of
/// its own class where one overlaps it enough, else of another. Truths that count neither way excuse what they overlap.
struct PictureMistakes {
    /// Boxes surer than `Metrics.sureThreshold`, the surest first.
    let boxes: [ScoredBox]
    /// By box: the truth it stands for.
    private(set) var truthOfBox: [Int?] = []
    /// By box.
    private(set) var isExcused: [Bool] = []
    /// Truths without a box, which do count.
    private(set) var missed: [Int] = []
    let truths: [Truth]

    init(_ result: PictureResult) {
        truths = result.sample.truths
        boxes = result.boxes.filter { $0.score > Metrics.sureThreshold }.bestFirst(by: \.score)
        var isTaken = [Bool](repeating: false, count: truths.count)
        for box in boxes {
            let overlaps = truths.map { $0.box.overlap(with: box.box) }
            let near = truths.indices.filter { overlaps[$0] > OverlapMatching.threshold }
            let free = near.filter { !isTaken[$0] && !truths[$0].isPassedOver }
            let own = free.filter { truths[$0].classID == box.classID }
            let best = (own.isEmpty ? free : own).max { overlaps[$0] < overlaps[$1] }
            if let best { isTaken[best] = true }
            truthOfBox.append(best)
            isExcused.append(best == nil && near.contains { truths[$0].isPassedOver })
        }
        missed = truths.indices.filter { !isTaken[$0] && !truths[$0].isPassedOver }
    }

    func isRight(_ box: Int) -> Bool { truthOfBox[box].map { truths[$0].classID == boxes[box].classID } ?? false }

    /// Missed objects, and boxes that are of nothing or of another class.
    var count: Int { missed.count + boxes.indices.count { !isRight($0) && !isExcused[$0] } }
}
