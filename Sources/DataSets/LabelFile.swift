import Darknet

/// Darknet's label file of a picture: `class x y width height` a line, the box by its centre, relative to the picture
/// (spec 7.7).
enum LabelFile {
    /// Where Darknet looks for it: the first "images", then "JPEGImages", then "raw" becomes "labels", and the
    /// extension .txt.
    ///
    /// - Parameter folder: what else than "labels" it becomes.
    static func path(ofImage image: String, folder: String = "labels") -> String {
        var bytes = Array(image.utf8)
        for word in ["images", "JPEGImages", "raw"] { bytes.replaceFirst(word, with: folder) }
        for suffix in [".jpg", ".png", ".JPG", ".JPEG"] { bytes.replaceFirst(suffix, with: ".txt") }
        // Darknet would take a picture of another kind for its own label.
        if bytes.elementsEqual(image.utf8) || !bytes.ends(with: ".txt") {
            return Path.joined(
                Path.folder(of: String(decoding: bytes, as: UTF8.self)),
                Path.stem(of: String(decoding: bytes, as: UTF8.self)) + ".txt")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The labels of a file of at most 4 MiB; what is wrong with it goes to `problems`, line by line.
    ///
    /// - Parameters:
    ///   - classes: how many there are, of boxes; `nil`: unknown.
    ///   - nodes: how many a picture without boxes may be labelled with (x = y = 0, spec 8.4); `nil`: none may.
    static func read(_ path: String, classes: Int?, nodes: Int?, problems: inout DataProblems) -> Sample.Content {
        let text: String
        do {
            text = try readText(path)
        } catch {
            problems.add(DataProblem(error))
            return .objects([])
        }
        var truths: [Truth] = []
        var (node, nodeLine): (Int?, Int) = (nil, 0)
        for (number, line) in Lines(text[...].utf8) {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            if words.isEmpty { continue }
            do throws(Fault) {
                let (classID, box) = try label(words)
                if box.x == 0 && box.y == 0 {
                    guard let nodes else { throw Fault(markerMessage) }
                    try check(classID, count: nodes)
                    if node == nil { (node, nodeLine) = (classID, number) }
                } else {
                    try check(classID, count: classes)
                    if let fault = BoxRules.fault(of: box) { throw Fault(fault) }
                    truths.append(Truth(classID: classID, box: box))
                }
            } catch {
                problems.add(DataProblem(file: path, line: number, message: error.message))
            }
        }
        if node != nil && !truths.isEmpty {
            problems.add(
                DataProblem(
                    file: path, line: nodeLine,
                    message:
                        "a centre of 0 0 labels the picture as a whole, but other lines have boxes; expected one or "
                        + "the other"))
        }
        return node.map { .label($0) } ?? .objects(truths)
    }

    private static let markerMessage =
        "a centre of 0 0 marks a picture that is labelled as a whole, which takes a network with a tree"

    private struct Fault: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }

    private static func label(_ words: [Substring.UTF8View]) throws(Fault) -> (classID: Int, box: TruthBox) {
        guard words.count == 5 else {
            throw Fault("holds \(words.count) numbers; expected 5: class x y width height")
        }
        guard let classID = Int(Substring(words[0])) else {
            throw Fault("\(quoted(Substring(words[0]))) is no class; expected a whole number from 0")
        }
        var numbers: [Double] = []
        for word in words[1...] {
            guard let number = Double(Substring(word)) else {
                throw Fault("\(quoted(Substring(word))) is no number; expected class x y width height")
            }
            numbers.append(number)
        }
        return (classID, TruthBox(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3]))
    }

    private static func check(_ classID: Int, count: Int?) throws(Fault) {
        guard classID >= 0, classID < count ?? .max else {
            let range = count.map { "0 to \($0 - 1), the classes of the network or the names" } ?? "a number from 0"
            throw Fault("class \(classID) is out of range; expected \(range)")
        }
    }
}

extension DataProblem {
    init(_ error: DarknetError) { self.init(file: error.file, line: error.line ?? 0, message: error.message) }
}

extension [UInt8] {
    /// As C's `strstr` finds it.
    fileprivate mutating func replaceFirst(_ word: String, with other: String) {
        let word = Array(word.utf8)
        guard count >= word.count,
            let start = (0...count - word.count).first(where: { self[$0...].starts(with: word) })
        else { return }
        replaceSubrange(start..<start + word.count, with: other.utf8)
    }

    fileprivate func ends(with suffix: String) -> Bool {
        suffix.utf8.reversed().elementsEqual(reversed().prefix(suffix.utf8.count))
    }
}
