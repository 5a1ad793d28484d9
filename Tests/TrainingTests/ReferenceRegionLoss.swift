import Darknet
import Foundation

@testable import Training

/// The region's loss once more, in Double and without regard to speed: first the targets are frozen as spec 7.1, 8.3 and
/// 8.4 have them, then the objective is a function of the raw values alone, which differences can be taken of.
struct ReferenceRegionLoss {
    typealias Term = ([Double]) -> Double

    let region: Region
    var tree: WordTree?
    var map: [Int]?
    var options = RegionLossOptions()
    let rows: Int
    let columns: Int

    private struct Box {
        var x, y, width, height: Double
    }
    private enum Classes {
        case none
        case of([Int], weight: Double)
    }

    private func at(_ anchor: Int, _ entry: Int, _ row: Int, _ column: Int) -> Int {
        ((anchor * region.entries + entry) * rows + row) * columns + column
    }

    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    private func overlap(_ a: Box, _ b: Box) -> Double {
        let width = min(a.x + a.width / 2, b.x + b.width / 2) - max(a.x - a.width / 2, b.x - b.width / 2)
        let height = min(a.y + a.height / 2, b.y + b.height / 2) - max(a.y - a.height / 2, b.y - b.height / 2)
        let both = max(0, width) * max(0, height)
        return both / (a.width * a.height + b.width * b.height - both)
    }

    func terms(_ raw: [Double], target: Target, seen: Int) -> [Term] {
        switch target {
        case .boxes(let boxes): detection(raw, boxes, seen: seen)
        case .label(let node): labelled(raw, node)
        }
    }

    private func detection(_ raw: [Double], _ boxes: [TrainingBox], seen: Int) -> [Term] {
        let scales: (coord: Double, object: Double, noObject: Double, classes: Double) =
            options.isSquaredError
            ? (5, 1, 0.5, 1)
            : (
                Double(region.coordScale), Double(region.objectScale), Double(region.noObjectScale),
                Double(region.classScale)
            )
        let kept = boxes.prefix(region.maxTruths)
        let truths = kept.map { box in
            (
                box: Box(x: Double(box.x), y: Double(box.y), width: Double(box.width), height: Double(box.height)),
                label: map?[box.classID] ?? box.classID
            )
        }
        let predicted = { (anchor: Int, row: Int, column: Int) in
            Box(
                x: (Double(column) + sigmoid(raw[at(anchor, 0, row, column)])) / Double(columns),
                y: (Double(row) + sigmoid(raw[at(anchor, 1, row, column)])) / Double(rows),
                width: exp(raw[at(anchor, 2, row, column)]) * Double(region.anchors[2 * anchor]) / Double(columns),
                height: exp(raw[at(anchor, 3, row, column)]) * Double(region.anchors[2 * anchor + 1]) / Double(rows))
        }
        var objects: [[Int]: [Term]] = [:]
        var places: [[Int]: [Term]] = [:]
        var classes: [[Int]: Classes] = [:]
        for anchor in 0..<region.count {
            for row in 0..<rows {
                for column in 0..<columns {
                    let here = [anchor, row, column]
                    var best = (overlap: 0.0, label: -1)
                    for truth in truths {
                        let overlap = overlap(predicted(anchor, row, column), truth.box)
                        if overlap > best.overlap { best = (overlap, truth.label) }
                    }
                    let classfix = region.classfix
                    let entry = at(anchor, 4, row, column)
                    if classfix == -1 {
                        objects[here] = [object(raw, entry, best.overlap, scales.noObject)]
                    } else if best.overlap <= Double(region.thresh) {
                        objects[here] = [object(raw, entry, region.background ? 1 : 0, scales.noObject)]
                    } else if classfix > 0 {
                        let weight = classfix == 2 ? sigmoid(raw[entry]) : 1
                        classes[here] = .of([best.label], weight: scales.classes * weight)
                    }
                    if seen < options.priorPictures {
                        places[here] = place(here, (0.5, 0.5, 0, 0), scale: 0.01)
                    }
                }
            }
        }
        var owned: Set<[Int]> = []
        for (box, label) in truths {
            let column = min(columns - 1, Int(box.x * Double(columns)))
            let row = min(rows - 1, Int(box.y * Double(rows)))
            let size = (box.width * Double(columns), box.height * Double(rows))
            var best = (anchor: 0, overlap: -1.0)
            for anchor in 0..<region.count {
                var prior = Box(
                    x: 0, y: 0, width: Double(region.anchors[2 * anchor]),
                    height: Double(region.anchors[2 * anchor + 1]))
                if !region.biasMatch {
                    prior.width *= exp(raw[at(anchor, 2, row, column)])
                    prior.height *= exp(raw[at(anchor, 3, row, column)])
                }
                let overlap = overlap(prior, Box(x: 0, y: 0, width: size.0, height: size.1))
                if overlap > best.overlap { best = (anchor, overlap) }
            }
            let here = [best.anchor, row, column]
            let values = (
                box.x * Double(columns) - Double(column), box.y * Double(rows) - Double(row),
                log(size.0 / Double(region.anchors[2 * best.anchor])),
                log(size.1 / Double(region.anchors[2 * best.anchor + 1]))
            )
            let weight = options.weighsSmallBoxes ? 2 - box.width * box.height : 1
            places[here] = place(here, values, scale: scales.coord * weight)
            let rescored = region.rescore && !options.isSquaredError
            let target = rescored ? overlap(predicted(best.anchor, row, column), box) : 1
            objects[here] = [
                object(raw, at(best.anchor, 4, row, column), region.background ? 0 : target, scales.object)
            ]
            var labels = [label]
            let isMultiLabel = tree == nil && !region.background && (!region.softmax || options.isSquaredError)
            if isMultiLabel, owned.contains(here), case .of(let earlier, _) = classes[here] { labels += earlier }
            owned.insert(here)
            classes[here] = .of(labels, weight: scales.classes)
        }
        let classTerms = classes.flatMap { here, classes in
            if case .of(let labels, let weight) = classes { self.classes(raw, here, labels, weight) } else { [Term]() }
        }
        return objects.values.flatMap(\.self) + places.values.flatMap(\.self) + classTerms
    }

    private func labelled(_ raw: [Double], _ node: Int) -> [Term] {
        var best = (here: [0, 0, 0], score: -1.0)
        for anchor in 0..<region.count {
            for row in 0..<rows {
                for column in 0..<columns {
                    let loss = classes(raw, [anchor, row, column], [node], 1).reduce(0) { $0 + $1(raw) }
                    let score = sigmoid(raw[at(anchor, 4, row, column)]) * exp(-loss)
                    if score > best.score { best = ([anchor, row, column], score) }
                }
            }
        }
        var terms = classes(raw, best.here, [node], Double(region.classScale))
        for anchor in 0..<region.count {
            for row in 0..<rows {
                for column in 0..<columns where options.labelObjectness != .none {
                    let entry = at(anchor, 4, row, column)
                    if [anchor, row, column] != best.here {
                        terms.append(object(raw, entry, 0, Double(region.noObjectScale)))
                    } else if options.labelObjectness == .paper, sigmoid(raw[entry]) < 0.3 {
                        terms.append(object(raw, entry, 0.3, Double(region.objectScale)))
                    }
                }
            }
        }
        return terms
    }

    private var factor: Double { options.isSquaredError ? 1 : 0.5 }

    private func place(_ here: [Int], _ values: (Double, Double, Double, Double), scale: Double) -> [Term] {
        let entries = (0..<4).map { at(here[0], $0, here[1], here[2]) }
        return [
            { factor * scale * pow(values.0 - sigmoid($0[entries[0]]), 2) },
            { factor * scale * pow(values.1 - sigmoid($0[entries[1]]), 2) },
            { factor * scale * pow(values.2 - $0[entries[2]], 2) },
            { factor * scale * pow(values.3 - $0[entries[3]], 2) },
        ]
    }

    private func object(_ raw: [Double], _ entry: Int, _ target: Double, _ scale: Double) -> Term {
        guard region.background else { return { factor * scale * pow(target - sigmoid($0[entry]), 2) } }
        // The other classes' part of the softmax is frozen: Darknet gives them no gradient of this.
        let others = (1...region.classes).reduce(0) { $0 + exp(raw[entry + $1 * rows * columns]) }
        return {
            let share = exp($0[entry]) / (exp($0[entry]) + others)
            return -scale * log(target > 0 ? share : 1 - share)
        }
    }

    private func classes(_ raw: [Double], _ here: [Int], _ labels: [Int], _ weight: Double) -> [Term] {
        let at = { (index: Int) in self.at(here[0], 5 + index, here[1], here[2]) }
        if let tree {
            var terms: [Term] = []
            var node = labels[0]
            while node >= 0 {
                let this = node
                let siblings = tree.parents.indices.filter { tree.parents[$0] == tree.parents[this] }
                terms.append { values in
                    weight * (log(siblings.reduce(0) { $0 + exp(values[at($1)]) }) - values[at(this)])
                }
                node = tree.parents[node]
            }
            return terms
        }
        if region.background || (region.softmax && !options.isSquaredError) {
            let frozen = region.background ? exp(raw[at(-1)]) : 0
            return [
                { values in
                    let sum = (0..<region.classes).reduce(frozen) { $0 + exp(values[at($1)]) }
                    return weight * (log(sum) - values[at(labels[0])])
                }
            ]
        }
        return (0..<region.classes).map { index in
            let target: Double = labels.contains(index) ? 1 : 0
            guard options.isSquaredError else {
                return { -weight * log(target > 0 ? sigmoid($0[at(index)]) : 1 - sigmoid($0[at(index)])) }
            }
            return { weight * pow(target - sigmoid($0[at(index)]), 2) }
        }
    }
}
