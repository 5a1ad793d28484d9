import ArgumentParser
import Darknet
import Detection
import Foundation
import Models
import Streams

/// `lookout model partial`: the first layers of a network, to start another's training from.
struct ModelPartial: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partial", abstract: "Cut a network's first layers out, to start another's training from.",
        usage: """
            lookout model partial <cfg> <weights> <count> <out>
            lookout model partial --model <name> <count> <out>
            """,
        discussion: """
            As Darknet's partial: the numbers of the first COUNT layers, which have seen no pictures.

              lookout model pull darknet19_448
              lookout model partial --model darknet19_448 23 darknet19_448.conv.23
              lookout train voc.data yolov2-voc.cfg darknet19_448.conv.23
            """)

    @Argument(
        help: ArgumentHelp(
            "CFG: a Darknet cfg file, or a built-in name. WEIGHTS: its weights. COUNT: layers to keep, counted as model info "
                + "does. OUT: the file to write.", valueName: "cfg weights count out"))
    var arguments: [String] = []

    @Option(
        name: .customLong("model"),
        help: ArgumentHelp("A model by name, with its weights: lookout model list has them.", valueName: "name"))
    var modelName: String?

    func validate() throws {
        let expected = modelName == nil ? ["CFG", "WEIGHTS", "COUNT", "OUT"] : ["COUNT", "OUT"]
        guard arguments.count == expected.count else {
            throw ValidationError(
                "\(modelName == nil ? "" : "with --model, ")expected \(expected.joined(separator: " ")); got "
                    + "\(arguments.count) argument\(arguments.count == 1 ? "" : "s")")
        }
    }

    func run() throws {
        let countText = arguments[arguments.count - 2]
        guard let count = Int(countText) else {
            throw UsageError("COUNT is \(countText); it must be a number of layers")
        }
        let files =
            try modelName.map { try ModelStore().files(named: $0) }
            ?? NetworkFiles(cfg: arguments[0], weights: arguments[1])
        guard let weights = files.weights else { throw UsageError("\(modelName ?? arguments[0]) has no weights") }
        let config = try files.loadConfig()
        let file = try OutputFile(arguments[arguments.count - 1])
        try checkOutputs([file], inputs: [files.cfg, weights].compactMap(\.self))
        guard (1...config.layers.count).contains(count) else {
            throw UsageError("\(config.name) has \(config.layers.count) layers; \(count) of them cannot be kept")
        }
        let whole = try WeightsFile(contentsOf: weights, for: config)
        let kept = whole.layers.keys.count { $0 < count }
        guard kept > 0 else { throw UsageError("the first \(count) layers have no weights; keep more") }
        try whole.write(to: file.path, for: config, cutoff: count)
        try printResult("\(file.path): \(kept) of \(whole.layers.count) convolutions\n")
    }
}
