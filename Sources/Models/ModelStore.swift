import Darknet
import Detection
import Foundation

/// Where models lie: those that the program carries, and those that were pulled into a folder.
public struct ModelStore: Sendable {
    /// Looked through in this order. Pulled models go into the first.
    public let folders: [String]

    /// The model that the program carries for the demo's street.
    public static let demo = "lookout-demo"
    /// And that for real pictures.
    public static let street = "lookout-street"
    /// Both.
    public static let builtInNames = BuiltInFile.names.filter { $0.hasSuffix(".weights") }.map {
        String($0.dropLast(8))
    }
    /// Every name that `files(named:)` knows.
    public static let names = builtInNames + ModelCatalogue.all.map(\.name)

    /// - Parameters:
    ///   - environment: `LOOKOUT_MODELS` names the folder. Without it, that is one of the system's for root, else one of the
    ///     user's own: below `XDG_DATA_HOME`, or `HOME`.
    ///   - isRoot: of the process.
    public init(environment: [String: String], isRoot: Bool = geteuid() == 0) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        var first = Self.systemFolders[0]
        if let folder = value("LOOKOUT_MODELS") {
            first = folder
        } else if !isRoot {
            // A relative one is to be passed over, says the XDG specification.
            let data = value("XDG_DATA_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
            if let data = data ?? value("HOME").map({ $0 + "/.local/share" }) { first = data + "/lookout/models" }
        }
        folders = [first] + Self.systemFolders.filter { $0 != first }
    }

    public init() { self.init(environment: ProcessInfo.processInfo.environment) }

    private static let systemFolders = [
        "/var/lib/lookout/models", "/usr/local/share/lookout/models", "/usr/share/lookout/models",
    ]

    /// The files of a model, ready to be loaded.
    ///
    /// - Throws: `.unknown`, or `.notInstalled` with the command that pulls it.
    public func files(named name: String) throws(ModelError) -> NetworkFiles {
        if Self.builtInNames.contains(name) {
            let path = { (ending: String) in BuiltInFile.path("\(name).\(ending)") }
            return NetworkFiles(cfg: path("cfg"), weights: path("weights"), names: path("names"))
        }
        let model = try Self.published(name)
        // Not the bare name, which would stand for a file of the working directory, too.
        var files = NetworkFiles(cfg: BuiltInFile.path(name + ".cfg"))
        for file in model.files {
            guard let path = path(of: file) else {
                throw ModelError(
                    .notInstalled,
                    path(of: model.weights) == nil
                        ? "the model \(name) is not here yet; get it with: lookout model pull \(name)"
                        : "the model \(name) lacks \(file.name); get it with: lookout model pull \(name)")
            }
            switch file.content {
            case .weights: files.weights = path
            case .names: files.names = path
            case .tree: files.tree = path
            }
        }
        return files
    }

    /// A model that can be pulled.
    ///
    /// - Throws: `.unknown`.
    public static func published(_ name: String) throws(ModelError) -> PublishedModel {
        if let model = ModelCatalogue.model(named: name) { return model }
        throw ModelError(
            .unknown,
            builtInNames.contains(name)
                ? "\(name) is built in; there is nothing to pull"
                : "there is no model \(quoted(name)); there are \(names.joined(separator: ", "))"
                    + Spelling.hint(for: name, among: names))
    }

    /// Where a file of a model lies, whole or not; `nil`: it is not here.
    public func path(of file: ModelFile) -> String? {
        folders.lazy.map { "\($0)/\(file.name)" }.first(where: InputFile.isRegular)
    }

    /// Whether all files of a model are here.
    public func has(_ model: PublishedModel) -> Bool { model.files.allSatisfy { path(of: $0) != nil } }
}
