import Darknet

/// Where a data set's parts lie and what its classes are: a `.data` file with what the network has to say.
struct DataSetPlan {
    enum Source: Equatable {
        /// Paths of pictures, one a line.
        case list(String)
        case coco(String)
        case voc(folder: String, split: String)
    }

    var sources: [Source] = []
    /// The pictures of joint training that are labelled as a whole.
    var classification: Source?
    var task: DataSet.Task
    /// Folders that relative paths are looked for in, in this order.
    var folders: [String] = [""]
    /// Of the pictures that COCO files name.
    var imageFolders: [String] = []
    /// Those of the boxes, or where pictures are labelled as a whole, of these.
    var names: [String]?
    /// What is looked for in the paths of pictures.
    var labels: [String]?
    /// How many classes boxes may have; `nil`: unknown.
    var boxClasses: Int?
    /// How many classes pictures may be labelled with as a whole; `nil`: they may not.
    var nodes: Int?
    var warnings: [DataProblem] = []
}

extension DataSetPlan {
    /// See `DataSet.init`.
    init(
        _ source: String, part: DataSet.Part, task: DataSet.Task?, classes: Int?, map: ClassMap?, tree: WordTree?
    ) throws {
        guard source.hasSuffix(".data") else {
            self.task = task ?? .detection
            sources = try Self.sources(source, part: part, folders: folders)
            if self.task == .classification {
                throw DataProblems(DataProblem(file: source, message: "pictures labelled as a whole take a .data file"))
            }
            setCounts(classes: classes, map: map, tree: tree)
            return
        }
        let data = try DataFile(contentsOf: source)
        warnings = data.warnings.map { DataProblem(file: $0.file, line: $0.line ?? 0, message: $0.message) }
        folders.insert(Path.folder(of: source), at: 0)
        let locate = { [folders] (path: String) in Path.found(path, in: folders) }
        self.task = task ?? (data.labels == nil || data.classification != nil ? .detection : .classification)
        guard let list = part == .train ? data.train : data.valid else {
            throw DataProblems(
                DataProblem(file: source, message: "names no pictures; expected \(part.rawValue) = LIST"))
        }
        sources = try Self.sources(list, part: part, folders: folders)
        if part == .train, self.task == .detection, let list = data.classification {
            classification = .list(try Self.readable(locate(list)))
        }
        imageFolders = (data.images ?? "").split(separator: ",").map { locate(String($0)) }
        names = try data.names.map { try ClassNames(contentsOf: locate($0)).names }
        if part == .valid, self.task == .detection, data.difficult != nil {
            warnings.append(
                DataProblem(
                    file: source,
                    message: "difficult is not used: every box of the label files counts; VOC's annotations tell which "
                        + "are difficult"))
        }
        let tree = try tree ?? data.tree.map { try WordTree(contentsOf: locate($0)) }
        let map = try map ?? data.map.map { try ClassMap(contentsOf: locate($0)) }
        if self.task == .classification || classification != nil {
            labels = try data.labels.map { try ClassNames(contentsOf: locate($0)).names } ?? tree?.names
        }
        setCounts(classes: classes ?? data.classes, map: map, tree: tree)
        try fitNames(file: source, said: data.classes, classes: classes)
    }

    private mutating func setCounts(classes: Int?, map: ClassMap?, tree: WordTree?) {
        boxClasses = map?.values.count ?? classes
        switch task {
        case .classification: nodes = classes ?? labels?.count
        case .detection: if tree != nil || classification != nil { nodes = tree?.count ?? classes ?? labels?.count }
        }
    }

    /// Names and labels fit the number of classes. Darknet's lists for its classifiers have all of ImageNet; the first
    /// thousand are theirs.
    private mutating func fitNames(file: String, said: Int?, classes: Int?) throws(DataProblems) {
        if let said, let classes, said != classes, boxClasses == classes {
            throw DataProblems(
                DataProblem(file: file, message: "says classes=\(said), but the network has \(classes)"))
        }
        if task == .classification, let nodes {
            names = names.map { Array($0.prefix(nodes)) } ?? labels
            labels = labels.map { Array($0.prefix(nodes)) }
        }
        guard let count = task == .classification ? nodes : boxClasses else {
            boxClasses = names?.count
            return
        }
        if let names, names.count != count {
            // YOLO9000's .data files name the tree's nodes.
            if task == .detection, names.count == nodes ?? classes {
                self.names = nil
            } else {
                throw DataProblems(
                    DataProblem(file: file, message: "has \(names.count) names for \(count) classes"))
            }
        }
    }

    // MARK: Sources

    /// Of a list with commas between them.
    private static func sources(_ text: String, part: DataSet.Part, folders: [String]) throws -> [Source] {
        try text.split(separator: ",").map { item in
            let path = Path.found(String(item), in: folders)
            switch FileStatus(path) {
            case .folder: return .voc(folder: path, split: try defaultSplit(of: path, part: part))
            case .missing:
                // A VOC folder may be followed by the name of a split.
                if let colon = path.lastIndex(of: ":") {
                    let folder = Path.found(String(path[..<colon]), in: folders)
                    if FileStatus(folder) == .folder {
                        return .voc(folder: folder, split: String(path[path.index(after: colon)...]))
                    }
                }
                throw DarknetError(
                    .cannotRead, file: String(item),
                    message: "does not exist; expected a list of pictures, a COCO .json, or a VOC folder")
            default: return path.hasSuffix(".json") ? .coco(path) : .list(try readable(path))
            }
        }
    }

    private static func readable(_ path: String) throws(DarknetError) -> String {
        _ = try InputFile(path)
        return path
    }

    private static func defaultSplit(of folder: String, part: DataSet.Part) throws -> String {
        let splits = part == .train ? ["trainval", "train"] : ["test", "val"]
        guard let split = splits.first(where: { FileStatus(VOCFolder.list(folder, split: $0)).isFile }) else {
            throw DarknetError(
                .cannotRead, file: folder,
                message: "has no ImageSets/Main/\(splits[0]).txt or \(splits[1]).txt; expected a VOC folder, "
                    + "whose split may be named behind a colon")
        }
        return split
    }
}
