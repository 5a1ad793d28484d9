/// Where the region's loss differs between Darknet's states, the paper and the articles (spec 7.1, 8.4, 13, 14).
public struct RegionLossOptions: Hashable, Sendable {
    /// What becomes of the objectness where a picture with a label alone trains its class.
    public enum LabelObjectness: String, Sendable, CaseIterable {
        /// The best predictor's is raised to 0.3, the others' are lowered.
        case paper
        /// The best predictor's is left alone, the others' are lowered.
        case head
        /// All are left alone: Darknet of November 2016.
        case none
    }

    /// A box weighs 2 - width x height of the truth, so that small ones count more. Off: all the same, as in 2016.
    public var weighsSmallBoxes = true
    public var labelObjectness = LabelObjectness.paper
    /// While fewer pictures have been seen, boxes without a truth are drawn to their anchors.
    public var priorPictures = 12_800
    /// Plain squared errors throughout, without the half, with the articles' weights: coordinates 5, no object 0.5,
    /// object and classes 1, whatever the cfg says. Classes are logistic, the objectness' target is 1.
    public var isSquaredError = false

    public init() {}

    /// As Darknet of November 2016.
    public static let of2016 = {
        var options = RegionLossOptions()
        options.weighsSmallBoxes = false
        options.labelObjectness = .none
        return options
    }()

    /// As the articles have it.
    public static let articles = {
        var options = RegionLossOptions()
        options.isSquaredError = true
        options.weighsSmallBoxes = false
        options.priorPictures = 0
        return options
    }()
}
