import Darknet
import Foundation
import Neural

/// The files that make a network, as a user names them, loaded and checked against each other.
public struct NetworkFiles: Hashable, Sendable {
    /// A cfg file or, where no file has that name, a built-in network; `nil`: the cfg beside the weights, or the
    /// built-in of their name.
    public var cfg: String?
    public var weights: String?
    /// `nil`: the built-in VOC or COCO list where the number of classes fits, else numbers.
    public var names: String?
    /// Instead of the tree the cfg names.
    public var tree: String?
    /// Class map of a tree network: only its nodes are scored.
    public var map: String?
    /// See `TreeWalk`.
    public var hierarchyThreshold: Float = 0.5
    public var precision = Precision.fp32
    /// What int8 was calibrated with; `nil`: the file beside the weights that ends in `.int8`.
    public var calibration: String?

    public init(
        cfg: String? = nil, weights: String? = nil, names: String? = nil, tree: String? = nil, map: String? = nil,
        hierarchyThreshold: Float = 0.5, precision: Precision = .fp32, calibration: String? = nil
    ) {
        self.cfg = cfg
        self.weights = weights
        self.names = names
        self.tree = tree
        self.map = map
        self.hierarchyThreshold = hierarchyThreshold
        self.precision = precision
        self.calibration = calibration
    }

    /// `weights` with `.int8` in place of its ending.
    public static func calibration(beside weights: String) -> String {
        URL(fileURLWithPath: weights).deletingPathExtension().appendingPathExtension("int8").relativePath
    }

    /// The network's description alone.
    public func loadConfig() throws -> NetworkConfig {
        if let cfg {
            if !InputFile.isRegular(cfg), let builtIn = BuiltInFile.cfg(of: cfg) {
                return try NetworkConfig(contentsOf: builtIn)
            }
            if InputFile.exists(cfg) || cfg.contains("/") || cfg.hasSuffix(".cfg") {
                return try NetworkConfig(contentsOf: cfg)
            }
            let builtIn = BuiltInFile.cfgNames
            throw DarknetError(
                .cannotRead, file: cfg,
                message: "neither a file nor a built-in network; built in are \(builtIn.joined(separator: ", "))"
                    + Spelling.hint(for: cfg, among: builtIn))
        }
        guard let weights else {
            throw DetectionError("no network: give --cfg FILE (or a built-in name) and --weights FILE")
        }
        let stem = URL(fileURLWithPath: weights).deletingPathExtension()
        var names = [stem]
        // What training calls its weights.
        if let mark = stem.lastPathComponent.lastIndex(of: "_") {
            let (name, ending) = (stem.lastPathComponent[..<mark], stem.lastPathComponent[mark...].dropFirst())
            if ["best", "final"].contains(ending) || Int(ending) != nil {
                names.append(stem.deletingLastPathComponent().appendingPathComponent(String(name)))
            }
        }
        for name in names {
            let beside = name.appendingPathExtension("cfg").relativePath
            if InputFile.exists(beside) { return try NetworkConfig(contentsOf: beside) }
            if let builtIn = BuiltInFile.cfg(of: name.lastPathComponent) {
                return try NetworkConfig(contentsOf: builtIn)
            }
        }
        throw DetectionError(
            "\(weights): no \(stem.lastPathComponent).cfg beside it, and no built-in network of that name; give --cfg FILE"
        )
    }

    /// Everything but the weights' numbers, of which only the size is checked: quick, and finds most mistakes.
    public func describe() throws -> NetworkDescription {
        let config = try loadConfig()
        let network = try describe(config)
        if let weights { _ = try loadCalibration(config, weights: weights) }
        return network
    }

    /// Everything, ready for sessions.
    public func load() throws -> LoadedNetwork {
        let config = try loadConfig()
        guard let weights else { throw DetectionError("no weights: give --weights FILE for \(config.name)") }
        let network = try describe(config)
        return LoadedNetwork(
            model: try loadModel(config, weights: weights), names: network.names, decoder: network.decoder,
            tree: network.tree, arithmetic: arithmetic)
    }

    /// The numbers of `config`, in the arithmetic asked for, or in fp32 where the CPU is no faster in int8.
    public func loadModel(_ config: NetworkConfig, weights path: String) throws -> Model {
        let weights = try WeightsFile(contentsOf: path, for: config)
        let table = try loadCalibration(config, weights: path)
        try table?.table.check(table?.path ?? "", belongsTo: .init(of: weights), in: path)
        return try Model(
            config: config, weights: weights, softmaxTree: softmaxTree(of: config), calibration: table?.table.ranges)
    }

    /// What the network is computed in and why, where int8 was asked for.
    public var arithmetic: String? {
        guard precision == .int8 else { return nil }
        guard let kernel = Int8Kernel.best else {
            return "fp32 instead of int8: this CPU has neither AVX-512 VNNI nor AVX-VNNI, and is no faster in int8"
        }
        return "int8 with \(kernel.name)"
    }

    /// `nil`: it is not needed.
    private func loadCalibration(
        _ config: NetworkConfig, weights: String
    ) throws -> (path: String, table: CalibrationTable)? {
        guard precision == .int8, Int8Kernel.best != nil else { return nil }
        try config.checkInt8()
        let file = calibration ?? Self.calibration(beside: weights)
        guard InputFile.exists(file) else {
            throw DarknetError(
                .cannotRead, file: file,
                message: "no such file; make it with: lookout model quantize --weights \(weights) "
                    + (calibration.map { "--output \($0) " } ?? "") + "PICTURES...")
        }
        let table = try CalibrationTable(contentsOf: file)
        try table.check(file, fits: config)
        return (file, table)
    }

    /// The tree that a classifier's `Model` needs (spec 1.4), where it has one.
    public func softmaxTree(of config: NetworkConfig) throws -> WordTree? {
        config.region == nil ? try loadTree(config) : nil
    }

    /// The same around a model of this network that exists already, whatever its weights.
    public func load(around model: Model) throws -> LoadedNetwork {
        let network = try describe(model.config)
        return LoadedNetwork(
            model: model, names: network.names, decoder: network.decoder, tree: network.tree, arithmetic: arithmetic)
    }

    private func describe(_ config: NetworkConfig) throws -> NetworkDescription {
        guard let classCount = config.classCount else {
            throw DetectionError(
                "\(config.file): ends neither in [region] nor in [softmax]: nothing Lookout can detect with")
        }
        guard config.net.channels == 3 else {
            throw DetectionError(
                "\(config.file): takes pictures of \(config.net.channels) channels; Lookout gives red, green and blue (channels=3)"
            )
        }
        if let weights { try WeightsFile.checkSize(of: weights, for: config) }
        let tree = try loadTree(config)
        let map = try self.map.map { try ClassMap(contentsOf: $0).values }
        let names = try loadNames(count: map?.count ?? classCount, config: config)
        let decoder = try config.region.map {
            try RegionDecoder(region: $0, tree: tree, map: map, walk: TreeWalk(threshold: hierarchyThreshold))
        }
        return NetworkDescription(config: config, names: names, decoder: decoder, tree: tree)
    }

    private func loadNames(count: Int, config: NetworkConfig) throws -> ClassNames {
        guard let file = names ?? namesBesideBuiltIn else {
            if count == ClassNames.voc.names.count { return .voc }
            if count == ClassNames.coco.names.count { return .coco }
            return ClassNames((0..<count).map { "class \($0)" })
        }
        var names = try ClassNames(contentsOf: file)
        // Darknet's list for its classifiers has all of ImageNet; the first thousand are theirs.
        if config.region == nil && names.names.count > count { names = ClassNames(Array(names.names.prefix(count))) }
        guard names.names.count == count else {
            throw DetectionError("\(file): has \(names.names.count) names; \(config.name) has \(count) classes")
        }
        return names
    }

    private var namesBesideBuiltIn: String? {
        guard let weights, BuiltInFile.isNamed(by: weights) else { return nil }
        let beside = URL(fileURLWithPath: weights).deletingPathExtension().appendingPathExtension("names").relativePath
        return InputFile.exists(beside) ? beside : nil
    }

    /// The tree that was named, or the one the cfg names, looked for from here and from the cfg's folders upwards.
    private func loadTree(_ config: NetworkConfig) throws -> WordTree? {
        if let tree { return try WordTree(contentsOf: tree) }
        var named: String?
        for layer in config.layers {
            if case .region(let region) = layer.kind, let file = region.treeFile { named = file }
            if case .softmax(let softmax) = layer.kind, let file = softmax.treeFile { named = file }
        }
        guard let named else { return nil }
        let folder = URL(fileURLWithPath: config.file).deletingLastPathComponent()
        let file = URL(fileURLWithPath: named).lastPathComponent
        let places =
            [named]
            + [folder, folder.deletingLastPathComponent()].flatMap {
                [$0.appendingPathComponent(named).path, $0.appendingPathComponent(file).path]
            }
        guard let found = places.first(where: InputFile.exists) else {
            throw DetectionError("\(config.name) needs the word tree \(named), which is not there; give --tree FILE")
        }
        return try WordTree(contentsOf: found)
    }
}

/// What a network is and what its answers mean, without the numbers that it computes them with.
public struct NetworkDescription: Sendable {
    public let config: NetworkConfig
    public let names: ClassNames
    /// `nil` for a classifier.
    public let decoder: RegionDecoder?
    public let tree: WordTree?
}

/// A network with everything needed to read its answers. Shared by any number of detectors.
public struct LoadedNetwork: Sendable {
    public let model: Model
    public let names: ClassNames
    /// `nil` for a classifier.
    public let decoder: RegionDecoder?
    public let tree: WordTree?
    /// What int8 is computed with, or why it is not, in words; `nil`: fp32 as asked for.
    public let arithmetic: String?

    public var config: NetworkConfig { model.config }
}
