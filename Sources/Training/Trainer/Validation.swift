import Darknet
import DataSets
import Detection
import Evaluation
import Media
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

    /// What pictures were left out for, each named.
    public var skipped: [String] = []

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
    private let badPictures: BadPictureRule

    /// - Parameters:
    ///   - files: names, tree and map of the network; its weights do not matter.
    ///   - config: gives the input's size.
    ///   - badPictures: what cannot be decoded ends the training, or is left out.
    public init(
        _ samples: [Sample], files: NetworkFiles, config: NetworkConfig, resize: ResizeMode, threads: Int,
        badPictures: BadPictureRule = .stop
    ) {
        self.samples = samples
        self.files = files
        self.config = config
        self.resize = resize
        self.threads = threads
        self.badPictures = badPictures
    }

    /// - Parameter progress: told how many pictures are done, of how many.
    /// - Returns: `nil` where `stop` ended it.
    /// - Throws: `TrainingError.badPicture` for a picture that ends the training, else what costs this validation only.
    public func callAsFunction(
        _ weights: consuming WeightsFile, stop: () -> Bool, progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> Validation? {
        let model = try Model(config: config, weights: weights, softmaxTree: files.softmaxTree(of: config))
        let network = try files.load(around: model)
        let (width, height) = (config.net.width, config.net.height)
        var validation = Validation()
        var skipped: [String] = []
        func leaveOut(_ error: any Error) throws {
            // Neither is the picture's fault.
            if let kind = (error as? MediaError)?.kind, kind == .system || kind == .interrupted { throw error }
            guard badPictures == .skip else {
                throw TrainingError(
                    .badPicture, "a picture of the validation: \(error); --bad-images skip leaves it out")
            }
            skipped.append("\(error)")
        }
        if network.decoder == nil {
            let evaluator = try ClassifierEvaluator(network, width: width, height: height, threads: threads)
            let summary = try evaluator.run(
                on: samples, onProblem: leaveOut, stop: stop, progress: { progress($0, samples.count) })
            (validation.accuracy, validation.accuracy5) = (summary.all.top1, summary.all.top5)
        } else {
            let evaluator = try Evaluator(network, width: width, height: height, resize: resize, threads: threads)
            let results = try evaluator.run(
                on: samples, onProblem: leaveOut, stop: stop, progress: { progress($0, samples.count) })
            let summary = Metrics.summary(of: results, names: network.names.names)
            (validation.ap, validation.ap50, validation.voc07) = (summary.ap, summary.ap50, summary.voc07)
        }
        if stop() { return nil }
        guard skipped.isEmpty || skipped.count < samples.count else {
            throw TrainingError(.badPicture, "no picture of the validation can be decoded: \(skipped[0])")
        }
        validation.skipped = skipped
        return validation
    }
}
