import Foundation
import Media
import Pipeline

/// A new data set's folder, which is called `FOLDER.partial` until it is whole.
struct StillFolder: Sendable {
    private let path: String
    private let partial: String

    /// Makes the partial folder with `images` and `labels`. Only one at a time can have it.
    ///
    /// - Throws: `MediaError`, `.cannotCreate` where something else lies there or nothing may.
    init(_ name: String) throws {
        guard !name.isEmpty else { throw MediaError(.cannotCreate, "\"\"", "is no name; name a folder") }
        path = Self.resolved(name)
        partial = path + ".partial"
        // Darknet finds a picture's labels by replacing the first of each of these in its path as it is given.
        let words = ["images", "JPEGImages", "raw", ".jpg", ".png", ".JPG", ".JPEG"]
        if let word = words.first(where: name.contains) {
            throw MediaError(
                .cannotCreate, name,
                "has \"\(word)\" in its path, which Darknet's rule for label files would replace; name another folder, "
                    + "or one below the folder you are in by its relative path")
        }
        var information = stat()
        let isThere = lstat(path, &information) == 0
        if isThere {
            guard path != Self.resolved(".") else {
                throw MediaError(.cannotCreate, path, "is the folder you are in; name one in it, or another")
            }
            guard let content = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                throw MediaError(.cannotCreate, path, "is there and is no folder that can be read; name another")
            }
            guard content.isEmpty else {
                throw MediaError(.cannotCreate, path, "has files in it already; name a new or empty folder")
            }
        }
        if let problem = SystemFolder.make(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/") {
            throw MediaError(.cannotCreate, path, "cannot be created: \(problem)")
        }
        guard mkdir(partial, 0o777) == 0 else {
            throw errno == EEXIST
                ? MediaError(
                    .cannotCreate, partial, "is there: another run makes it now, or was killed; then remove it")
                : Self.cannotCreate(path)
        }
        do {
            // What is to be replaced at the end must be replaceable: a mount point is not.
            if isThere, rmdir(path) != 0 || mkdir(path, 0o777) != 0 { throw Self.cannotCreate(path) }
            for name in ["images", "labels"] where mkdir("\(partial)/\(name)", 0o777) != 0 {
                throw Self.cannotCreate("\(partial)/\(name)")
            }
        } catch {
            removePartial()
            throw error
        }
    }

    private static func cannotCreate(_ path: String) -> MediaError {
        MediaError(.cannotCreate, path, "cannot be created or replaced: \(String(cString: strerror(errno)))")
    }

    /// Absolute, without links and detours; what is not there yet follows as it was named.
    private static func resolved(_ name: String) -> String {
        var head = name.hasPrefix("/") ? name : FileManager.default.currentDirectoryPath + "/" + name
        var tail = ""
        while true {
            while head.count > 1 && head.hasSuffix("/") { head.removeLast() }
            if let real = realpath(head, nil) {
                defer { free(real) }
                let place = String(cString: real)
                return place == "/" && !tail.isEmpty ? tail : place + tail
            }
            let slash = head.lastIndex(of: "/") ?? head.startIndex
            tail = head[slash...] + tail
            head = slash == head.startIndex ? "/" : String(head[..<slash])
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
