/// Finds which of many labels occur in a path (spec 7.7), in a time that hardly depends on how many there are.
struct PathLabels {
    private let labels: [[UInt8]]
    /// Bytes of a label that `candidates` goes by.
    private let keyLength: Int
    private let candidates: [UInt64: [Int]]

    init(_ labels: [String]) {
        self.labels = labels.map { Array($0.utf8) }
        keyLength = min(8, self.labels.map(\.count).min() ?? 0)
        var candidates: [UInt64: [Int]] = [:]
        for (index, label) in self.labels.enumerated() {
            candidates[Self.key(label.prefix(keyLength)), default: []].append(index)
        }
        self.candidates = candidates
    }

    /// The labels in `path`, rising; of equal ones the first.
    func matches(in path: String) -> [Int] {
        let bytes = Array(path.utf8)
        guard keyLength > 0, bytes.count >= keyLength else { return [] }
        var found: [Int] = []
        for start in 0...bytes.count - keyLength {
            guard let places = candidates[Self.key(bytes[start..<start + keyLength])] else { continue }
            for index in places where bytes[start...].starts(with: labels[index]) && !isKnown(index, in: found) {
                found.append(index)
            }
        }
        return found.sorted()
    }

    private func isKnown(_ index: Int, in found: [Int]) -> Bool { found.contains { labels[$0] == labels[index] } }

    private static func key(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
