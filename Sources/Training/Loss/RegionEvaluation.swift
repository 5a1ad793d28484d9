import Darknet
import Foundation

/// Adds up what one picture's predictions lack of their targets, and writes the gradient.
struct RegionEvaluation {
    let loss: RegionLoss
    let raw: UnsafeBufferPointer<Float>
    let prediction: RegionPrediction
    let gradient: UnsafeMutableBufferPointer<Float>
    private(set) var statistics: LossStatistics

    private var cells: Int { prediction.rows * prediction.columns }
    private static let priorScale: Float = 0.01

    init(
        loss: RegionLoss, raw: UnsafeBufferPointer<Float>, prediction: RegionPrediction,
        gradient: UnsafeMutableBufferPointer<Float>, statistics: LossStatistics
    ) {
        (self.loss, self.raw, self.prediction, self.gradient) = (loss, raw, prediction, gradient)
        self.statistics = statistics
        self.statistics.pictures = 1
        self.statistics.predictors = prediction.count
    }

    mutating func add(_ targets: RegionTargets) {
        for predictor in 0..<prediction.count {
            statistics.noObjectSum += Double(prediction.objectness[predictor])
            statistics.noObjectness += objectness(predictor, targets.objectness[predictor])
        }
        if targets.usesPrior {
            let prior = RegionTargets.Coordinates(values: (0.5, 0.5, 0, 0), scale: Self.priorScale)
            for predictor in 0..<prediction.count where !targets.hasBox(predictor) { addBox(predictor, prior) }
        }
        for assignment in targets.assignments {
            let predictor = assignment.predictor
            statistics.objectness += objectness(predictor, assignment.objectness)
            if let box = assignment.box { addBox(predictor, box) }
            let start = loss.region.offset(predictor, entry: 5, cells: cells)
            let term = loss.classes(
                raw.baseAddress! + start, count: loss.region.classes, stride: cells, labels: assignment.labels,
                weight: assignment.labelWeight, gradient: gradient.baseAddress! + start)
            statistics.classes += term.loss
            statistics.cost += term.cost
        }
    }

    private mutating func objectness(_ predictor: Int, _ value: RegionTargets.Value) -> Double {
        guard value.scale != 0 else { return 0 }
        let present = prediction.objectness[predictor]
        let delta = value.scale * (value.target - present)
        let entry = loss.region.offset(predictor, entry: 4, cells: cells)
        guard loss.region.background else {
            gradient[entry] = -delta * slope(present)
            return square(delta, value.target - present)
        }
        // A class of the softmax: cross-entropy, but of this entry alone, as Darknet has it.
        gradient[entry] = -delta
        statistics.cost += Double(delta * delta)
        // A probability that is rounded to nothing is no divergence.
        let probability = max(value.target > 0 ? present : 1 - present, .leastNormalMagnitude)
        return Double(-value.scale * log(probability))
    }

    private mutating func addBox(_ predictor: Int, _ box: RegionTargets.Coordinates) {
        let (x, y) = (prediction.x[predictor], prediction.y[predictor])
        coordinate(predictor, entry: 0, box.values.x - x, scale: box.scale, slope: slope(x))
        coordinate(predictor, entry: 1, box.values.y - y, scale: box.scale, slope: slope(y))
        let size = loss.region.offset(predictor, entry: 2, cells: cells)
        coordinate(predictor, entry: 2, box.values.width - raw[size], scale: box.scale, slope: factor)
        coordinate(predictor, entry: 3, box.values.height - raw[size + cells], scale: box.scale, slope: factor)
    }

    private mutating func coordinate(_ predictor: Int, entry: Int, _ difference: Float, scale: Float, slope: Float) {
        let delta = scale * difference
        gradient[loss.region.offset(predictor, entry: entry, cells: cells)] = -delta * slope
        statistics.box += square(delta, difference)
    }

    private mutating func square(_ delta: Float, _ difference: Float) -> Double {
        statistics.cost += Double(delta * delta)
        return Double(delta * difference * factor / 2)
    }

    /// Half the square is the rule, whose derivative has no factor; the articles have the whole.
    private var factor: Float { loss.options.isSquaredError ? 2 : 1 }

    /// Of a logistic, from its value.
    private func slope(_ value: Float) -> Float { value * (1 - value) * factor }
}
