import Darknet

/// One object of a training picture, after augmentation: relative to the network's input (0...1).
public struct TrainingBox: Hashable, Sendable {
    public var classID: Int
    public var x: Float
    public var y: Float
    public var width: Float
    public var height: Float

    public init(classID: Int, x: Float, y: Float, width: Float, height: Float) {
        self.classID = classID
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// What a network is to answer to one training picture.
public enum Target: Hashable, Sendable {
    case boxes([TrainingBox])
    /// The picture as a whole shows this class (of a tree: this node).
    case label(Int)
}

/// Pictures and targets of one pass forward and backward.
public struct TrainingBatch: Sendable {
    /// The number of its first sample since training began: what `seen` is before the batch.
    public var firstSample: Int
    public var width: Int
    public var height: Int
    /// `targets.count` x 3 x height x width, planar RGB, 0...1.
    public var images: [Float]
    public var targets: [Target]

    public init(firstSample: Int, width: Int, height: Int, images: [Float], targets: [Target]) {
        self.firstSample = firstSample
        self.width = width
        self.height = height
        self.images = images
        self.targets = targets
    }
}
