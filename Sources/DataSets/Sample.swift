/// One object of a picture, as the data set's author marked it.
public struct Truth: Hashable, Sendable {
    /// From 0, in the order of the data set's names.
    public var classID: Int
    public var box: TruthBox
    /// VOC: finding it or not counts neither way.
    public var isDifficult = false
    /// COCO: a group marked as one; finding some of it counts neither way.
    public var isCrowd = false
    /// COCO: of the outline, in square pixels; `nil`: the box's.
    public var area: Double?

    public init(classID: Int, box: TruthBox) {
        self.classID = classID
        self.box = box
    }
}

/// A box by centre and size, relative to the picture (0...1). Double, because figures of evaluation are compared to the
/// last digit with other programs'.
public struct TruthBox: Hashable, Sendable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// Where an object ends: polygons around its parts, relative to the picture (0...1).
public struct Outline: Hashable, Sendable {
    /// The object's place among the sample's truths.
    public var truth: Int
    /// Of at least three points each.
    public var polygons: [[SIMD2<Float>]]

    public init(truth: Int, polygons: [[SIMD2<Float>]]) {
        self.truth = truth
        self.polygons = polygons
    }
}

/// A picture of a data set and what is known of it.
public struct Sample: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        /// Every object of the data set's classes, with its box.
        case objects([Truth])
        /// The picture as a whole shows this class: classifier training, and the pictures without boxes of joint training
        /// (there a node of the tree).
        case label(Int)
    }

    /// The picture's path.
    public var image: String
    public var content: Content
    /// Of the objects whose outlines are known, where they were asked for.
    public var outlines: [Outline] = []
    /// COCO's number of the picture.
    public var imageID: Int?
    /// Where the data set names it, for errors: a list's line, counted from 1.
    public var file: String
    public var line: Int

    public init(image: String, content: Content, imageID: Int? = nil, file: String = "", line: Int = 0) {
        self.image = image
        self.content = content
        self.imageID = imageID
        self.file = file
        self.line = line
    }

    /// The objects; none where only the picture as a whole is named.
    public var truths: [Truth] {
        if case .objects(let truths) = content { truths } else { [] }
    }
}
