import Darknet
import Foundation

/// What stands under a path; links are followed.
enum FileStatus: Equatable {
    case missing
    case file(byteCount: Int)
    case folder
    /// A device, pipe or socket.
    case other
    /// It may be there, but the system does not let us see.
    case unknown(String)

    init(_ path: String) {
        var status = stat()
        if stat(path, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: self = .file(byteCount: Int(status.st_size))
            case S_IFDIR: self = .folder
            default: self = .other
            }
        } else if errno == ENOENT || errno == ENOTDIR {
            self = .missing
        } else {
            self = .unknown(String(cString: strerror(errno)))
        }
    }

    var isFile: Bool { if case .file = self { true } else { false } }

    /// Why it cannot be a picture, as a message goes on after its name; `nil` for a file with content.
    var obstacleAsPicture: String? {
        switch self {
        case .file(byteCount: 0): "is empty"
        case .file: nil
        case .missing: "does not exist"
        case .folder: "is a folder; expected a picture"
        case .other: "is a device, pipe or socket; expected a picture"
        case .unknown(let message): "cannot be looked at: \(message)"
        }
    }
}

/// Paths as text. (Foundation's own path functions trap on one-letter paths in this Swift release.)
package enum Path {
    /// As messages name a file that another one names.
    static func quoted(_ path: String) -> String { Darknet.quoted(path, limit: 4096) }

    static func joined(_ folder: String, _ name: String) -> String {
        if folder.isEmpty || name.hasPrefix("/") { return name }
        return folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    /// Without the last component; empty: the current folder.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func lastComponent(of path: String) -> Substring {
        path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
    }

    /// The last component without its extension. A name's first dot hides it; it starts no extension.
    package static func stem(of path: String) -> Substring {
        let name = lastComponent(of: path)
        return name.dropFirst().lastIndex(of: ".").map { name[..<$0] } ?? name
    }

    /// A path that one of `files` names: beside the first of them where something is; else as it is, which for Darknet's
    /// own files is relative to the folder that the program is called from.
    package static func found(_ path: String, beside files: [String]) -> String {
        found(path, in: files.map(folder) + [""])
    }

    /// `path` below the first of `folders` where something is; as it is where nothing is anywhere.
    static func found(_ path: String, in folders: [String]) -> String {
        folders.map { joined($0, path) }.first { FileStatus($0) != .missing } ?? path
    }
}
