public import Darknet

/// Pictures and what is to be seen in them: what a network is trained with or judged by (spec 7.7).
///
/// Pictures are not decoded here, and everything that is wrong is told at once, before anything starts.
public struct DataSet: Sendable {
    public enum Part: String, Sendable, CaseIterable { case train, valid }

    public enum Task: String, Sendable, CaseIterable {
        /// Boxes; in joint training also pictures that are labelled as a whole.
        case detection
        /// Pictures that are labelled as a whole.
        case classification
    }

    /// In the order of the lists; those of the key `classification` come last.
    ///
    /// VOC's difficult and COCO's crowd objects are among the truths: training leaves them out (`Truth.isTrained`),
    /// evaluation has its rules for them.
    public var samples: [Sample]
    /// Of the classes of boxes; for classification, of the labels.
    public var names: [String]
    /// COCO's numbers of the classes, as its file has them; `nil` of sets that have no such file. A class that the file
    /// leaves out has a number that the file does not use.
    public var categoryIDs: [Int]?
    /// What is allowed but probably not meant: pictures without objects, classes without boxes and the like.
    public var warnings: [DataProblem]

    public init(samples: [Sample], names: [String], categoryIDs: [Int]? = nil, warnings: [DataProblem] = []) {
        self.samples = samples
        self.names = names
        self.categoryIDs = categoryIDs
        self.warnings = warnings
    }

    /// Reads what `source` names:
    /// - a `.data` file, in which `train` and `valid` name any of the following, with commas between several;
    /// - a list of pictures, one a line, with Darknet's label files (else VOC's annotations) where they belong;
    /// - a COCO instances `.json`, its pictures in the folder that the key `images` names, or in the usual places;
    /// - a VOC folder; `VOC2007:trainval` names the split (else trainval or train, test or val, by `part`).
    ///
    /// Relative paths are looked for in the current folder, then in the list's and the `.data` file's.
    ///
    /// - Parameters:
    ///   - task: `nil`: classification where the `.data` file has `labels` and not `classification`, else detection.
    ///   - classes: of the network, to check labels against; `nil`: as the `.data` file says, or as many as names.
    ///   - map: the network's, from classes of boxes to nodes of its tree; `nil`: that of the `.data` file. It is not
    ///     applied: boxes keep their classes, and must be within it.
    ///   - tree: the network's; `nil`: that of the `.data` file. With one, a label `node 0 0 w h` labels the picture.
    ///   - checksImages: whether pictures must exist and not be empty.
    ///   - outlines: whether those of the objects are read too, from files `class x1 y1 x2 y2 ...` in a folder "outlines"
    ///     beside that of the labels. Pictures may lack them, but not all. A picture with a file may have 1,000 objects,
    ///     and the file 1,000 lines and 20,000 points.
    /// - Throws: `DataProblems` with all that is wrong; `DarknetError` where a list or the like cannot be read at all.
    public init(
        _ source: String, part: Part, task: Task? = nil, classes: Int? = nil, map: ClassMap? = nil,
        tree: WordTree? = nil, checksImages: Bool = true, outlines: Bool = false
    ) throws {
        let plan = try DataSetPlan(source, part: part, task: task, classes: classes, map: map, tree: tree)
        var reader = DataSetReader(plan, checksImages: checksImages)
        for source in plan.sources { try reader.read(source) }
        if let list = plan.classification { try reader.read(list, isLabelled: true) }
        if outlines { try reader.readOutlines() }
        self = try reader.finish(source)
    }
}

extension Truth {
    /// Whether a network is to be trained with it: neither difficult nor a crowd, as Darknet's scripts leave them out.
    public var isTrained: Bool { !isDifficult && !isCrowd }
}
