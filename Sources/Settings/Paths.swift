import Darknet
import Foundation
import Streams

/// What the configuration says of paths: they are relative to its folder.
struct Paths {
    /// Empty where the configuration was named without one.
    let folder: String

    /// The folder of a file.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
    }

    func resolve(_ path: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty || BuiltInFile.isNamed(by: path) { return path }
        return folder.hasSuffix("/") ? folder + path : folder + "/" + path
    }

    /// Why a file cannot be read; `nil`: it can.
    static func whyUnreadable(_ path: String) -> String? {
        if BuiltInFile.isNamed(by: path) {
            return InputFile.exists(path)
                ? nil : "no such built-in file; there are \(BuiltInFile.names.joined(separator: ", "))"
        }
        var information = stat()
        guard stat(path, &information) == 0 else { return systemMessage() }
        if information.st_mode & S_IFMT == S_IFDIR { return "is a folder; name a file" }
        return access(path, R_OK) == 0 ? nil : systemMessage()
    }

    /// Why a file can neither be appended to nor created, with the folders above it; `nil`: it can.
    static func whyUnwritable(_ path: String) -> String? {
        if path.hasSuffix("/") { return "names a folder; name a file" }
        var information = stat()
        if stat(path, &information) == 0 {
            if information.st_mode & S_IFMT == S_IFDIR { return "is a folder; name a file" }
            return access(path, W_OK) == 0 ? nil : systemMessage()
        }
        return whyNothingIsCreated(in: folder(of: path))
    }

    /// Whether a file that is there lies in a folder in which it cannot be renamed.
    static func staysInPlace(_ path: String) -> Bool {
        var information = stat()
        guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return false }
        return access(folder(of: path), W_OK | X_OK) != 0
    }

    /// Looks at the nearest folder above that is there.
    private static func whyNothingIsCreated(in folder: String) -> String? {
        var folder = folder
        while true {
            let place = folder.isEmpty ? "." : folder
            var information = stat()
            if stat(place, &information) == 0 {
                guard information.st_mode & S_IFMT == S_IFDIR else { return "\(place) is no folder" }
                return access(place, W_OK | X_OK) == 0 ? nil : "nothing can be created in \(place): \(systemMessage())"
            }
            guard errno == ENOENT, place != ".", place != "/" else { return "\(place): \(systemMessage())" }
            folder = Self.folder(of: folder)
        }
    }

    /// One spelling of a path, without looking at the disk: `a//./b` is `a/b`.
    static func plain(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}
