import Models
import Streams

/// Makes settings of a configuration's tree, and notes whatever is wrong with it.
struct SettingsReader {
    let findings: Findings
    let paths: Paths
    let secrets: Secrets

    /// Each costs threads and memory.
    private static let mostStreams = 256
    private static let longestName = 64

    init(findings: Findings, folder: String, environment: [String: String]) {
        self.findings = findings
        paths = Paths(folder: folder)
        secrets = Secrets(paths: paths, environment: environment)
    }

    func read(_ root: [String: Node]) -> ServiceSettings {
        var settings = ServiceSettings(streams: [])
        if let service = section("service", root["service"], keys: Key.service) {
            ServiceReader(section: service, secrets: secrets, paths: paths).read(into: &settings)
        }
        let networks = NetworkChecks(ModelStore(environment: secrets.environment))
        let defaults = section("defaults", root["defaults"], keys: Key.defaults)
        if let defaults {
            StreamReader(name: "NAME", section: defaults, paths: paths, secrets: secrets, networks: networks)
                .checkValues()
        }
        var readers: [StreamReader] = []
        let sections = streamSections(root["stream"])
        for section in sections {
            let name = String(section.name.dropFirst("stream.".count))
            let section = defaults.map(section.over) ?? section
            let reader = StreamReader(
                name: name, section: section, paths: paths, secrets: secrets, networks: networks)
            if section.flag(.enabled) ?? true { readers.append(reader) } else { reader.checkValues() }
        }
        var isMisplaced = false
        for (word, node) in root where !Misplaced.sections.contains(word) {
            isMisplaced = true
            for (position, message) in Misplaced.messages(forTop: word, node) { findings.add(position, message) }
        }
        // Where all that is there is wrong, that has been said.
        let isEmpty = root["stream"]?.table?.isEmpty ?? (root["stream"] == nil)
        if readers.isEmpty, !sections.isEmpty || isEmpty && !isMisplaced {
            noteNoStreams(isDisabled: !sections.isEmpty)
        }
        let streams = readers.map { (reader: $0, settings: $0.read()) }
        SharedOutputs.check(streams.map { ($0.reader.section, $0.settings) })
        settings.streams = streams.map(\.settings)
        return settings
    }

    private func section(_ name: String, _ node: Node?, keys: [Key]) -> Section? {
        guard let node else { return nil }
        guard let table = node.table else {
            findings.add(node.position, "\(name) is \(node.kind); expected a section, [\(name)]")
            return nil
        }
        return Section(name, table, at: node.position, keys: keys, findings: findings)
    }

    /// In the order of the file.
    private func streamSections(_ node: Node?) -> [Section] {
        guard let node else { return [] }
        guard let table = node.table else {
            findings.add(node.position, "stream is \(node.kind); expected sections such as [stream.gate]")
            return []
        }
        var sections: [Section] = []
        for (name, node) in table.sorted(by: { $0.value.position < $1.value.position }) {
            guard let table = node.table else {
                let isKey = Key(rawValue: name) != nil
                findings.add(
                    node.position,
                    isKey
                        ? "\(name) stands in [stream]; a stream has a name, such as [stream.gate]"
                        : "stream.\(name.prefix(Self.longestName)) is \(node.kind); expected a section such as [stream.gate]"
                )
                continue
            }
            guard isName(name) else {
                findings.add(
                    node.position,
                    "\(quoted(name)) is no name for a stream; expected letters, digits, - and _, "
                        + "at most \(Self.longestName)")
                continue
            }
            guard sections.count < Self.mostStreams else {
                findings.add(node.position, "more than \(Self.mostStreams) streams; a service takes no more")
                break
            }
            sections.append(
                Section("stream.\(name)", table, at: node.position, keys: Key.stream, findings: findings))
        }
        return sections
    }

    private func isName(_ name: String) -> Bool {
        (1...Self.longestName).contains(name.utf8.count)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    private func noteNoStreams(isDisabled: Bool) {
        findings.add(
            Position(line: 1, column: 1),
            isDisabled
                ? "no stream is enabled; nothing to watch"
                : "no streams; add a section such as [stream.gate] with a url")
    }
}
