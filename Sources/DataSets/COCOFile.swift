import Darknet

/// A COCO instances file: `images`, `annotations` and `categories`, in any order.
///
/// Read front to back; kept are some 80 bytes for each box. Of 4 GiB at most.
package struct COCOFile {
    struct Image {
        var id: Int
        /// May hold folders.
        var name: String
        /// Pixels; 0: not told.
        var width: Int
        var height: Int
        var line: Int
    }

    struct Annotation {
        var imageID: Int
        var categoryID: Int
        /// Left, top, width, height in pixels, counted from 0.
        var box: (Double, Double, Double, Double)
        var isCrowd: Bool
        var area: Double?
        var id: Int?
        var line: Int
    }

    private(set) var path: String
    private static let categoryLimit = 10_000
    private(set) var images: [Image] = []
    private(set) var annotations: [Annotation] = []
    /// By id.
    private(set) var categories: [(id: Int, name: String)] = []

    /// What single entries lack goes to `problems`; throws where the file as a whole cannot be read.
    init(_ path: String, problems: inout DataProblems) throws(DataProblem) {
        self.path = path
        var reader = try JSONReader(path)
        var parts: Set<String> = []
        // Copies, because a closure cannot borrow what it is called on.
        var file = self
        var found = problems
        try reader.object { key, reader throws(DataProblem) in
            switch key {
            case "images": try reader.array { reader throws(DataProblem) in try file.readImage(&reader, &found) }
            case "annotations":
                try reader.array { reader throws(DataProblem) in try file.readAnnotation(&reader, &found) }
            case "categories":
                try reader.array { reader throws(DataProblem) in try file.readCategory(&reader, &found) }
            default: return try reader.skip()
            }
            parts.insert(key)
        }
        try reader.finish()
        let missing = ["images", "annotations", "categories"].filter { !parts.contains($0) }
        guard missing.isEmpty else {
            throw DataProblem(
                file: path, message: "has no \(missing.joined(separator: ", no ")); expected COCO's instances")
        }
        file.categories.sort { $0.id < $1.id }
        self = file
        problems = found
    }

    /// The names of the classes in the order of their ids, which may have gaps.
    var names: [String] { categories.map(\.name) }

    /// COCO's own names of what Darknet's coco.names calls otherwise.
    private static let darknetNames = [
        "motorcycle": "motorbike", "airplane": "aeroplane", "couch": "sofa", "potted plant": "pottedplant",
        "dining table": "diningtable", "tv": "tvmonitor",
    ]

    private static func darknetName(of name: String) -> String { darknetNames[name] ?? name }

    /// COCO's own numbers of its 80 classes, in whatever order and by whichever names; `nil` for other classes.
    package static func officialIDs(of names: [String]) -> [Int]? {
        let ids = Dictionary(zip(ClassNames.coco.names, ClassMap.cocoCategoryIDs.values)) { first, _ in first }
        let found = names.compactMap { ids[darknetName(of: $0)] }
        return found.count == ids.count && Set(found).count == names.count ? found : nil
    }

    /// Classes by category id, as `names` has them; `nil` for the categories that it leaves out.
    func classes(in names: [String]) -> [Int: Int?] {
        let indices = Dictionary(names.enumerated().map { (Self.darknetName(of: $1), $0) }) { first, _ in first }
        return Dictionary(categories.map { ($0.id, indices[Self.darknetName(of: $0.name)]) }) { first, _ in first }
    }

    private mutating func readImage(
        _ reader: inout JSONReader, _ problems: inout DataProblems
    ) throws(DataProblem) {
        let line = reader.line
        var (id, name, width, height): (Int?, String?, Double?, Double?)
        try reader.object { key, reader throws(DataProblem) in
            switch key {
            case "id": id = try reader.integer()
            case "file_name": name = try reader.string()
            case "width": width = try reader.number()
            case "height": height = try reader.number()
            default: try reader.skip()
            }
        }
        guard let id, let name, !name.isEmpty else {
            return try add("an image has no \(id == nil ? "id" : "file_name")", line, &problems)
        }
        images.append(
            Image(
                id: id, name: name, width: width.flatMap(Int.init(exactly:)) ?? 0,
                height: height.flatMap(Int.init(exactly:)) ?? 0, line: line))
    }

    private mutating func readAnnotation(
        _ reader: inout JSONReader, _ problems: inout DataProblems
    ) throws(DataProblem) {
        let line = reader.line
        var (id, imageID, categoryID): (Int?, Int?, Int?)
        var box: [Double] = []
        var area: Double?
        var isCrowd = false
        try reader.object { key, reader throws(DataProblem) in
            switch key {
            case "id": id = try reader.integer()
            case "image_id": imageID = try reader.integer()
            case "category_id": categoryID = try reader.integer()
            case "area": area = try reader.number()
            case "iscrowd": isCrowd = try reader.number() == 1
            case "bbox":
                box = []
                try reader.array { reader throws(DataProblem) in
                    let number = try reader.number() ?? .nan
                    if box.count < 5 { box.append(number) }
                }
            default: try reader.skip()
            }
        }
        let name = "annotation \(id.map(String.init) ?? "without id")"
        guard let imageID, let categoryID else {
            return try add("\(name) has no \(imageID == nil ? "image_id" : "category_id")", line, &problems)
        }
        guard box.count == 4 else {
            return try add("\(name) has no bbox of 4 numbers; expected COCO's instances", line, &problems)
        }
        annotations.append(
            Annotation(
                imageID: imageID, categoryID: categoryID, box: (box[0], box[1], box[2], box[3]), isCrowd: isCrowd,
                area: area, id: id, line: line))
    }

    private mutating func readCategory(
        _ reader: inout JSONReader, _ problems: inout DataProblems
    ) throws(DataProblem) {
        let line = reader.line
        var (id, name): (Int?, String?)
        try reader.object { key, reader throws(DataProblem) in
            switch key {
            case "id": id = try reader.integer()
            case "name": name = try reader.string()
            default: try reader.skip()
            }
        }
        guard let id, let name, !name.isEmpty else {
            return try add("a category has no \(id == nil ? "id" : "name")", line, &problems)
        }
        guard !categories.contains(where: { $0.id == id || $0.name == name }) else {
            return try add("category \(id) \(quoted(name)) is there twice", line, &problems)
        }
        guard categories.count < Self.categoryLimit else {
            throw DataProblem(file: path, line: line, message: "holds more than \(Self.categoryLimit) categories")
        }
        categories.append((id, name))
    }

    private func add(_ message: String, _ line: Int, _ problems: inout DataProblems) throws(DataProblem) {
        problems.add(DataProblem(file: path, line: line, message: message))
        if problems.isHopeless {
            throw DataProblem(file: path, line: line, message: "so much is wrong that the rest is not read")
        }
    }
}
