/// YOLOv2's output: for each anchor at each grid cell, a box, an objectness and classes (spec 1.5, 5, 7.1).
public struct Region: Hashable, Sendable {
    public var classes = 20
    /// Always 4: x, y, width, height.
    public var coords = 4
    /// Anchors at each cell.
    public var count = 1
    /// Width and height of each anchor in turn, in grid cells: 2 x `count` numbers.
    public var anchors: [Float] = [0.5, 0.5]
    /// Classes exclude each other; without it, and without a tree, each class has its own logistic.
    public var softmax = false
    /// The objectness entry is a background class of the softmax.
    public var background = false
    /// As written in the cfg.
    public var treeFile: String?
    public var mapFile: String?

    // The rest matters in training only.

    /// Objects in an image beyond which truths are ignored.
    public var maxTruths = 30
    public var jitter: Float = 0.2
    /// The objectness target is the IoU, not 1.
    public var rescore = false
    /// IoU above which a prediction without a truth of its own is not pushed to "no object".
    public var thresh: Float = 0.5
    /// Truths choose their anchor by the anchors' sizes, not by the predicted ones.
    public var biasMatch = false
    /// Changes the input size every ten iterations.
    public var random = false
    public var coordScale: Float = 1
    public var objectScale: Float = 1
    public var noObjectScale: Float = 1
    public var classScale: Float = 1
    public var maskScale: Float = 1
    /// Without effect in Darknet.
    public var absolute = false
    public var log = false
    public var sqrt = false
    /// Of November 2016; -1, 0, 1 or 2.
    public var classfix = 0

    public init() {}

    /// Channels of one anchor: x, y, w, h, objectness, classes.
    public var entries: Int { coords + 1 + classes }
    /// Channels that the layer takes.
    public var channels: Int { count * entries }

    static let anchorLimit = 1000
    static let fields: [Field<Region>] = [
        .int("coords", \.coords, 4...4), .int("classes", \.classes, 1...Convolution.filterLimit),
        .int("num", \.count, 1...anchorLimit), .flag("softmax", \.softmax), .flag("background", \.background),
        .string("tree", \.treeFile), .string("map", \.mapFile), .int("max", \.maxTruths, 1...100_000),
        .float("jitter", \.jitter, 0...0.999), .flag("rescore", \.rescore), .float("thresh", \.thresh),
        .flag("bias_match", \.biasMatch), .flag("random", \.random), .float("coord_scale", \.coordScale),
        .float("object_scale", \.objectScale), .float("noobject_scale", \.noObjectScale),
        .float("class_scale", \.classScale), .float("mask_scale", \.maskScale), .flag("absolute", \.absolute),
        .flag("log", \.log), .flag("sqrt", \.sqrt), .int("classfix", \.classfix, -1...2),
    ]
}

extension Region {
    init(_ section: inout OptionSection) throws(DarknetError) {
        self.init()
        try section.read(Self.fields, into: &self)
        let positive = Float.leastNormalMagnitude...1_000_000
        anchors = try section.floats("anchors", in: positive, atMost: 2 * Self.anchorLimit) ?? []
        if anchors.count != 2 * count {
            section.warn(
                "anchors lists \(anchors.count) numbers, num=\(count) takes \(2 * count); "
                    + (anchors.count < 2 * count ? "0.5 stands for the missing ones" : "the rest are ignored"))
            anchors = Array((anchors + Array(repeating: 0.5, count: 2 * count)).prefix(2 * count))
        }
    }

    func write(to writer: inout OptionWriter) {
        writer.put("anchors", anchors)
        writer.put(Self.fields, of: self, unless: Region())
    }
}
