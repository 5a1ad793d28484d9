public import DataSets

/// One class of one box that a network answered with. Double, as figures are compared to the last digit with other
/// programs'.
public struct ScoredBox: Hashable, Sendable {
    public var classID: Int
    /// 0...1.
    public var score: Double
    /// Relative to the picture, not clipped to it.
    public var box: TruthBox

    public init(classID: Int, score: Double, box: TruthBox) {
        self.classID = classID
        self.score = score
        self.box = box
    }
}

/// What a network answered to one picture of a data set.
public struct PictureResult: Sendable {
    public var sample: Sample
    /// The picture's, in pixels.
    public var width: Int
    public var height: Int
    public var boxes: [ScoredBox]

    public init(sample: Sample, width: Int, height: Int, boxes: [ScoredBox]) {
        self.sample = sample
        self.width = width
        self.height = height
        self.boxes = boxes
    }
}
