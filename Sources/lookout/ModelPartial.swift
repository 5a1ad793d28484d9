import ArgumentParser
import Darknet
import Detection
import Foundation
import Streams

/// `lookout model partial`: the first layers of a network, to start another's training from.
struct ModelPartial: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partial", abstract: "Cut a network's first layers out, to start another's training from.",
        discussion: """
            As Darknet's partial: the numbers of the first COUNT layers, which have seen no pictures.

              lookout model partial darknet19_448.cfg darknet19_448.weights 23 darknet19_448.conv.23
              lookout train voc.data yolov2-voc.cfg darknet19_448.conv.23
            """)

    @Argument(help: ArgumentHelp("Network: a Darknet cfg file, or a built-in name.", valueName: "cfg"))
    var cfg: String

    @Argument(help: ArgumentHelp("Its weights.", valueName: "weights"))
    var weights: String

    @Argument(help: ArgumentHelp("Layers to keep, counted as model info does.", valueName: "count"))
    var count: Int

    @Argument(help: ArgumentHelp("The file to write.", valueName: "out"))
    var output: String

    func run() throws {
        let config = try NetworkFiles(cfg: cfg).loadConfig()
        let file = try OutputFile(output)
        try checkOutputs([file], inputs: [cfg, weights])
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
