import ArgumentParser
import Darknet
import Detection
import Models
import Neural

/// The network that `lookout demo` looks with, and what it must reach.
struct DemoModel: ParsableArguments {
    @Option(
        help: ArgumentHelp("Another network of the street's classes: its weights. It is not judged.", valueName: "file")
    )
    var weights: String?

    @Option(help: ArgumentHelp("Its cfg. Default: the one beside the weights.", valueName: "file"))
    var cfg: String?

    @Option(help: ArgumentHelp("Its class names, among them the street's.", valueName: "file"))
    var names: String?

    @Option(
        help: ArgumentHelp(
            "What int8 was calibrated with. Default: the file beside the weights that ends in .int8.",
            valueName: "file"))
    var calibration: String?

    @Option(help: ArgumentHelp("Detections must be surer than this. Another is not judged.", valueName: "0...1"))
    var threshold = Self.usualThreshold

    @Option(help: ArgumentHelp("Cores used by the network. Default: those this process may use.", valueName: "n"))
    var threads: Int?

    private static let usualThreshold: Float = 0.25

    /// What the floors below are for: the built-in network at its threshold.
    var isUsual: Bool { weights == nil && threshold == Self.usualThreshold }

    /// As `lookout model` and streams.conf call it.
    static let name = ModelStore.demo

    /// What precision and recall must both be on the street that is shown when nothing is said.
    static let leastOfUsual = 0.85
    /// On any other, which may be one in the dark and the rain: what no working network comes below.
    static let leastOfAny = 0.5
    /// In pictures of fewer rows, or wider than so many times their height, what is to be found is too small for it.
    static let leastRows = 240
    static let mostAspect = 4
    /// Fewer objects prove nothing,
    static let leastObjects = 100
    /// except on the usual street, which has 2821 on any machine but for what rounding decides.
    static let usualObjects = 2500
    /// How much precision and recall in int8 may lie below those in fp32.
    static let mostLoss = 0.03

    func validate() throws {
        if weights == nil && (cfg != nil || names != nil || calibration != nil) {
            throw ValidationError("--cfg, --names and --calibration belong to --weights; name these too")
        }
        _ = try options(.fp32)
    }

    /// As `lookout process` would be given them.
    func options(_ precision: Precision) throws -> ModelOptions {
        var options = try ModelOptions.parse([])
        options.modelName = weights == nil ? Self.name : nil
        (options.weights, options.cfg, options.names) = (weights, cfg, names)
        (options.threshold, options.threads) = (threshold, threads)
        options.precision = precision
        options.calibration = precision == .int8 ? calibration : nil
        try options.validate()
        return try options.resolved()
    }

    /// Loads what `options` made, telling its warnings.
    static func load(_ options: ModelOptions) throws -> LoadedNetwork {
        if let weights = options.weights, !InputFile.exists(weights) {
            throw DarknetError(.cannotRead, file: weights, message: "no such file; give --weights FILE")
        }
        let network = try options.files.load()
        guard network.decoder != nil else {
            throw DetectionError("\(network.config.name) is a classifier; the demo needs a network that detects")
        }
        if options.precision == .fp32 { for warning in network.config.warnings { Diagnostics.warning("\(warning)") } }
        return network
    }
}
