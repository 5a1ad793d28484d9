import Darknet
import Detection
import Foundation

/// The networks in use, each loaded once however many streams look through it.
struct Networks {
    /// Files by what they are, not by name only: a network that was replaced on disk is another one.
    struct Key: Hashable {
        let files: NetworkFiles
        private let stamps: [Stamp]

        private struct Stamp: Hashable {
            let inode: UInt64
            let size: Int
            let seconds: Int
            let nanoseconds: Int
        }

        init(_ files: NetworkFiles) {
            self.files = files
            stamps = [files.cfg, files.weights, files.names, files.tree, files.map].compactMap(\.self).compactMap {
                path in
                var information = stat()
                guard stat(path, &information) == 0 else { return nil }
                return Stamp(
                    inode: UInt64(information.st_ino), size: Int(information.st_size),
                    seconds: information.st_mtim.tv_sec, nanoseconds: information.st_mtim.tv_nsec)
            }
        }
    }

    private var loaded: [Key: LoadedNetwork] = [:]

    /// Loads what is not there yet.
    ///
    /// - Parameter warn: told what is odd in a cfg.
    mutating func network(_ key: Key, warn: (String) -> Void) throws -> LoadedNetwork {
        if let network = loaded[key] { return network }
        let network = try key.files.load()
        for warning in network.config.warnings { warn("\(warning)") }
        guard network.decoder != nil else {
            throw DetectionError("\(network.config.name) is a classifier: it has no boxes; a stream needs a detector")
        }
        loaded[key] = network
        return network
    }

    /// Lets go of all but these.
    mutating func keepOnly(_ keys: Set<Key>) { loaded = loaded.filter { keys.contains($0.key) } }
}
