import Foundation

/// A file that has its own name only when it is whole: it is written beside it as `NAME.partial.EXTENSION` and renamed
/// at the end. Devices, pipes and `-` (stdout) are written directly.
public struct OutputFile: Sendable {
    /// What the user named.
    public let path: String
    /// Where to write until `commit()`.
    public let writingPath: String

    /// - Throws: `OutputError` where the place cannot hold such a file.
    public init(_ path: String) throws {
        self.path = path
        var information = stat()
        if path.isEmpty {
            throw OutputError("\"\"", "is no name; name a file", whileCreating: true)
        } else if path == "-" {
            writingPath = path
        } else if path.hasSuffix("/") {
            throw OutputError(path, "names a folder; name a file", whileCreating: true)
        } else if stat(path, &information) == 0 && information.st_mode & S_IFMT != S_IFREG {
            guard information.st_mode & S_IFMT != S_IFDIR else {
                throw OutputError(path, "is a directory; name a file", whileCreating: true)
            }
            writingPath = path
        } else {
            writingPath = Self.partialName(path)
        }
    }

    private static func partialName(_ path: String) -> String {
        let nameStart = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        // A name's first dot hides it; it starts no extension.
        guard let dot = path[nameStart...].dropFirst().lastIndex(of: ".") else { return path + ".partial" }
        return path[..<dot] + ".partial" + path[dot...]
    }

    /// Writes the whole file and gives it its name.
    public func write(_ data: Data) throws {
        do {
            try data.write(to: URL(fileURLWithPath: writingPath))
        } catch {
            throw OutputError(path, "cannot be written: \(error.localizedDescription)", whileCreating: true)
        }
        try commit()
    }

    public var isTemporary: Bool { writingPath != path }

    /// Whether the file, unfinished or finished, would take the place of one of `inputs`, under whatever name.
    public func replaces(anyOf inputs: Set<FileIdentity>) -> Bool {
        isTemporary && [path, writingPath].contains { FileIdentity(path: $0).map(inputs.contains) ?? false }
    }

    /// Whether the two would be written, unfinished or finished, to the same place.
    public func collides(with other: OutputFile) -> Bool {
        isTemporary && other.isTemporary
            && !Set([path, writingPath].map(Self.place)).isDisjoint(
                with: [other.path, other.writingPath].map(Self.place))
    }

    /// The one path of a file that need not be there: its folder without links and detours, and its name.
    private static func place(_ path: String) -> String {
        let nameStart = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        guard let folder = realpath(nameStart == path.startIndex ? "." : String(path[..<nameStart]), nil)
        else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path[nameStart...]
    }

    /// Where the unfinished file lies after a run that ended early; `nil` where there is none. An empty one is removed.
    public func leftover() -> String? {
        var information = stat()
        guard isTemporary, stat(writingPath, &information) == 0 else { return nil }
        guard information.st_size == 0 else { return writingPath }
        unlink(writingPath)
        return nil
    }

    /// Makes the unfinished file, for this process alone as long as the reservation is there.
    ///
    /// - Returns: `nil` for what is written directly.
    /// - Throws: `OutputError`: it cannot be created, or another run writes it now.
    public func reserve() throws -> OutputReservation? {
        isTemporary ? try OutputReservation(path, writingPath: writingPath) : nil
    }

    /// Gives the finished file its name, replacing what had it.
    public func commit() throws {
        guard isTemporary else { return }
        guard rename(writingPath, path) == 0 else {
            throw OutputError(path, "cannot be renamed from \(writingPath): \(systemMessage())", whileCreating: true)
        }
    }
}

/// Which file it is, whatever its names.
public struct FileIdentity: Hashable, Sendable {
    private let device: dev_t
    private let number: ino_t

    /// `nil` where no file is there.
    init?(path: String) {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        (device, number) = (information.st_dev, information.st_ino)
    }

    /// `nil` where it is not open.
    init?(descriptor: Int32) {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { return nil }
        (device, number) = (information.st_dev, information.st_ino)
    }

    /// - Parameter input: as users name it: also `-` for stdin, and `file:` URLs. `nil` for what is no one file.
    public init?(input: String) {
        self.init(path: input == "-" ? "/dev/stdin" : input.hasPrefix("file:") ? String(input.dropFirst(5)) : input)
    }
}

/// An output that could not be created (73) or written (74), or that another run writes (75).
public struct OutputError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        case creation, writing, busy
    }

    public let path: String
    public let message: String
    public let kind: Kind

    public init(_ path: String, _ message: String, _ kind: Kind) {
        self.path = path
        self.message = message
        self.kind = kind
    }

    /// - Parameter whileCreating: as against writing.
    public init(_ path: String, _ message: String, whileCreating: Bool) {
        self.init(path, message, whileCreating ? .creation : .writing)
    }

    public var description: String { "\(path == "-" ? "standard output" : path): \(message)" }
}
