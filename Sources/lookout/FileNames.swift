import DataSets
import Foundation
import Media
import Pipeline
import Streams

/// Names made of other names. (Foundation's own path functions trap on one-letter paths in this Swift release.)
enum FileNames {
    /// The input's last component without its extension; `stdin` for `-`.
    static func stem(ofInput input: String) -> String {
        if input == "-" { return "stdin" }
        // A URL's user and query may hold secrets.
        let place =
            input.contains("://")
            ? redacted(input).replacing("***@", with: "").replacing("/***", with: "").prefix { $0 != "?" } : input[...]
        return String(Path.stem(of: String(place.split(separator: "/").last ?? "input")))
    }

    static func path(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    /// Makes a folder and those above it.
    static func createFolder(_ path: String) throws {
        guard let problem = SystemFolder.make(path) else { return }
        throw OutputError(path, "cannot be created: \(problem)", whileCreating: true)
    }

    /// That the file can be made, before anything is done to fill it.
    static func checkFolder(of output: OutputFile) throws {
        let path = output.path
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard output.isTemporary, access(folder, W_OK | X_OK) != 0 else { return }
        throw OutputError(
            path, "cannot be created in \(folder): \(String(cString: strerror(errno)))", whileCreating: true)
    }

    /// Whether the name is that of one picture, rather than of a video or a pattern.
    static func isPicture(_ input: String) -> Bool {
        ["jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff"].contains((input as NSString).pathExtension.lowercased())
            && PicturePattern(input) == nil
    }

    /// The files of a pattern, each a picture of its own name; anything else as it is.
    static func expanded(_ input: String) -> [String] {
        let files = PicturePattern(input)?.files ?? []
        return files.isEmpty ? [input] : files
    }
}
