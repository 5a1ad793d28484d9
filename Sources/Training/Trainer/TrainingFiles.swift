import Darknet
import Foundation

/// Where a training writes, by Darknet's names (spec 7.7): `FOLDER/NAME.backup` and so on, NAME being the cfg's.
public struct TrainingFiles: Hashable, Sendable {
    public let folder: String
    public let name: String

    public init(folder: String, name: String) {
        self.folder = folder
        self.name = name
    }

    /// The weights of the last checkpoint.
    public var backup: String { path(".backup") }
    /// What `--resume` goes on from; see `TrainingState`.
    public var state: String { path(".state") }
    /// The weights of the best validation.
    public var best: String { path("_best.weights") }
    public var final: String { path("_final.weights") }
    public var log: String { path(".train.jsonl") }
    public var lossPlot: String { path(".loss.svg") }
    public var accuracyPlot: String { path(".accuracy.svg") }

    public func numbered(_ iteration: Int) -> String { path("_\(iteration).weights") }

    /// Darknet keeps the weights of the first hundreds and of every ten thousandth iteration.
    static func isNumbered(_ iteration: Int) -> Bool {
        iteration > 0 && iteration.isMultiple(of: iteration < 1000 ? 100 : 10_000)
    }

    private func path(_ ending: String) -> String { (folder.hasSuffix("/") ? folder : folder + "/") + name + ending }

    /// Removes what an earlier training of this name made, but for the log, which goes on.
    ///
    /// - Parameter kept: a file that stays: what the new training started from.
    /// - Returns: the names of what is gone.
    public func removeEarlier(except kept: String?) throws -> [String] {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        let keptPath = kept.map { URL(fileURLWithPath: $0).standardizedFileURL.resolvingSymlinksInPath().path }
        let numbered = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter { file in
            guard file.hasPrefix(name + "_"), file.hasSuffix(".weights") else { return false }
            return Int(file.dropFirst(name.count + 1).dropLast(".weights".count)).map(Self.isNumbered) ?? false
        }
        var removed: [String] = []
        for path in [state, backup, best, final, lossPlot, accuracyPlot] + numbered.map({ prefix + $0 }) {
            let isKept = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path == keptPath
            guard !isKept, FileManager.default.fileExists(atPath: path) else { continue }
            try FileManager.default.removeItem(atPath: path)
            removed.append(String(path.dropFirst(prefix.count)))
        }
        return removed
    }

    /// Removes what runs that were killed left half written: `NAME.state.PID.NUMBER.tmp` and the like.
    func removeLeftovers() throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasPrefix(name) {
            let parts = file.split(separator: ".")
            guard parts.count >= 4, parts.last == "tmp", UInt32(parts[parts.count - 2]) != nil,
                let process = pid_t(parts[parts.count - 3]), kill(process, 0) != 0, errno == ESRCH
            else { continue }
            unlink((folder.hasSuffix("/") ? folder : folder + "/") + file)
        }
    }
}
