import Foundation
import Media
import Street

/// What a source's address says of how it behaves.
public enum SourceKind: Hashable, Sendable {
    /// A file or pictures: plays at its own speed, and ends.
    case recording
    /// Over HTTP: a recording if it has a length, else like a camera.
    case web
    /// Standard input: comes as it comes, and ends.
    case standardInput
    /// A camera, a stream, a device, a FIFO, a made street: comes as it comes, and never ends by itself.
    case live

    /// - Parameter url: as `Demuxer` takes it.
    public init(_ url: String) {
        if StreetAddress.isOne(url) {
            self = .live
            return
        }
        switch InputCheck.scheme(of: url) {
        case "http", "https": self = .web
        case "file": self = .recording
        case .some: self = .live
        case nil:
            if url == "-" {
                self = .standardInput
            } else {
                self = Self.isSpecial(url) ? .live : .recording
            }
        }
    }

    /// - Parameter isFinite: the container tells how long it is.
    func hasEnd(isFinite: Bool) -> Bool {
        switch self {
        case .recording, .standardInput: true
        case .web: isFinite
        case .live: false
        }
    }

    /// Whether it must be slowed down to its own speed.
    func plays(isFinite: Bool) -> Bool { self == .recording || self == .web && isFinite }

    /// A device or a FIFO.
    private static func isSpecial(_ path: String) -> Bool {
        var information = stat()
        guard stat(path, &information) == 0 else { return path.hasPrefix("/dev/") }
        return [S_IFCHR, S_IFIFO, S_IFSOCK].contains(information.st_mode & S_IFMT)
    }
}
