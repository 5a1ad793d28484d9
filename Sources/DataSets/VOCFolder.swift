/// Where a VOC folder such as `VOCdevkit/VOC2007` keeps what.
enum VOCFolder {
    /// The names of a split's pictures.
    static func list(_ folder: String, split: String) -> String {
        Path.joined(folder, "ImageSets/Main/\(split).txt")
    }

    static func annotation(_ folder: String, _ name: String) -> String {
        Path.joined(folder, "Annotations/\(name).xml")
    }

    static func image(_ folder: String, _ name: String) -> String {
        let base = Path.joined(folder, "JPEGImages/\(name)")
        return [".jpg", ".jpeg", ".JPG", ".png"].map { base + $0 }.first { FileStatus($0).isFile } ?? base + ".jpg"
    }

    /// A split's line. A class's own splits, such as `car_train.txt`, tell behind the name whether it is there.
    static func name(in line: String) -> String {
        let words = line.split { $0 == " " || $0 == "\t" }
        guard words.count == 2, ["-1", "0", "1"].contains(words[1]) else { return line }
        return String(words[0])
    }
}
