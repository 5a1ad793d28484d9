import Darknet
import Foundation

/// What each predictor of one picture is to answer and how much that weighs, frozen: the loss is a sum of squares and
/// cross-entropies to these (spec 7.1).
struct RegionTargets {
    struct Value {
        var target: Float = 0
        var scale: Float = 0
    }

    /// Of x and y within the cell, and of the logarithms of the size over the anchor's.
    struct Coordinates {
        var values: (x: Float, y: Float, width: Float, height: Float)
        var scale: Float
    }

    /// A predictor that has an object, or a class to learn.
    struct Assignment {
        let predictor: Int
        var objectness: Value
        var box: Coordinates?
        var labels: [Int]
        var labelWeight: Float
    }

    /// By predictor, without those that are assigned.
    private(set) var objectness: [Value]
    /// By predictor.
    private var assigned: [Int: Int] = [:]
    private(set) var assignments: [Assignment] = []
    /// All boxes without a truth are drawn to their anchors.
    private(set) var usesPrior = false
    private(set) var statistics = LossStatistics()

    init(
        _ target: Target, loss: RegionLoss, raw: UnsafeBufferPointer<Float>, prediction: RegionPrediction, seen: Int
    ) {
        let none = Value(target: loss.region.background ? 1 : 0, scale: loss.region.noObjectScale)
        objectness = Array(repeating: none, count: prediction.count)
        let picture = Picture(loss: loss, raw: raw, prediction: prediction)
        switch target {
        case .boxes(let boxes):
            usesPrior = seen < loss.options.priorPictures
            assign(boxes.prefix(loss.region.maxTruths), picture)
        case .label(let node):
            assign(node, picture)
        }
    }

    func hasBox(_ predictor: Int) -> Bool { assigned[predictor].map { assignments[$0].box != nil } ?? false }

    /// One picture as its predictors see it.
    private struct Picture {
        let loss: RegionLoss
        let raw: UnsafeBufferPointer<Float>
        let prediction: RegionPrediction

        var region: Region { loss.region }

        func probability(of label: Int, predictor: Int) -> Float {
            let cells = prediction.rows * prediction.columns
            let classes = raw.baseAddress! + region.offset(predictor, entry: 5, cells: cells)
            return loss.classes.probability(of: label, classes, count: region.classes, stride: cells)
        }
    }

    private mutating func assign(_ boxes: ArraySlice<TrainingBox>, _ picture: Picture) {
        let region = picture.region
        let overlaps = picture.prediction.overlaps(with: boxes)
        // Darknet obeyed it in November 2016 only; no cfg of later has it.
        let classfix = region.classfix
        for predictor in objectness.indices {
            if classfix < 0 {
                objectness[predictor].target = overlaps.iou[predictor]
            } else if overlaps.iou[predictor] > region.thresh {
                objectness[predictor].scale = 0
                // A negative thresh is below no overlap at all.
                let best = Int(overlaps.box[predictor])
                guard classfix > 0, best >= 0 else { continue }
                let label = picture.loss.label(of: boxes[boxes.startIndex + best])
                let weight = classfix == 2 ? picture.prediction.objectness[predictor] : 1
                put(
                    Assignment(
                        predictor: predictor, objectness: Value(), labels: [label],
                        labelWeight: region.classScale * weight))
                count(label, predictor, picture)
            }
        }
        for box in boxes { assign(box, picture) }
    }

    /// Exactly one predictor answers for a truth: of the cell that its centre is in, the one whose size fits best.
    private mutating func assign(_ box: TrainingBox, _ picture: Picture) {
        let (region, prediction) = (picture.region, picture.prediction)
        let (columns, rows) = (prediction.columns, prediction.rows)
        let (x, y) = (box.x * Float(columns), box.y * Float(rows))
        let (column, row) = (min(Int(x), columns - 1), min(Int(y), rows - 1))
        let cell = row * columns + column
        let (width, height) = (box.width * Float(columns), box.height * Float(rows))
        let anchor = bestAnchor(width: width, height: height, cell: cell, picture)
        let predictor = anchor * rows * columns + cell

        let iou = prediction.iou(predictor, box)
        statistics.truths += 1
        statistics.iouSum += Double(iou)
        statistics.recalled += iou > 0.5 ? 1 : 0
        statistics.objectnessSum += Double(prediction.objectness[predictor])
        let label = picture.loss.label(of: box)
        count(label, predictor, picture)

        var labels = [label]
        // A predictor of several truths keeps the last one's box; its classes add up where several may be true.
        if picture.loss.classes.isMultiLabel, let earlier = assigned[predictor].map({ assignments[$0] }),
            earlier.box != nil
        {
            labels += earlier.labels.filter { $0 != label }
        }
        let weight = picture.loss.options.weighsSmallBoxes ? 2 - box.width * box.height : 1
        put(
            Assignment(
                predictor: predictor,
                objectness: Value(
                    target: region.background ? 0 : region.rescore ? iou : 1, scale: region.objectScale),
                box: Coordinates(
                    values: (
                        x - Float(column), y - Float(row), log(width / region.anchors[2 * anchor]),
                        log(height / region.anchors[2 * anchor + 1])
                    ),
                    scale: region.coordScale * weight),
                labels: labels, labelWeight: region.classScale))
    }

    /// By the overlap of the sizes alone, in cells; the first of equals.
    private func bestAnchor(width: Float, height: Float, cell: Int, _ picture: Picture) -> Int {
        let region = picture.region
        let cells = picture.prediction.rows * picture.prediction.columns
        var best = (anchor: 0, iou: -Float.infinity)
        for anchor in 0..<region.count {
            var (anchorWidth, anchorHeight) = (region.anchors[2 * anchor], region.anchors[2 * anchor + 1])
            if !region.biasMatch {
                let predictor = anchor * cells + cell
                anchorWidth *= exp(picture.raw[region.offset(predictor, entry: 2, cells: cells)])
                anchorHeight *= exp(picture.raw[region.offset(predictor, entry: 3, cells: cells)])
            }
            let intersection = min(width, anchorWidth) * min(height, anchorHeight)
            let iou = intersection / (width * height + anchorWidth * anchorHeight - intersection)
            if iou > best.iou { best = (anchor, iou) }
        }
        return best.anchor
    }

    /// A picture of which only the class is known: it trains the class where that already scores best (spec 8.4).
    private mutating func assign(_ node: Int, _ picture: Picture) {
        let (loss, region) = (picture.loss, picture.region)
        let predictor = loss.bestPredictor(of: node, picture.raw, picture.prediction)
        if loss.options.labelObjectness == .none {
            for index in objectness.indices { objectness[index].scale = 0 }
        }
        let least: Float = 0.3
        let isRaised = loss.options.labelObjectness == .paper && picture.prediction.objectness[predictor] < least
        put(
            Assignment(
                predictor: predictor, objectness: isRaised ? Value(target: least, scale: region.objectScale) : Value(),
                labels: [node], labelWeight: region.classScale))
        count(node, predictor, picture)
    }

    private mutating func put(_ assignment: Assignment) {
        objectness[assignment.predictor].scale = 0
        if let index = assigned[assignment.predictor] {
            assignments[index] = assignment
        } else {
            assigned[assignment.predictor] = assignments.count
            assignments.append(assignment)
        }
    }

    private mutating func count(_ label: Int, _ predictor: Int, _ picture: Picture) {
        statistics.labels += 1
        statistics.classProbabilitySum += Double(picture.probability(of: label, predictor: predictor))
    }
}
