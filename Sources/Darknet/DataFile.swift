/// A `.data` file: where a data set's lists, names and results lie (spec 7.7).
///
/// Paths are as written, without white space.
public struct DataFile: Hashable, Sendable {
    /// How results are written and judged.
    public enum Evaluation: String, Sendable, CaseIterable { case voc, coco, imagenet }

    public var classes: Int?
    /// Lists of image paths, one a line; also COCO files and VOC folders, several with commas between them.
    public var train: String?
    public var valid: String?
    public var names: String?
    /// A classifier's labels, one a line, which are looked for in the images' paths.
    public var labels: String?
    /// Folders of the pictures that COCO files name, with commas between them.
    public var images: String?
    /// A list of pictures without boxes, each labelled as a whole, for joint training.
    public var classification: String?
    /// The folder of checkpoints.
    public var backup: String?
    /// The folder of results.
    public var results: String?
    public var evaluation = Evaluation.voc
    public var map: String?
    public var tree: String?
    public var leaves: String?
    /// The list of boxes that evaluation passes over.
    public var difficult: String?
    /// A classifier's right answer may be among this many.
    public var top = 1
    /// Labels are many to an image.
    public var tag = false
    public var warnings: [DarknetWarning] = []

    public init() {}

    public init(parsing text: String, file: String) throws(DarknetError) {
        var section = OptionSection.whole(of: text, file: file)
        if let entry = section.take("classes") {
            guard let classes = Int(entry.value), (1...Convolution.filterLimit).contains(classes) else {
                throw section.error(
                    line: entry.line,
                    "classes=\(quoted(entry.value)) is not a count; expected 1 to \(Convolution.filterLimit)")
            }
            self.classes = classes
        }
        evaluation = section.choice("eval", default: .voc, fallback: .voc)
        try section.read(Self.fields, into: &self)
        section.finish()
        warnings = section.warnings.warnings
    }

    /// Reads a file of at most 4 MiB.
    public init(contentsOf path: String) throws(DarknetError) {
        try self.init(parsing: try readText(path), file: path)
    }

    /// Keys that are set and that Lookout reads but does not obey.
    public var unusedKeys: [String] {
        let none = DataFile()
        return [
            ("top", top != none.top), ("leaves", leaves != nil), ("difficult", difficult != nil), ("tag", tag),
            ("eval", evaluation != none.evaluation), ("results", results != nil),
        ].filter(\.1).map(\.0)
    }

    public func text() -> String {
        var writer = OptionWriter()
        if let classes { writer.put("classes", classes) }
        writer.put(Self.fields, of: self, unless: DataFile())
        if evaluation != .voc { writer.put("eval", evaluation.rawValue) }
        return writer.text
    }

    private static let fields: [Field<DataFile>] = [
        .string("train", \.train), .string("valid", \.valid), .string("names", \.names), .string("labels", \.labels),
        .string("images", \.images), .string("classification", \.classification), .string("backup", \.backup),
        .string("results", \.results), .string("map", \.map), .string("tree", \.tree),
        .string("leaves", \.leaves), .string("difficult", \.difficult), .int("top", \.top, 1...1_000_000),
        .flag("tag", \.tag),
    ]
}
