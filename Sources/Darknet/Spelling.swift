/// What a misspelt word was probably meant to be.
package enum Spelling {
    /// A word longer than this is no slip of the pen, and takes time to compare.
    private static let longest = 64

    /// The candidate that the fewest slips make `word`, if they are few for its length; of equal ones the first.
    /// Case does not count.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        guard word.utf8.count <= longest else { return nil }
        let letters = Array(word.lowercased().unicodeScalars)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates where candidate.utf8.count <= longest {
            let other = Array(candidate.lowercased().unicodeScalars)
            let limit = best.map { $0.distance - 1 } ?? max(1, min(letters.count, other.count) / 3)
            guard abs(letters.count - other.count) <= limit else { continue }
            let distance = distance(letters, other)
            if distance <= limit { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// `; did you mean "threshold"?`, or nothing.
    package static func hint(for word: String, among candidates: some Sequence<String>) -> String {
        nearest(to: word, among: candidates).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that make one of the other (optimal string
    /// alignment).
    static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var twoBack: [Int] = []
        var back = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(back[j + 1] + 1, row[j] + 1, back[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, twoBack[j - 1] + 1) }
                row.append(cost)
            }
            (twoBack, back) = (back, row)
        }
        return back[b.count]
    }
}
