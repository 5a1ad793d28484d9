public import Charts
import DataSets

/// What the sure boxes (above .25) took truths of each class for.
public struct ConfusionMatrix: Sendable {
    public let names: [String]
    /// By the truth's class, then the box's; last, in both, nothing: boxes of no truth, truths without a box.
    public private(set) var counts: [[Int]]

    public init(_ results: [PictureResult], names: [String]) {
        self.names = names
        let nothing = names.count
        counts = Array(repeating: Array(repeating: 0, count: nothing + 1), count: nothing + 1)
        // What is of no known class is judged nowhere.
        let known = { (classID: Int) in names.indices.contains(classID) }
        for mistakes in results.lazy.map(PictureMistakes.init) {
            for (index, box) in mistakes.boxes.enumerated() where known(box.classID) && !mistakes.isExcused[index] {
                let truth = mistakes.truthOfBox[index].map { mistakes.truths[$0].classID } ?? nothing
                if truth == nothing || known(truth) { counts[truth][box.classID] += 1 }
            }
            for index in mistakes.missed where known(mistakes.truths[index].classID) {
                counts[mistakes.truths[index].classID][nothing] += 1
            }
        }
    }

    /// A row for each class of truth, a column for each of boxes; comma separated.
    public func csv() -> String {
        let labels = names.map(Self.quoted)
        var text = "truth," + (labels + ["nothing"]).joined(separator: ",") + "\n"
        for (label, row) in zip(labels + ["nothing"], counts) {
            text += label + "," + row.map(String.init).joined(separator: ",") + "\n"
        }
        return text
    }

    /// Each row's shares as shades; classes without truths and boxes are left out.
    public func picture() -> HeatMap {
        let nothing = names.count
        let used = (0...nothing).filter { index in
            index == nothing || counts[index].contains { $0 > 0 } || counts.contains { $0[index] > 0 }
        }
        let labels = used.map { $0 == nothing ? "nothing" : names[$0] }
        return HeatMap(
            title: "What truths were taken for", rowLabel: "truth", columnLabel: "box", rows: labels, columns: labels,
            values: used.map { row in used.map { counts[row][$0] } })
    }

    private static func quoted(_ name: String) -> String {
        name.contains { ",\"\n".contains($0) } ? "\"" + name.replacing("\"", with: "\"\"") + "\"" : name
    }
}
