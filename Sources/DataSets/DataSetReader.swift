import Darknet

/// Collects the samples of a data set from its sources, and all that is wrong with them.
struct DataSetReader {
    let plan: DataSetPlan
    let checksImages: Bool
    var names: [String]?
    var samples: [Sample] = []
    var problems = DataProblems()
    var tally = Tally()
    /// Classes by name.
    var classIDs: [String: Int] = [:]
    /// COCO's numbers by class.
    var categoryIDs: [Int: Int] = [:]
    private let pathLabels: PathLabels?

    /// Of ImageNet's 14 million pictures it would be 900 MB.
    private static let listByteLimit = 1 << 30

    init(_ plan: DataSetPlan, checksImages: Bool) {
        self.plan = plan
        self.checksImages = checksImages
        names = plan.names
        pathLabels = plan.labels.map(PathLabels.init)
    }

    /// - Parameter isLabelled: the pictures are those of joint training that are labelled as a whole.
    mutating func read(_ source: DataSetPlan.Source, isLabelled: Bool = false) throws {
        switch source {
        case .list(let path): try readList(path, isLabelled: isLabelled)
        case .voc(let folder, let split): try readVOC(folder, split: split)
        case .coco(let path): try readCOCO(path)
        }
    }

    /// Adds a problem; throws all of them when there are too many for reading on to make sense.
    mutating func add(_ problem: DataProblem) throws(DataProblems) {
        problems.add(problem)
        if problems.isHopeless { throw problems }
    }

    /// Whether the picture can be used, as far as its file's entry tells.
    mutating func check(_ image: String, _ file: String, _ line: Int) throws(DataProblems) -> Bool {
        guard checksImages, let obstacle = FileStatus(image).obstacleAsPicture else { return true }
        try add(DataProblem(file: file, line: line, message: "the picture \(Path.quoted(image)) \(obstacle)"))
        return false
    }

    // MARK: Lists

    private mutating func readList(_ path: String, isLabelled: Bool) throws {
        let text = try readText(path, byteLimit: Self.listByteLimit)
        let lines = Lines.trimmed(of: text)
        let folders = plan.folders + [Path.folder(of: path)]
        let names = lines.lazy.map(\.content)
        let folder =
            Self.folder(of: names, in: folders)
            ?? Self.folder(of: names.map { LabelFile.path(ofImage: $0) }, in: folders) ?? ""
        for (line, name) in lines where !name.isEmpty {
            let image = Path.joined(folder, name)
            guard try check(image, path, line) else { continue }
            let content: Sample.Content?
            if plan.task == .classification {
                content = try pathLabel(of: image, path, line).map { .label($0) }
            } else if isLabelled {
                content = try label(of: image, path, line).map { .label($0) }
            } else {
                content = try objects(of: image)
            }
            if let content { samples.append(Sample(image: image, content: content, file: path, line: line)) }
        }
    }

    /// The first folder that has any of the first pictures.
    static func folder(of names: some Sequence<String>, in folders: [String]) -> String? {
        let first = Array(names.prefix(100))
        return folders.first { folder in first.contains { FileStatus(Path.joined(folder, $0)).isFile } }
    }

    private mutating func objects(of image: String) throws -> Sample.Content? {
        let path = LabelFile.path(ofImage: image)
        if FileStatus(path) == .missing {
            if let annotation = VOCAnnotation.path(ofImage: image), FileStatus(annotation).isFile {
                return try vocTruths(annotation, image: image).map { .objects($0) }
            }
            tally.addUnlabelled(image: image, path)
            return .objects([])
        }
        let content = LabelFile.read(path, classes: plan.boxClasses, nodes: plan.nodes, problems: &problems)
        if problems.isHopeless { throw problems }
        return content
    }

    /// Adds outlines to the objects of every picture that has a file of them.
    mutating func readOutlines() throws {
        var found = false
        for index in samples.indices where !samples[index].truths.isEmpty {
            let sample = samples[index]
            let path = OutlineFile.path(ofImage: sample.image)
            // Where nothing in the path is to be replaced, they would be the labels.
            guard path != LabelFile.path(ofImage: sample.image), FileStatus(path) != .missing else { continue }
            samples[index].outlines = OutlineFile.read(path, of: sample.truths, problems: &problems)
            if problems.isHopeless { throw problems }
            found = found || !samples[index].outlines.isEmpty
        }
        guard !found, let sample = samples.first(where: { !$0.truths.isEmpty }), problems.count == 0 else { return }
        try add(
            DataProblem(
                file: sample.file, line: sample.line,
                message:
                    "no object of any picture has an outline; expected them in a folder outlines where the pictures "
                    + "are in one called images, such as \(OutlineFile.path(ofImage: sample.image))"))
    }

    /// The one label that occurs in the path.
    private mutating func pathLabel(of image: String, _ file: String, _ line: Int) throws -> Int? {
        guard let pathLabels, let labels = plan.labels else {
            throw DarknetError(
                .malformed, file: file,
                message: "its pictures take labels; expected labels = FILE in the .data file, or label files")
        }
        let matches = pathLabels.matches(in: image)
        if matches.count == 1 { return matches[0] }
        let found = matches.prefix(5).map { quoted(labels[$0]) }.joined(separator: ", ")
        try add(
            DataProblem(
                file: file, line: line,
                message: matches.isEmpty
                    ? "no label occurs in \(Path.quoted(image)); expected one of the \(labels.count), such as a folder's name"
                    : "\(matches.count) labels occur in \(Path.quoted(image)): \(found); expected one"))
        return nil
    }

    /// By a label file with a centre of 0 0, else by the path.
    private mutating func label(of image: String, _ file: String, _ line: Int) throws -> Int? {
        let path = LabelFile.path(ofImage: image)
        guard FileStatus(path).isFile else { return try pathLabel(of: image, file, line) }
        let before = problems.count
        let content = LabelFile.read(path, classes: plan.boxClasses, nodes: plan.nodes, problems: &problems)
        if problems.isHopeless { throw problems }
        if case .label(let node) = content { return node }
        if problems.count == before {
            try add(DataProblem(file: path, message: "labels no picture as a whole; expected a line: class 0 0 1 1"))
        }
        return nil
    }
}

/// What the warnings count while the files are read.
struct Tally {
    /// Pictures without a label file.
    private(set) var unlabelled = 0
    private(set) var firstUnlabelled: (image: String, label: String)?
    /// Boxes of classes that the names leave out.
    private(set) var omitted: [String: Int] = [:]
    /// COCO's boxes without an area.
    var emptyBoxes = 0
    var firstEmptyBox: (file: String, line: Int)?

    /// A category that COCO files number differently.
    var firstRenumbered: (file: String, name: String, id: Int, known: Int)?

    mutating func addUnlabelled(image: String, _ label: String) {
        if unlabelled == 0 { firstUnlabelled = (image, label) }
        unlabelled += 1
    }

    /// Of hostile files no more than are told.
    mutating func addOmitted(_ name: String) {
        if omitted.count < 1000 || omitted[name] != nil { omitted[name, default: 0] += 1 }
    }
}
