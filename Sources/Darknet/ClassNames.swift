/// What a network's classes are called: a `.names` file, one name a line, in the order of class indices.
public struct ClassNames: Hashable, Sendable {
    public var names: [String]

    public init(_ names: [String]) { self.names = names }

    /// Names may hold spaces. Empty lines at the end do not count; throws `.malformed` for one before, which would
    /// leave a class without a name, and for control characters.
    public init(parsing text: String, file: String) throws(DarknetError) {
        names = []
        for (line, content) in Lines.trimmed(of: text) {
            guard !content.isEmpty else {
                throw DarknetError(
                    .malformed, file: file, line: line, message: "is empty; expected the name of class \(names.count)")
            }
            guard !content.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
                throw DarknetError(
                    .malformed, file: file, line: line,
                    message: "\(quoted(content)) holds a control character; expected plain text")
            }
            names.append(content)
        }
    }

    /// Reads a file of at most 4 MiB.
    public init(contentsOf path: String) throws(DarknetError) {
        try self.init(parsing: try readText(path), file: path)
    }

    public func text() -> String { names.map { $0 + "\n" }.joined() }

    public func write(to path: String) throws(DarknetError) { try writeText(text(), to: path) }

    /// The 20 classes of PASCAL VOC.
    public static let voc = ClassNames([
        "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
        "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ])

    /// The 80 classes of COCO.
    public static let coco = ClassNames([
        "person", "bicycle", "car", "motorbike", "aeroplane", "bus", "train", "truck", "boat", "traffic light",
        "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
        "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
        "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
        "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
        "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "sofa",
        "pottedplant", "bed", "diningtable", "toilet", "tvmonitor", "laptop", "mouse", "remote", "keyboard",
        "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase",
        "scissors", "teddy bear", "hair drier", "toothbrush",
    ])
}
