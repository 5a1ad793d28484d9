import Darknet
import Detection

/// Reads `size` and `sizes`.
struct SizeReader {
    let section: Section

    /// Smaller steps than these hardly differ.
    private static let most = 8

    /// `nil`: none is given, or not rightly.
    func sizes() -> [InputSize]? {
        if section.has(.size) && section.has(.sizes) { section.fail(.sizes, "sizes: size is given too; keep one") }
        return section.has(.sizes) ? list() : single().map { [$0] }
    }

    private func single() -> InputSize? {
        guard let node = section.nodes[.size], let text = side(node) ?? section.text(.size) else { return nil }
        return size(text, .size, at: node.position)
    }

    private func list() -> [InputSize]? {
        guard let node = section.nodes[.sizes] else { return nil }
        guard case .list(let nodes) = node.value else { return section.mismatch(.sizes, "a list of sizes") }
        guard (2...Self.most).contains(nodes.count) else {
            let hint = nodes.count == 1 ? "; one alone is a size" : ""
            section.fail(.sizes, "sizes holds \(nodes.count); expected 2 to \(Self.most)\(hint)")
            return nil
        }
        var sizes: [InputSize] = []
        for node in nodes {
            guard let text = side(node) ?? node.text else {
                section.findings.add(
                    node.position, "sizes holds \(node.kind); expected sizes, such as \(Key.size.example)")
                continue
            }
            guard let size = size(text, .sizes, at: node.position) else { continue }
            if sizes.contains(size) { section.findings.add(node.position, "sizes holds \(quoted(text)) twice") }
            sizes.append(size)
        }
        return sizes.isEmpty ? nil : sizes
    }

    /// A whole number is as good as its digits: both sides.
    private func side(_ node: Node) -> String? {
        if case .integer(let side) = node.value { String(side) } else { nil }
    }

    private func size(_ text: String, _ key: Key, at position: Position) -> InputSize? {
        do {
            return try InputSize(text: text)
        } catch {
            section.findings.add(
                position, "\(key.rawValue) \(error)\(Spelling.hint(for: text, among: ["network", "auto"]))")
            return nil
        }
    }
}
