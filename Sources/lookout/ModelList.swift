import ArgumentParser
import Darknet
import Detection
import Foundation
import Models

/// `lookout model list`: the networks that need no cfg file, and where their weights are.
struct ModelList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List models: what there is, what is here, and how to get the rest.",
        discussion: """
            Models that are here are taken by name, with --model; the networks of all of them are, with --cfg. Models are \
            looked for in \(ModelStore(environment: [:], isRoot: true).folders.joined(separator: ", ")), and before \
            in $LOOKOUT_MODELS, or in ~/.local/share/lookout/models.
            """)

    @Flag(help: "Prints one JSON object on stdout.")
    var json = false

    private struct Row {
        let name: String
        let network: NetworkConfig
        /// GFLOP of one picture.
        let operations: Double
        /// Of the weights; `nil`: not here.
        let path: String?
        /// What has to be typed to have it; `nil`: it is here, or nobody publishes it.
        let command: String?
        /// `nil`: not here, or not readable.
        let byteCount: Int?
        let summary: String?
    }

    func run() throws {
        let store = ModelStore()
        let rows = try (ModelStore.builtInNames + NetworkConfig.builtInNames).map { try Self.row($0, store) }
        try printResult(json ? Self.json(rows, store) : Self.text(rows))
    }

    private static func row(_ name: String, _ store: ModelStore) throws -> Row {
        let published = ModelCatalogue.model(named: name)
        let network: NetworkConfig
        var path: String?
        if let builtIn = NetworkConfig.builtIn(name) {
            network = builtIn
            if let published, store.has(published) { path = store.path(of: published.weights) }
        } else {
            let files = try store.files(named: name)
            network = try files.loadConfig()
            path = files.weights
        }
        return Row(
            name: name, network: network,
            operations: Double(try network.flops(width: network.net.width, height: network.net.height).reduce(0, +))
                / 1e9,
            path: path, command: path == nil && published != nil ? "lookout model pull \(name)" : nil,
            byteCount: path.flatMap { try? InputFile($0).byteCount },
            summary: published?.summary)
    }

    private static func text(_ rows: [Row]) -> String {
        let header = "NAME              INPUT        GFLOP  CLASSES  WEIGHTS\n"
        return rows.reduce(into: header) { text, row in
            let net = row.network.net
            text += row.name.padding(toLength: 18, withPad: " ", startingAt: 0)
            text += "\(net.width)x\(net.height)".padding(toLength: 9, withPad: " ", startingAt: 0)
            text += String(format: "%9.3f  %7d  ", row.operations, row.network.classCount ?? 0)
            let place = row.path.map { "\($0) (\(row.byteCount.map(PullProgress.size) ?? "not readable"))" }
            text += (place ?? row.command ?? "none published; train it") + "\n"
        }
    }

    private static func json(_ rows: [Row], _ store: ModelStore) throws -> String {
        let models = rows.map { row in
            var object: [String: Any] = [
                "name": row.name, "width": row.network.net.width, "height": row.network.net.height,
                "gflop": row.operations, "classes": row.network.classCount ?? 0, "installed": row.byteCount != nil,
            ]
            object["weights"] = row.path
            object["bytes"] = row.byteCount
            object["get"] = row.command
            object["summary"] = row.summary
            return object
        }
        let object: [String: Any] = ["models": models, "folders": store.folders]
        let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
