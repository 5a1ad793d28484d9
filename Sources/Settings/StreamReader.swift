import Detection
import Foundation
import Media
import Models
import Neural
import Streams
import Street

/// Reads `[stream.NAME]`, its section laid over `[defaults]`.
struct StreamReader {
    let name: String
    let section: Section
    let paths: Paths
    let secrets: Secrets
    let networks: NetworkChecks

    /// Checks the values alone and looks at no file and no secret: of `[defaults]`, and of streams that are disabled.
    func checkValues() {
        _ = section.text(.url)
        _ = section.text(.username)
        for key in SecretReference.camera.keys { _ = section.text(key) }
        _ = options()
        _ = analysisOptions(NetworkFiles())
        let outputs = OutputReader(stream: name, section: section, paths: paths, secrets: secrets)
        _ = outputs.events()
        _ = outputs.video()
        for key in SecretReference.video.keys + [
            .videoUsername, .model, .weights, .cfg, .names, .tree, .map, .calibration,
        ] {
            _ = section.text(key)
        }
        for key in [Key.enabled, .preview] { _ = section.flag(key) }
    }

    /// What is wrong is noted, and stands at its default.
    func read() -> StreamSettings {
        var source = options()
        readURL(into: &source)
        var settings = StreamSettings(name: name, source: source, analysis: analysis())
        let outputs = OutputReader(stream: name, section: section, paths: paths, secrets: secrets)
        settings.events = outputs.events()
        settings.video = outputs.video()
        outputs.checkPlaces(&settings)
        settings.preview = section.flag(.preview) ?? settings.preview
        return settings
    }

    // MARK: Source

    private func options() -> SourceSettings {
        var source = SourceSettings(url: "")
        source.transport = section.choice(.transport, of: Demuxer.Transport.self) ?? source.transport
        source.connectTimeout = section.measured(.connectTimeout, .duration, in: 0.1...600) ?? source.connectTimeout
        source.stallTimeout = section.measured(.stallTimeout, .duration, in: 0.5...3600) ?? source.stallTimeout
        source.longestRetry = section.measured(.longestRetry, .duration, in: 0.1...3600) ?? source.longestRetry
        source.loops = section.flag(.loop) ?? source.loops
        return source
    }

    private func readURL(into source: inout SourceSettings) {
        guard section.has(.url) else {
            return section.fail(.url, "[\(section.name)] has no url; give one, such as url = \(Key.url.example)")
        }
        source.credentials = secrets.credentials(.username, .camera, of: section)
        guard let url = section.text(.url) else { return }
        let address = SourceAddress(url, paths: paths)
        source.url = address.url
        if let problem = address.problem() { section.fail(.url, "url \(problem)") }
        if address.isAbsentDevice { section.warn(.url, "url: \(url) is not there; the stream waits for it") }
        if address.hasPassword {
            section.warn(
                .url, "url holds a password; name it with \(SecretReference.camera.names), and the user with username")
        }
        if section.has(.username) && (!address.isNetwork || address.hasUser) {
            section.fail(
                .username,
                address.isNetwork
                    ? "username: the url has a user too; keep one"
                    : "username: cameras on the network have one, this url has none")
        }
        if source.loops && !address.isFile && !section.inherited.contains(.loop) {
            section.warn(.loop, "loop: the url is no file, which alone has an end to start again from")
        }
    }

    // MARK: Analysis

    private func analysis() -> AnalysisSettings {
        var files = NetworkFiles()
        files.weights = section.text(.weights).map(paths.resolve)
        files.cfg = section.text(.cfg).map { NetworkChecks.resolveCfg($0, paths) }
        files.names = section.text(.names).map(paths.resolve)
        files.tree = section.text(.tree).map(paths.resolve)
        files.map = section.text(.map).map(paths.resolve)
        files.precision = section.choice(.precision, of: Precision.self) ?? files.precision
        files.calibration = section.text(.calibration).map(paths.resolve)
        if files.calibration != nil && files.precision != .int8 {
            section.warn(.calibration, "calibration: it is used with precision = \"int8\" only")
        }
        if let model { networks.take(model, into: &files, in: section) }
        let settings = analysisOptions(files)
        networks.check(settings, in: section)
        return settings
    }

    /// The one that the stream names; the demo's street has one of its own.
    private var model: String? {
        if section.has(.model) { return section.text(.model) }
        let isDemo = section.text(.url).map(StreetAddress.isOne) ?? false
        return isDemo && !section.has(.weights) && !section.has(.cfg) ? ModelStore.demo : nil
    }

    private func analysisOptions(_ files: NetworkFiles) -> AnalysisSettings {
        var settings = AnalysisSettings(network: files)
        if let threshold = section.number(.threshold, in: 0...1) { settings.detection.threshold = Float(threshold) }
        if let nms = section.number(.nms, in: 0...1) { settings.detection.nmsThreshold = Float(nms) }
        settings.classes = classes()
        settings.classThresholds = classThresholds()
        settings.sizes = SizeReader(section: section).sizes() ?? settings.sizes
        settings.resize = section.choice(.resize, of: ResizeMode.self) ?? settings.resize
        if !section.isOff(.maxFPS) { settings.mostFramesPerSecond = section.number(.maxFPS, in: 0.001...1000) }
        settings.corruptFrames =
            section.choice(.corrupt, of: AnalysisSettings.CorruptFrames.self) ?? settings.corruptFrames
        return settings
    }

    private func classes() -> Set<String>? {
        guard let node = section.nodes[.classes], node.text != "all" else { return nil }
        guard case .list(let nodes) = node.value else {
            return section.mismatch(.classes, #"a list of class names, or "all""#)
        }
        if nodes.isEmpty { section.fail(.classes, #"classes is empty: nothing would be kept; "all" keeps all"#) }
        for other in nodes where other.text == nil {
            section.findings.add(other.position, "classes holds \(other.kind); expected names, such as \"person\"")
        }
        return Set(nodes.compactMap(\.text))
    }

    private func classThresholds() -> [String: Float] {
        guard let node = section.nodes[.classThresholds] else { return [:] }
        guard let table = node.table else {
            return section.mismatch(.classThresholds, "a number for each class name") ?? [:]
        }
        var thresholds: [String: Float] = [:]
        for (name, node) in table {
            // Read once: Swift 6.3's optimiser breaks on a second time here.
            let number = node.number
            if let number, (0...1).contains(number) {
                thresholds[name] = Float(number)
            } else {
                let value = number.map(\.plain) ?? node.kind
                section.findings.add(
                    node.position, "class_thresholds: \(quoted(name)) is \(value); it must be a number from 0 to 1")
            }
        }
        return thresholds
    }
}
