import Darknet

/// The outlines of a picture's objects: `class x1 y1 x2 y2 ...` a line, a polygon relative to the picture. An object in
/// several parts has a line for each, one after the other.
enum OutlineFile {
    /// Beside the labels: "outlines" where those have "labels".
    static func path(ofImage image: String) -> String { LabelFile.path(ofImage: image, folder: "outlines") }

    /// Those of the objects that have any, of a file of at most 4 MiB, 1,000 outlines and 20,000 points, and of at most
    /// 1,000 objects; what is wrong with it goes to `problems`, line by line.
    ///
    /// An object is known by its box, which its outline fills: the class only holds parts together. Files number classes
    /// otherwise than labels (COCO's categories leave numbers out), and labels may leave classes out.
    static func read(_ path: String, of truths: [Truth], problems: inout DataProblems) -> [Outline] {
        guard truths.count <= objectLimit else {
            problems.add(
                DataProblem(
                    file: path,
                    message: "is of a picture with \(truths.count) objects; expected \(objectLimit) at most (without "
                        + "this file, they are not pasted into other pictures)"))
            return []
        }
        let text: String
        do {
            text = try readText(path)
        } catch {
            problems.add(DataProblem(error))
            return []
        }
        var parts: [OutlinePart] = []
        var points = 0
        for (number, line) in Lines(text[...].utf8) {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            if words.isEmpty { continue }
            points += words.count / 2
            guard parts.count < objectLimit, points <= pointLimit else {
                problems.add(
                    DataProblem(
                        file: path, line: number,
                        message: "is beyond the \(objectLimit) outlines of \(pointLimit) points together that one "
                            + "picture may have"))
                break
            }
            do throws(Fault) {
                parts.append(try part(words))
            } catch {
                problems.add(DataProblem(file: path, line: number, message: error.message))
            }
        }
        return OutlineMatch.outlines(parts, of: truths)
    }

    /// Ten times the objects of COCO's fullest picture. Each is compared with each outline.
    private static let objectLimit = 1000
    /// Most of COCO's pictures have a few hundred. To paste an object takes time with each point of its outline.
    private static let pointLimit = 20_000
    /// Part of the picture that rounding may put a point outside.
    private static let slack: Float = 0.01

    private struct Fault: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }

    private static func part(_ words: [Substring.UTF8View]) throws(Fault) -> OutlinePart {
        guard words.count >= 7, !words.count.isMultiple(of: 2) else {
            throw Fault(
                "holds \(words.count) numbers; expected a class and three or more points: class x1 y1 x2 y2 x3 y3 ...")
        }
        guard let number = Int(Substring(words[0])) else {
            throw Fault("\(quoted(Substring(words[0]))) is no class; expected a whole number")
        }
        var points: [SIMD2<Float>] = []
        points.reserveCapacity(words.count / 2)
        for index in stride(from: 1, to: words.count, by: 2) {
            points.append([try coordinate(words[index]), try coordinate(words[index + 1])])
        }
        return OutlinePart(number: number, points: points)
    }

    private static func coordinate(_ word: Substring.UTF8View) throws(Fault) -> Float {
        guard let value = Float(Substring(word)) else {
            throw Fault("\(quoted(Substring(word))) is no number; expected class x1 y1 x2 y2 ...")
        }
        guard value >= -slack, value <= 1 + slack else {
            throw Fault("a point at \(value) lies outside the picture; expected it relative to it, 0 to 1")
        }
        return value
    }
}
