import Darknet
import Detection
import Foundation
import Models
import Streams

/// Checks the networks that streams name, each once. One thread at a time.
final class NetworkChecks {
    private let models: ModelStore
    private var looked: [NetworkFiles: Result<NetworkDescription, any Error>] = [:]

    init(_ models: ModelStore) { self.models = models }

    /// Fills in the files of a model, but for those that the section names itself.
    func take(_ model: String, into files: inout NetworkFiles, in section: Section) {
        for key in [Key.weights, .cfg] where section.has(key) {
            section.fail(.model, "model and \(key.rawValue) both say what network to take; keep one of them")
        }
        do {
            let found = try models.files(named: model)
            (files.cfg, files.weights) = (found.cfg, found.weights)
            files.names = files.names ?? found.names
            files.tree = files.tree ?? found.tree
        } catch {
            // The service looks where whoever runs it does, which is not a person's home.
            let hint =
                error.kind == .notInstalled ? " (for a service of the system: sudo lookout model pull \(model))" : ""
            section.fail(.model, "model: \(error)\(hint)")
        }
    }

    /// The path of a file, or of a built-in network where no file has its name.
    static func resolveCfg(_ name: String, _ paths: Paths) -> String {
        let path = paths.resolve(name)
        return InputFile.isRegular(path) ? path : BuiltInFile.cfg(of: name) ?? path
    }

    /// Notes what is wrong with the files, and with what is asked of the network.
    func check(_ settings: AnalysisSettings, in section: Section) {
        guard section.has(.weights) || section.has(.model) || settings.network.weights != nil else {
            return section.fail(
                .model,
                "[\(section.name)] has no model; give one, such as model = \(Key.model.example), or weights, such as "
                    + "weights = \(Key.weights.example)")
        }
        let files = Self.files(of: settings.network)
        guard checkReadable(files, in: section), files.contains(where: { $0.key == .weights }) else { return }
        switch description(of: settings.network) {
        case .success(let network): check(settings, of: network, in: section)
        case .failure(let error):
            let key =
                (files + Self.calibration(beside: settings.network))
                .first { "\(error)".hasPrefix($0.path + ":") }?.key ?? (section.has(.cfg) ? .cfg : .weights)
            let place = Self.place(of: key, in: section)
            section.fail(place, "\(place.rawValue): \(Self.message(of: error))")
        }
    }

    private func description(of files: NetworkFiles) -> Result<NetworkDescription, any Error> {
        if let known = looked[files] { return known }
        let result = Result { try files.describe() }
        looked[files] = result
        return result
    }

    private static func files(of network: NetworkFiles) -> [(key: Key, path: String)] {
        [
            (Key.weights, network.weights), (.cfg, network.cfg), (.names, network.names), (.tree, network.tree),
            (.map, network.map), (.calibration, network.calibration),
        ].compactMap { key, path in path.map { (key, $0) } }
    }

    /// Of a file that the model brings along, that is the model.
    private static func place(of key: Key, in section: Section) -> Key {
        [.weights, .cfg, .names, .tree].contains(key) && !section.has(key) && section.has(.model) ? .model : key
    }

    /// The file that nobody names: what is wrong with it, or that it is not there, is a matter of the precision.
    private static func calibration(beside network: NetworkFiles) -> [(key: Key, path: String)] {
        network.weights.map { [(.precision, NetworkFiles.calibration(beside: $0))] } ?? []
    }

    private func checkReadable(_ files: [(key: Key, path: String)], in section: Section) -> Bool {
        var allReadable = true
        for (key, path) in files {
            guard let reason = Paths.whyUnreadable(path) else { continue }
            allReadable = false
            let written = section.nodes[.cfg]?.text ?? ""
            let hint =
                key == .cfg && !written.contains("/") && !written.hasSuffix(".cfg")
                ? ", and no built-in network of that name"
                    + Spelling.hint(for: written, among: BuiltInFile.cfgNames)
                : ""
            let place = Self.place(of: key, in: section)
            section.fail(place, "\(place.rawValue): \(path): \(reason)\(hint)")
        }
        return allReadable
    }

    /// The errors of networks speak of the command line's options; here they are keys of the same names.
    private static func message(of error: any Error) -> String {
        "\(error)".replacing(/--([a-z]+) FILE/) { "\($0.1) = \"FILE\"" }
    }

    // MARK: What is asked of it

    private func check(_ settings: AnalysisSettings, of network: NetworkDescription, in section: Section) {
        let key = Self.place(of: section.has(.cfg) ? .cfg : .weights, in: section)
        if network.decoder == nil {
            section.fail(key, "\(key.rawValue): \(network.config.name) is a classifier; streams take a detector")
        }
        let sizeKey = section.has(.sizes) ? Key.sizes : .size
        for size in settings.sizes {
            // The other side is a multiple of 32 too.
            let shape = size.shape(of: network.config.net, aspect: 1)
            do {
                _ = try network.config.shapes(width: shape.width, height: shape.height)
            } catch {
                section.fail(sizeKey, "\(sizeKey.rawValue): \(error)")
            }
        }
        checkClasses(of: network, in: section)
    }

    private func checkClasses(of network: NetworkDescription, in section: Section) {
        var named: [(name: String, Key, Position)] = []
        if case .list(let nodes) = section.nodes[.classes]?.value {
            named += nodes.compactMap { node in node.text.map { ($0, .classes, node.position) } }
        }
        named += (section.nodes[.classThresholds]?.table ?? [:]).map { ($0, .classThresholds, $1.position) }
        let names = Set(network.names.names)
        for (name, key, position) in named where !names.contains(name) {
            section.findings.add(
                position,
                "\(key.rawValue): \(network.config.name) has no class \(quoted(name))"
                    + Spelling.hint(for: name, among: network.names.names))
        }
    }
}
