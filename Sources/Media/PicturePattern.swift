import Foundation

/// A name that stands for many pictures: numbered (`frame%04d.jpg`), or a glob (`shots/*.png`).
public struct PicturePattern {
    /// As it was given.
    let text: String
    /// What is there and fits, by number or by name.
    public let files: [String]
    /// Of the numbers between the first and the last: what is not there, in words.
    let gap: String?

    /// `nil` for what is no pattern: a URL, or the name of something that is there.
    public init?(_ input: String) {
        guard InputAddress.scheme(of: input) == nil, access(input, F_OK) != 0 else { return nil }
        text = input
        if let numbers = Numbers(input) {
            let found = numbers.found()
            files = found.map { $0.path }
            gap = numbers.gap(in: found.map { $0.number })
        } else if Self.isGlob(input) {
            files = Self.paths(input, GLOB_BRACE)
            gap = nil
        } else {
            return nil
        }
    }

    static func isNumbered(_ input: String) -> Bool { Numbers(input) != nil }

    static func isGlob(_ input: String) -> Bool { input.contains { "*?[".contains($0) } }

    /// What fits a glob, sorted.
    private static func paths(_ pattern: String, _ flags: Int32) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, flags, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
    }

    /// A printf pattern with one `%d` or `%0Nd`, in a file's name or a folder's.
    private struct Numbers {
        private let start: String
        private let end: String
        /// Digits at least.
        private let width: Int
        /// No name is longer.
        private static let mostDigits = 255

        init?(_ pattern: String) {
            guard let place = pattern.range(of: "%0?[0-9]*d", options: .regularExpression) else { return nil }
            start = String(pattern[..<place.lowerBound]).replacing("%%", with: "%")
            end = String(pattern[place.upperBound...]).replacing("%%", with: "%")
            width = min(Int(pattern[place].dropFirst().dropLast()) ?? 0, Self.mostDigits)
        }

        private func path(_ number: Int) -> String {
            let digits = String(number)
            return start + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits + end
        }

        func found() -> [(number: Int, path: String)] {
            let pattern = Self.literal(start) + "[0-9]*" + Self.literal(end)
            let numbered = PicturePattern.paths(pattern, 0).compactMap { path -> (number: Int, path: String)? in
                let digits = path.utf8.dropFirst(start.utf8.count).dropLast(end.utf8.count)
                guard let number = Int(Substring(digits)), self.path(number) == path else { return nil }
                return (number, path)
            }
            return numbered.sorted { $0.number < $1.number }
        }

        /// With nothing in it that `glob` takes for a sign.
        private static func literal(_ text: String) -> String {
            text.reduce(into: "") { literal, character in
                if "*?[\\".contains(character) { literal += "\\" }
                literal.append(character)
            }
        }

        /// - Parameter numbers: rising.
        func gap(in numbers: [Int]) -> String? {
            guard let first = numbers.first, let last = numbers.last,
                let before = zip(numbers, numbers.dropFirst()).first(where: { $1 - $0 > 1 })?.0
            else { return nil }
            let others = last - first - numbers.count
            return "there is no \(path(before + 1))"
                + (others > 0 ? ", nor those of \(others) other number\(others == 1 ? "" : "s")" : "")
                + "; the pictures around follow each other"
        }
    }
}
