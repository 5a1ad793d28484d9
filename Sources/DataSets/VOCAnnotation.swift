import Darknet

/// What a VOC annotation (`Annotations/NAME.xml`) tells of a picture. Parts of objects (hands, heads), which have names and
/// boxes too, are passed over.
struct VOCAnnotation: Equatable {
    struct Object: Equatable {
        var name = ""
        /// Of `<object>`.
        var line = 0
        var isDifficult = false
        /// Pixels counted from 1, the last one included; `nil` where the file has none.
        var left: Double?
        var top: Double?
        var right: Double?
        var bottom: Double?
    }

    /// 0 where the file does not tell, as some tools leave it.
    var width = 0
    var height = 0
    var objects: [Object] = []

    /// Where the annotation of `JPEGImages/NAME.jpg` lies.
    static func path(ofImage image: String) -> String? {
        let folder = Path.folder(of: image)
        guard Path.lastComponent(of: folder) == "JPEGImages" else { return nil }
        return Path.joined(Path.joined(Path.folder(of: folder), "Annotations"), Path.stem(of: image) + ".xml")
    }

    /// Reads a file of at most 4 MiB.
    init(contentsOf path: String) throws(DataProblem) {
        let text: String
        do {
            text = try readText(path)
        } catch {
            throw DataProblem(error)
        }
        try self.init(parsing: text, file: path)
    }

    init(parsing text: String, file: String) throws(DataProblem) {
        var scanner = XMLScanner(text, file: file)
        var path: [String] = []
        var value = ""
        while let token = try scanner.next() {
            switch token {
            case .start(let name):
                path.append(name)
                value = ""
                if path.count == 1 && name != "annotation" {
                    throw scanner.problem("is a document of \(quoted("<\(name)>")); expected <annotation>")
                }
                if path == ["annotation", "object"] { objects.append(Object(line: scanner.line)) }
            case .text(let text): value += text
            case .end:
                try take(value, at: path.dropFirst(), scanner)
                path.removeLast()
            }
        }
        if value.isEmpty && objects.isEmpty && width == 0 { throw scanner.problem("holds no annotation") }
    }

    private mutating func take(_ text: String, at path: ArraySlice<String>, _ scanner: XMLScanner) throws(DataProblem) {
        let last = objects.count - 1
        func number() throws(DataProblem) -> Double {
            guard let number = Double(Self.trimmed(text)), number.isFinite else {
                throw scanner.problem("<\(path.last ?? "")> is \(quoted(Self.trimmed(text))); expected a number")
            }
            return number
        }
        switch path {
        case ["size", "width"]: width = Int(exactly: try number()) ?? 0
        case ["size", "height"]: height = Int(exactly: try number()) ?? 0
        case ["object", "name"]: objects[last].name = String(Self.trimmed(text))
        case ["object", "difficult"]: objects[last].isDifficult = Self.trimmed(text) == "1"
        case ["object", "bndbox", "xmin"]: objects[last].left = try number()
        case ["object", "bndbox", "ymin"]: objects[last].top = try number()
        case ["object", "bndbox", "xmax"]: objects[last].right = try number()
        case ["object", "bndbox", "ymax"]: objects[last].bottom = try number()
        default: break
        }
    }

    private static func trimmed(_ text: String) -> Substring {
        let isBlank = { (character: Character) in character.isWhitespace }
        var result = text[...].drop(while: isBlank)
        while let last = result.last, isBlank(last) { result.removeLast() }
        return result
    }
}

extension VOCAnnotation.Object {
    /// The box relative to a picture of this size, or what is wrong with it.
    func box(width: Int, height: Int) throws(DataProblem) -> TruthBox {
        guard let left, let top, let right, let bottom else { throw fault("has no whole <bndbox>") }
        let corners = "xmin \(left), ymin \(top), xmax \(right), ymax \(bottom)"
        guard left < right && top < bottom else {
            throw fault("has no area: \(corners)")
        }
        guard left >= 0 && top >= 0 && right <= Double(width) && bottom <= Double(height) else {
            throw fault("reaches out of the picture of \(width) x \(height): \(corners)")
        }
        return TruthBox(vocLeft: left, top: top, right: right, bottom: bottom, width: width, height: height)
    }

    /// The file is added by the reader.
    private func fault(_ message: String) -> DataProblem {
        DataProblem(file: "", line: line, message: "\(quoted(name)) \(message)")
    }
}
