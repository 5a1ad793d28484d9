/// A box by centre and size, relative to the source image (0...1; parts may lie outside).
public struct Box: Hashable, Sendable {
    public var x: Float
    public var y: Float
    public var width: Float
    public var height: Float

    public init(x: Float, y: Float, width: Float, height: Float) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// One object found: what, how sure, where.
public struct Detection: Hashable, Sendable {
    public var classID: Int
    /// Class probability times objectness (spec 5.3), 0...1.
    public var confidence: Float
    public var objectness: Float
    public var box: Box

    public init(classID: Int, confidence: Float, objectness: Float, box: Box) {
        self.classID = classID
        self.confidence = confidence
        self.objectness = objectness
        self.box = box
    }
}
