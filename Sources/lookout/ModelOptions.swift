import ArgumentParser
import Darknet
import Detection
import Foundation
import Models
import Neural
import Pipeline

/// The options that choose a network and how it looks at pictures; the same in every command.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .customLong("model"),
        help: ArgumentHelp(
            "A model by name, instead of --cfg and --weights: lookout model list has them.", valueName: "name"))
    var modelName: String?

    @Option(
        help: ArgumentHelp(
            "Network: a Darknet cfg file, or a built-in name.",
            discussion: """
                Built in: \(BuiltInFile.cfgNames.joined(separator: ", ")). Without it, the cfg beside the weights.
                """, valueName: "file|name"))
    var cfg: String?

    @Option(help: ArgumentHelp("Darknet weights file.", valueName: "file"))
    var weights: String?

    @Option(
        help: ArgumentHelp(
            "Class names, one a line. Built in for 20 (VOC) and 80 (COCO) classes.", valueName: "file"))
    var names: String?

    @Option(help: ArgumentHelp("Word tree, instead of the one the cfg names (YOLO9000).", valueName: "file"))
    var tree: String?

    @Option(help: ArgumentHelp("Class map into the tree: scores only its nodes (YOLO9000).", valueName: "file"))
    var map: String?

    @Option(
        help: ArgumentHelp("Path probability at which the walk down the tree stops (YOLO9000).", valueName: "0...1"))
    var hier: Float = 0.5

    @Option(
        help: ArgumentHelp(
            "Detections must be surer than this. Default: .25; of eval .005, for whole curves.", valueName: "0...1"))
    var threshold: Float?

    @Option(
        help: ArgumentHelp("Of boxes of a class that overlap more than this, the surest stays.", valueName: "0...1"))
    var nms: Float = 0.45

    @Option(
        help: ArgumentHelp(
            "What boxes compete in: each class apart, or by objectness across classes.", valueName: "kind"))
    var nmsKind: NonMaximumSuppression = .perClass

    @Option(
        help: ArgumentHelp(
            "Network input: multiples of 32 such as 416x256, or auto or 416xauto for the source's aspect. Default: "
                + "the cfg's.", valueName: "WxH|auto"), transform: InputSizeArgument.init(argument:))
    var size: InputSizeArgument?

    @Option(help: ArgumentHelp("Fit the picture in with its aspect kept, or stretch it.", valueName: "mode"))
    var resize: ResizeMode = .letterbox

    @Option(
        help: ArgumentHelp(
            "Arithmetic of the network: int8 is two to three times as fast where the CPU has VNNI.",
            discussion: "int8 needs the file that `lookout model quantize` makes.", valueName: "type"))
    var precision: Precision = .fp32

    @Option(
        help: ArgumentHelp(
            "What int8 was calibrated with. Default: the file beside the weights that ends in .int8.",
            valueName: "file"))
    var calibration: String?

    @Option(
        help: ArgumentHelp(
            "Cores used by the network; recordings take a frame on each, up to eight at once.",
            discussion: "Default: the cores this process may use.",
            valueName: "n"))
    var threads: Int?

    func validate() throws {
        for (name, value) in [("--threshold", threshold ?? 0), ("--nms", nms), ("--hier", hier)] {
            guard (0...1).contains(value) else { throw ValidationError("\(name) is \(value); it must be 0 to 1") }
        }
        for (name, value) in [("--weights", weights), ("--cfg", cfg)] where modelName != nil && value != nil {
            throw ValidationError("--model and \(name) both say what network to take; keep one of them")
        }
        if calibration != nil && precision != .int8 {
            throw ValidationError("--calibration is for --precision int8; give both or neither")
        }
        if let threads, !Session.threadRange.contains(threads) {
            throw ValidationError("--threads is \(threads); it must be 1 to \(Session.threadRange.upperBound)")
        }
    }

    var files: NetworkFiles {
        NetworkFiles(
            cfg: cfg, weights: weights, names: names, tree: tree, map: map, hierarchyThreshold: hier,
            precision: precision, calibration: calibration)
    }

    /// With the files of `--model` where those of a network are expected. To be called before anything else is asked.
    ///
    /// - Parameter builtIn: where nothing is named, takes the model that the program carries for real pictures, and says so.
    func resolved(orBuiltIn builtIn: Bool = false) throws -> ModelOptions {
        let isUnnamed = builtIn && modelName == nil && cfg == nil && weights == nil
        guard let name = modelName ?? (isUnnamed ? ModelStore.street : nil) else { return self }
        if isUnnamed { Self.warnOfBuiltIn() }
        let found = try ModelStore().files(named: name)
        var options = self
        (options.cfg, options.weights) = (found.cfg, found.weights)
        options.names = names ?? found.names
        options.tree = tree ?? found.tree
        return options
    }

    private static func warnOfBuiltIn() {
        let better = "yolov2-tiny"
        let isHere = ModelCatalogue.model(named: better).map(ModelStore().has) ?? false
        Diagnostics.warning(
            "no model is named, so this is \(ModelStore.street), which learnt people and vehicles from 317 photographs and misses "
                + "most of them; for better: " + (isHere ? "" : "lookout model pull \(better), then ")
                + "--model \(better)")
    }

    /// The files named, which no output may take the place of.
    var fileNames: [String] { [cfg, weights, names, tree, map, calibration].compactMap(\.self) }

    var inputSize: InputSize { size?.size ?? .network }

    var detection: DetectionOptions {
        DetectionOptions(threshold: threshold ?? 0.25, nmsThreshold: nms, nms: nmsKind)
    }

    var threadCount: Int { threads ?? Processors.available }

    /// Frames side by side, a core each, keep the cores busier than all cores on one frame: 1.2 to 1.35 times the
    /// frames a second on two. Beyond eight the memory of as many frames is worth more.
    func recordingDetectors(_ network: LoadedNetwork) -> DetectorPool {
        DetectorPool(
            network, size: inputSize, lanes: min(threadCount, 8), threads: threadCount, options: detection)
    }

    /// Loads the network, telling its warnings.
    func load() throws -> LoadedNetwork {
        guard let weights else {
            throw UsageError(
                "no weights: give --model NAME, or --weights FILE, and --cfg FILE or a built-in name unless the cfg stands "
                    + "beside them")
        }
        guard InputFile.exists(weights) else {
            throw DarknetError(.cannotRead, file: weights, message: "no such file; give --weights FILE")
        }
        let network = try files.load()
        for warning in network.config.warnings { Diagnostics.warning("\(warning)") }
        if let arithmetic = network.arithmetic { Diagnostics.note("lookout: computing in \(arithmetic)") }
        return network
    }
}

extension Precision: ExpressibleByArgument {}
extension ResizeMode: ExpressibleByArgument {}
extension NonMaximumSuppression: ExpressibleByArgument {}

/// `416x256`, `416`, `auto` or `network`.
struct InputSizeArgument {
    let size: InputSize

    /// - Throws: what is wrong with it, in words.
    init(argument: String) throws {
        do {
            size = try InputSize(text: argument)
        } catch {
            throw ValidationError("--size \(error)")
        }
    }
}
