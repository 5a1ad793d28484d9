/// What a loss says of the pictures it has seen. Sums, so that pictures and batches add up in any order.
///
/// A number that is not finite shows here (`isFinite`): the network has diverged.
public struct LossStatistics: Hashable, Sendable, Codable {
    public var pictures = 0
    /// What Darknet prints as the loss: the sum of the squared deltas, whose gradient is another (spec 7.1). Of
    /// classifiers the cross-entropy.
    public var cost: Double = 0

    // The parts of the objective, whose gradient is what the network learns from.

    public var box: Double = 0
    /// Of predictors that have an object.
    public var objectness: Double = 0
    /// Of those that have none.
    public var noObjectness: Double = 0
    public var classes: Double = 0

    /// Boxes that were to be found.
    public var truths = 0
    /// Of them those whose prediction overlaps by more than half.
    public var recalled = 0
    /// Between truths and their predictions.
    public var iouSum: Double = 0
    /// Of the predictions that the truths got.
    public var objectnessSum: Double = 0
    /// Classes that were to be found: of boxes, and of pictures with a label alone.
    public var labels = 0
    /// Probabilities of the true classes.
    public var classProbabilitySum: Double = 0
    /// All predictions, and the sum of their objectness.
    public var predictors = 0
    public var noObjectSum: Double = 0
    /// Classifiers: pictures whose label is the likeliest class, and among the likeliest five.
    public var top1 = 0
    public var top5 = 0

    public init() {}

    /// What the gradient is the gradient of.
    public var objective: Double { box + objectness + noObjectness + classes }
    public var isFinite: Bool { objective.isFinite && cost.isFinite }

    // Darknet's averages; none where there is nothing to take one of.

    /// The loss as Darknet prints it.
    public var costPerPicture: Double? { mean(cost, of: pictures) }
    public var averageIOU: Double? { mean(iouSum, of: truths) }
    public var averageClassProbability: Double? { mean(classProbabilitySum, of: labels) }
    public var averageObjectness: Double? { mean(objectnessSum, of: truths) }
    public var averageNoObject: Double? { mean(noObjectSum, of: predictors) }
    public var recall: Double? { mean(Double(recalled), of: truths) }

    private func mean(_ sum: Double, of count: Int) -> Double? { count > 0 ? sum / Double(count) : nil }

    public static func += (sum: inout LossStatistics, other: LossStatistics) {
        sum.pictures += other.pictures
        sum.cost += other.cost
        sum.box += other.box
        sum.objectness += other.objectness
        sum.noObjectness += other.noObjectness
        sum.classes += other.classes
        sum.truths += other.truths
        sum.recalled += other.recalled
        sum.iouSum += other.iouSum
        sum.objectnessSum += other.objectnessSum
        sum.labels += other.labels
        sum.classProbabilitySum += other.classProbabilitySum
        sum.predictors += other.predictors
        sum.noObjectSum += other.noObjectSum
        sum.top1 += other.top1
        sum.top5 += other.top5
    }
}
