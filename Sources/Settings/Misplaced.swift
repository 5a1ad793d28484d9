import Darknet

/// What to say of keys and sections that are not known where they stand.
enum Misplaced {
    static let sections = ["service", "defaults", "stream"]

    /// - Parameter keys: that the section takes.
    static func message(for word: String, in section: String, keys: [Key]) -> String {
        if let key = Key(rawValue: word) {
            if section == "defaults" && Key.stream.contains(key) {
                return "\(word) can be no default; give it in each [stream.NAME]"
            }
            return "\(word) has no place in [\(section)]; it belongs in \(home(of: key))"
        }
        if ["password", "video_password", "token"].contains(word), let key = Key(rawValue: word + "_file"),
            keys.contains(key)
        {
            return "unknown key \"\(word)\": secrets do not stand in this file; name one with "
                + "\(word)_file, \(word)_env or \(word)_credential"
        }
        return "unknown key \(quoted(word)) in [\(section)]" + Spelling.hint(for: word, among: keys.map(\.rawValue))
    }

    /// Of what stands at the file's top and is none of `sections`: what is wrong, and where.
    static func messages(forTop word: String, _ node: Node) -> [(Position, String)] {
        guard let table = node.table else {
            if let key = Key(rawValue: word) {
                return [(node.position, "\(word) stands before the first section; it belongs in \(home(of: key))")]
            }
            return [
                (
                    node.position,
                    "unknown key \(quoted(word)) before the first section; expected [service], [defaults] or [stream.NAME]"
                )
            ]
        }
        let nearest = Spelling.nearest(to: word, among: sections)
        // [streams.gate] is a table of tables.
        if nearest == "stream", !table.isEmpty, table.values.allSatisfy({ $0.table != nil }) {
            return table.map { name, node in
                (
                    node.position,
                    "unknown section [\(word).\(printable(name, limit: 64))]; did you mean [stream.\(printable(name, limit: 64))]?"
                )
            }
        }
        let section = nearest == "stream" ? "stream.NAME" : nearest
        let meant = table["url"] == nil ? section : "stream.\(printable(word, limit: 64))"
        let hint =
            meant.map { "; did you mean [\($0)]?" } ?? "; expected [service], [defaults] or [stream.NAME]"
        return [(node.position, "unknown section [\(printable(word, limit: 64))]\(hint)")]
    }

    private static func home(of key: Key) -> String {
        if Key.service.contains(key) { return "[service]" }
        return Key.defaults.contains(key) ? "[defaults] or [stream.NAME]" : "[stream.NAME]"
    }
}
