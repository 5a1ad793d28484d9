import Darknet

extension DataSetReader {
    /// What was read, unless something is wrong with it.
    consuming func finish(_ source: String) throws(DataProblems) -> DataSet {
        let counts = LabelCounts(samples)
        if problems.count == 0 {
            if samples.isEmpty {
                problems.add(DataProblem(file: source, message: "names no pictures"))
            } else if counts.boxes + counts.labelled == 0 {
                problems.add(
                    DataProblem(
                        file: source, message: "none of \(pictures(samples.count)) has an object; \(expectation)"))
            }
        }
        guard problems.count == 0 else { throw problems }
        let names = names ?? defaultNames(atLeast: (counts.byClass.keys.max() ?? -1) + 1)
        return DataSet(
            samples: samples, names: names, categoryIDs: categoryIDs(ofClasses: names.count),
            warnings: plan.warnings + warnings(counts, source, names))
    }

    private func categoryIDs(ofClasses count: Int) -> [Int]? {
        guard !categoryIDs.isEmpty else { return nil }
        let used = Set(categoryIDs.values)
        var unused = (1...).lazy.filter { !used.contains($0) }.makeIterator()
        return (0..<count).map { categoryIDs[$0] ?? unused.next() ?? 0 }
    }

    /// Where objects would have come from.
    private var expectation: String {
        if !tally.omitted.isEmpty { return "the classes in the annotations are called otherwise: \(omittedNames)" }
        return tally.firstUnlabelled.map { "labels are expected in \($0.label) and so on" }
            ?? "the label files are empty"
    }

    private func defaultNames(atLeast count: Int) -> [String] {
        let count = max(plan.task == .classification ? plan.nodes ?? count : plan.boxClasses ?? count, 0)
        if count == ClassNames.voc.names.count { return ClassNames.voc.names }
        if count == ClassNames.coco.names.count { return ClassNames.coco.names }
        return (0..<count).map { "class \($0)" }
    }

    private func warnings(_ counts: LabelCounts, _ source: String, _ names: [String]) -> [DataProblem] {
        var warnings: [DataProblem] = []
        func warn(_ message: String, file: String? = nil, line: Int = 0) {
            warnings.append(DataProblem(file: file ?? source, line: line, message: message))
        }
        if let first = tally.firstUnlabelled {
            warn(
                "\(tally.unlabelled) of \(pictures(samples.count)) have no label file and count as showing nothing; "
                    + "of \(first.image) it would be \(first.label)")
        }
        if counts.empty > tally.unlabelled {
            warn("\(counts.empty - tally.unlabelled) of \(pictures(samples.count)) have labels without objects")
        }
        // Of a whole tree's nodes most have no picture of their own.
        if plan.task == .detection || plan.labels?.count == names.count {
            let missing = names.indices.filter { counts.byClass[$0] == nil }
            if !missing.isEmpty {
                warn(
                    "\(missing.count) of \(names.count) classes have no \(plan.task == .detection ? "objects" : "pictures")"
                        + " and cannot be learnt or judged: \(list(missing.map { names[$0] }))")
            }
        }
        if counts.tiny * 10 > counts.boxes {
            warn(
                "\(counts.tiny) of \(counts.boxes) boxes are less than a hundredth of the picture wide or high, four pixels "
                    + "at 416, which hardly can be learnt; are the labels relative to the picture?")
        }
        if counts.protruding > 0 {
            warn(
                "\(counts.protruding) of \(counts.boxes) boxes reach out of the picture by more than a hundredth of it")
        }
        if !tally.omitted.isEmpty {
            warn(
                "\(tally.omitted.values.reduce(0, +)) objects are of classes that the names leave out: \(omittedNames)")
        }
        if let other = tally.firstRenumbered {
            warn(
                "category \(quoted(other.name)) is number \(other.id), but \(other.known) elsewhere; result files have "
                    + "\(other.known)", file: other.file)
        }
        if let first = tally.firstEmptyBox {
            warn("\(tally.emptyBoxes) boxes without an area are left out", file: first.file, line: first.line)
        }
        return warnings
    }

    private var omittedNames: String {
        list(tally.omitted.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key))
    }

    private func list(_ names: [String]) -> String {
        let shown = 10
        let rest = names.count - shown
        return names.prefix(shown).map { quoted($0) }.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    private func pictures(_ count: Int) -> String { "\(count) picture\(count == 1 ? "" : "s")" }
}

/// How often what occurs in the samples.
struct LabelCounts {
    private(set) var byClass: [Int: Int] = [:]
    private(set) var boxes = 0
    private(set) var tiny = 0
    private(set) var protruding = 0
    /// Pictures without objects.
    private(set) var empty = 0
    /// Pictures labelled as a whole.
    private(set) var labelled = 0

    init(_ samples: [Sample]) {
        for sample in samples {
            switch sample.content {
            case .label(let classID):
                labelled += 1
                byClass[classID, default: 0] += 1
            case .objects(let truths):
                if truths.isEmpty { empty += 1 }
                for truth in truths { add(truth) }
            }
        }
    }

    private mutating func add(_ truth: Truth) {
        let box = truth.box
        boxes += 1
        byClass[truth.classID, default: 0] += 1
        if min(box.width, box.height) < 0.01 { tiny += 1 }
        let reach = max(
            box.width / 2 - box.x, box.x + box.width / 2 - 1, box.height / 2 - box.y, box.y + box.height / 2 - 1)
        if reach > 0.01 { protruding += 1 }
    }
}
