import ArgumentParser
import Darknet
import DataSets
import Detection
import Evaluation
import Foundation
import Neural
import Streams

/// `lookout eval`: how good a network is on a data set.
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Judge a network on a data set: average precision of VOC, COCO and Darknet.",
        discussion: """
            The data set is a Darknet .data file (its valid list), a list of pictures with labels, or what else \
            lookout train takes. Of a classifier it tells how often the first answer, and one of the first five, is right.

              lookout eval voc.data yolov2-voc.cfg yolov2-voc.weights --output judged/
              lookout eval coco.data yolov2.cfg yolov2.weights --sizes 288..608 --resize stretch

            VOC's figures are made on pixels with both ends counted (+1), COCO's as pycocotools does from the result \
            file, Darknet's on relative boxes. Boxes are clipped to the picture for the first two.
            """)

    @Argument(help: ArgumentHelp("The data set.", valueName: "data"))
    var data: String

    @Argument(
        help: ArgumentHelp("cfg file (or built-in name) and weights, as --cfg and --weights.", valueName: "cfg weights")
    )
    var network: [String] = []

    @Option(help: ArgumentHelp("Which of a .data file's lists.", valueName: "train|valid"))
    var part: DataSet.Part = .valid

    @Option(
        help: ArgumentHelp(
            "Several network sizes, one after the other: all multiples of 32 from the first to the last, or a list. "
                + "Tells what each costs and gives.", valueName: "288..608|320,416,608"),
        transform: EvalSizes.init(argument:))
    var sizes: EvalSizes?

    @Option(
        help: ArgumentHelp(
            "Writes result files, curves, confusion and the worst pictures into this folder.", valueName: "folder"))
    var output: String?

    @Option(help: ArgumentHelp("How many of the worst pictures to write.", valueName: "n"))
    var worst = 20

    @Option(
        help: ArgumentHelp("Judges these COCO results, whoever made them, instead of a network's.", valueName: "file"))
    var detections: String?

    @Flag(help: "Leaves out pictures that cannot be decoded, telling each, instead of stopping.")
    var skipBad = false

    @Flag(help: "Prints one JSON object on stdout.")
    var json = false

    @OptionGroup(title: "Model options")
    var model: ModelOptions

    func validate() throws {
        if network.count > 2 { throw ValidationError("after the data set come one cfg and one weights file") }
        for (position, (name, value)) in [("--cfg", model.cfg), ("--weights", model.weights)].enumerated()
        where value != nil && network.count > position {
            throw ValidationError("\(name) is given twice: \(network[position]) and \(value ?? "")")
        }
        if model.modelName != nil && !network.isEmpty {
            throw ValidationError("--model and \(network[0]) both say what network to take; keep one of them")
        }
        if sizes != nil && model.size != nil { throw ValidationError("--size and --sizes exclude each other") }
        if !(0...10_000).contains(worst) { throw ValidationError("--worst is \(worst); it must be 0 to 10000") }
        if detections != nil
            && (!network.isEmpty || model.modelName != nil || model.cfg != nil || model.weights != nil || sizes != nil)
        {
            throw ValidationError("--detections needs no network: leave cfg, weights and sizes out")
        }
        if model.inputSize.dependsOnSource {
            throw ValidationError("--size auto would judge each picture at another size; give one, such as 416")
        }
    }

    func run() throws {
        let signals = SignalHandler()
        do {
            try judge(stop: signals.stop)
        } catch  where signals.signalNumber != 0 {
            throw Stopped(exitCode: 128 + signals.signalNumber)
        }
        if signals.signalNumber != 0 { throw Stopped(exitCode: 128 + signals.signalNumber) }
    }

    private func judge(stop: StopSignal) throws {
        if let detections {
            return try EvalJob(self, try readDataSet(), network: nil, stop: stop).judge(file: detections)
        }
        var options = try model.resolved()
        options.cfg = network.first ?? options.cfg
        options.weights = network.dropFirst().first ?? options.weights
        try takeTree(of: data.hasSuffix(".data") ? try DataFile(contentsOf: data) : DataFile(), into: &options)
        let loaded = try options.load()
        if loaded.tree != nil, loaded.decoder != nil, options.map == nil {
            throw UsageError(
                "\(loaded.config.name) answers with nodes of a tree: give the map of the data set's classes to them, "
                    + "as --map FILE or as map= in the .data file or the cfg")
        }
        let dataSet = try readDataSet(
            task: loaded.decoder == nil ? .classification : .detection, classes: loaded.config.classCount,
            map: try options.map.map { try ClassMap(contentsOf: $0) }, tree: loaded.tree)
        var command = self
        command.model = options
        let job = EvalJob(command, dataSet, network: loaded, stop: stop)
        try loaded.decoder == nil ? job.judgeClassifier() : job.judgeDetector()
    }

    private func readDataSet(
        task: DataSet.Task? = nil, classes: Int? = nil, map: ClassMap? = nil, tree: WordTree? = nil
    ) throws -> DataSet {
        let dataSet = try DataSet(data, part: part, task: task, classes: classes, map: map, tree: tree)
        for warning in dataSet.warnings { Diagnostics.warning("\(warning)") }
        guard !dataSet.samples.isEmpty else { throw DetectionError("\(data): names no pictures to judge by") }
        return dataSet
    }

    /// Where the command line names no tree and map, those of the .data file, else the cfg's, as training takes them.
    private func takeTree(of file: DataFile, into options: inout ModelOptions) throws {
        // Without weights there is nothing to judge, which loading tells.
        guard let weights = options.weights, InputFile.exists(weights) else { return }
        let config = try options.files.loadConfig()
        let located = { (path: String) in Path.found(path, beside: [data, config.file]) }
        options.tree = model.tree ?? file.tree.map(located) ?? options.tree
        guard options.tree != nil || config.region?.treeFile != nil else { return }
        options.map = model.map ?? file.map.map(located)
        if options.map == nil, let map = config.region?.mapFile.map(located),
            FileManager.default.fileExists(atPath: map)
        {
            options.map = map
        }
    }
}

extension DataSet.Part: ExpressibleByArgument {}

/// `288..608` or `320,416,608`.
struct EvalSizes {
    /// Square, or as given.
    let shapes: [InputShape]

    /// - Throws: what is wrong with it, in words.
    init(argument: String) throws {
        do {
            let ends = argument.components(separatedBy: "..")
            if ends.count == 2 {
                let (first, last) = (try Self.shape(ends[0]), try Self.shape(ends[1]))
                guard first.width == first.height, last.width == last.height, first.width <= last.width else {
                    throw DetectionError("\(argument) is no range of squares, such as 288..608")
                }
                shapes = stride(from: first.width, through: last.width, by: 32).map {
                    InputShape(width: $0, height: $0)
                }
            } else {
                shapes = try argument.components(separatedBy: ",").map(Self.shape)
            }
        } catch {
            throw ValidationError("--sizes \(error)")
        }
    }

    private static func shape(_ text: String) throws -> InputShape {
        guard case .fixed(let width, let height) = try InputSize(text: text) else {
            throw DetectionError("\(text) is not one size, such as 416 or 416x256")
        }
        return InputShape(width: width, height: height)
    }
}
