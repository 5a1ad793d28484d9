import ArgumentParser
import Darknet
import Detection
import Foundation
import Models
import Streams

/// `lookout model`: networks themselves.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Look at networks, and get trained ones.",
        subcommands: [
            ModelInfo.self, ModelList.self, ModelPull.self, ModelCfg.self, ModelPartial.self, ModelQuantize.self,
            ModelTree.self,
        ])
}

/// `lookout model info`: the layer table as Darknet prints it, and what the network costs.
struct ModelInfo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Print a network's layers: shapes, parameters, operations, memory.")

    @Argument(help: ArgumentHelp("The same as --cfg.", valueName: "cfg"))
    var network: String?

    @Option(
        name: .customLong("model"),
        help: ArgumentHelp(
            "A model by name, with its weights: lookout model list has them.", valueName: "name"))
    var modelName: String?

    @Option(help: ArgumentHelp("Network: a Darknet cfg file, or a built-in name.", valueName: "file|name"))
    var cfg: String?

    @Option(help: ArgumentHelp("Darknet weights file, checked against the network.", valueName: "file"))
    var weights: String?

    @Option(
        help: ArgumentHelp("Network input: multiples of 32 such as 416x256. Default: the cfg's.", valueName: "WxH"),
        transform: InputSizeArgument.init(argument:))
    var size: InputSizeArgument?

    @Option(
        help: ArgumentHelp(
            "Writes the network as a Darknet cfg; - is stdout, then nothing else goes there.", valueName: "file"))
    var writeCfg: String?

    @Flag(help: "Prints one JSON object on stdout.")
    var json = false

    func validate() throws {
        if network != nil && cfg != nil { throw ValidationError("name the network once: as argument or with --cfg") }
        let isNamed = network != nil || cfg != nil || weights != nil
        if isNamed && modelName != nil { throw ValidationError("--model says what network to take; name nothing else") }
        if !isNamed && modelName == nil {
            throw ValidationError(
                "name a network: a cfg file, a model with --model, or one of \(BuiltInFile.cfgNames.joined(separator: ", "))"
            )
        }
        switch size?.size {
        case .auto, .longerSide: throw ValidationError("--size auto needs a source; give WxH")
        case .network, .fixed, nil: break
        }
        if json && writeCfg == "-" { throw ValidationError("stdout can carry only one of --json and --write-cfg -") }
    }

    func run() throws {
        let files =
            try modelName.map { try ModelStore().files(named: $0) }
            ?? NetworkFiles(cfg: cfg ?? network, weights: weights)
        let config = try files.loadConfig()
        for warning in config.warnings { Diagnostics.warning("\(warning)") }
        var (width, height) = (config.net.width, config.net.height)
        if case .fixed(let fixedWidth, let fixedHeight) = size?.size { (width, height) = (fixedWidth, fixedHeight) }
        let header = try files.weights.map { try WeightsFile(contentsOf: $0, for: config).header }
        let table = try LayerTable(config, width: width, height: height, weights: header)
        if let writeCfg {
            let text = config.text()
            if writeCfg == "-" { return try printResult(text) }
            let file = try OutputFile(writeCfg)
            try checkOutputs([file], inputs: [files.cfg, files.weights].compactMap(\.self))
            try file.write(Data(text.utf8))
        }
        try printResult(json ? table.json() : table.text())
    }
}
