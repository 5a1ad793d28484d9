import Foundation
import Media

/// A new data set's folder, which is called `FOLDER.partial` until it is whole.
struct StillFolder: Sendable {
    private let path: String
    private let partial: String

    /// Makes the partial folder with `images` and `labels`.
    ///
    /// - Throws: `MediaError`, `.cannotCreate` where something else lies there or nothing may.
    init(_ path: String) throws {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard !path.isEmpty else { throw MediaError(.cannotCreate, "\"\"", "is no name; name a folder") }
        // Darknet finds a picture's labels by the first such word in its path.
        if let word = ["images", "JPEGImages", "raw"].first(where: path.contains) {
            throw MediaError(
                .cannotCreate, path,
                "has \"\(word)\" in its path, which Darknet's rule for label files would replace; name another folder")
        }
        if FileManager.default.fileExists(atPath: path) {
            guard let content = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                throw MediaError(.cannotCreate, path, "is there and is no folder that can be read; name another")
            }
            guard content.isEmpty else {
                throw MediaError(.cannotCreate, path, "has files in it already; name a new or empty folder")
            }
        }
        self.path = path
        partial = path + ".partial"
        guard !FileManager.default.fileExists(atPath: partial) else {
            throw MediaError(
                .cannotCreate, partial, "is there: another run makes it now, or was killed; then remove it")
        }
        do {
            for name in ["images", "labels"] {
                try FileManager.default.createDirectory(
                    atPath: "\(partial)/\(name)", withIntermediateDirectories: true)
            }
        } catch {
            throw MediaError(.cannotCreate, path, "cannot be created: \(error.localizedDescription)")
        }
    }

    func write(_ text: String, to name: String) throws(MediaError) { try write(Data(text.utf8), to: name) }

    func write(_ data: Data, to name: String) throws(MediaError) {
        do {
            try data.write(to: URL(fileURLWithPath: "\(partial)/\(name)"))
        } catch {
            throw MediaError(.cannotWrite, "\(path)/\(name)", "cannot be written: \(error.localizedDescription)")
        }
    }

    func commit() throws(MediaError) {
        guard rename(partial, path) == 0 else {
            throw MediaError(
                .cannotCreate, path, "cannot be renamed from \(partial): \(String(cString: strerror(errno)))")
        }
    }

    /// Does nothing after `commit`.
    func removePartial() { try? FileManager.default.removeItem(atPath: partial) }
}
