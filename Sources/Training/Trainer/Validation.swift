import Darknet
import DataSets
import Detection
import Evaluation
import Neural

/// How good weights are on the validation set, in percent.
public struct Validation: Hashable, Sendable {
    // Of detectors.
    public var ap: Double?
    public var ap50: Double?
    public var voc07: Double?
    // Of classifiers: the first answer is right, one of the first five is.
    public var accuracy: Double?
    public var accuracy5: Double?

    public init() {}

    /// What decides which weights are best.
    var score: Double? { (ap50 ?? accuracy).flatMap { $0.isFinite ? $0 : nil } }
}

/// Judges weights on a data set as they come, in fp32.
public struct Validator: Sendable {
    private let samples: [Sample]
    private let files: NetworkFiles
    private let config: NetworkConfig
    private let resize: ResizeMode
    private let threads: Int

    /// - Parameters:
    ///   - files: names, tree and map of the network; its weights do not matter.
    ///   - config: gives the input's size.
    public init(
        _ samples: [Sample], files: NetworkFiles, config: NetworkConfig, resize: ResizeMode, threads: Int
    ) {
        self.samples = samples
        self.files = files
        self.config = config
        self.resize = resize
        self.threads = threads
    }

    /// - Returns: `nil` where `stop` ended it.
    public func callAsFunction(_ weights: consuming WeightsFile, stop: () -> Bool) throws -> Validation? {
        let model = try Model(config: config, weights: weights, softmaxTree: files.softmaxTree(of: config))
        let network = try files.load(around: model)
        let (width, height) = (config.net.width, config.net.height)
        var validation = Validation()
        if network.decoder == nil {
            let evaluator = try ClassifierEvaluator(network, width: width, height: height, threads: threads)
            let summary = try evaluator.run(on: samples, stop: stop)
            (validation.accuracy, validation.accuracy5) = (summary.all.top1, summary.all.top5)
        } else {
            let evaluator = try Evaluator(network, width: width, height: height, resize: resize, threads: threads)
            let summary = Metrics.summary(of: try evaluator.run(on: samples, stop: stop), names: network.names.names)
            (validation.ap, validation.ap50, validation.voc07) = (summary.ap, summary.ap50, summary.voc07)
        }
        return stop() ? nil : validation
    }
}
