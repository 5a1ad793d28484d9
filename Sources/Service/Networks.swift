import Darknet
import Detection
import Foundation
import Logging
import Neural

/// The networks in use, each loaded once however many streams look through it.
struct Networks {
    /// Files by what they are, not by name only: a network that was replaced on disk is another one.
    struct Key: Hashable {
        let files: NetworkFiles
        private let stamps: [FileStamp]

        init(_ files: NetworkFiles) {
            self.files = files
            // The cfg may be the one beside the weights.
            let beside = files.weights.map { ($0 as NSString).deletingPathExtension + ".cfg" }
            let calibration = files.weights.map(NetworkFiles.calibration(beside:))
            let names = [
                files.cfg ?? beside, files.weights, files.names, files.tree, files.map,
                files.calibration ?? (files.precision == .int8 ? calibration : nil),
            ]
            stamps = names.compactMap(\.self).compactMap(FileStamp.init)
        }
    }

    private var loaded: [Key: LoadedNetwork] = [:]

    /// Loads what is not there yet.
    ///
    /// - Parameter logger: told what is odd in a cfg, and what int8 is computed with.
    mutating func network(_ key: Key, logger: Logger) throws -> LoadedNetwork {
        if let network = loaded[key] { return network }
        let network = try key.files.load()
        for warning in network.config.warnings { logger.warning("\(warning)") }
        if let arithmetic = network.arithmetic { logger.info("\(network.config.name): computing in \(arithmetic)") }
        guard network.decoder != nil else {
            throw DetectionError("\(network.config.name) is a classifier: it has no boxes; a stream needs a detector")
        }
        loaded[key] = network
        return network
    }

    /// Lets go of all but these.
    mutating func keepOnly(_ keys: Set<Key>) { loaded = loaded.filter { keys.contains($0.key) } }
}
