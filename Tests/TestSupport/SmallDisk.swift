import Foundation
public import Testing

/// A file system of a few pages, which only root can mount.
///
/// Suites that need it carry `.enabled(if: SmallDisk.available, SmallDisk.skipMessage)`.
public final class SmallDisk: Sendable {
    public static let available = (try? SmallDisk(bytes: 1 << 16)) != nil
    public static let skipMessage: Comment = "mounting a small disk takes root"

    private let folder: TemporaryFolder
    public var path: String { folder.path }

    public struct Failure: Error {}

    public init(bytes: Int) throws {
        let folder = try TemporaryFolder()
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(bytes)") == 0 else { throw Failure() }
        self.folder = folder
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Bytes.
    public var free: Int {
        var information = statvfs()
        statvfs(path, &information)
        return Int(information.f_bavail) * Int(information.f_bsize)
    }

    /// Takes all room that is left.
    public func fill() throws {
        let descriptor = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
        guard descriptor >= 0 else { throw Failure() }
        defer { close(descriptor) }
        let page = [UInt8](repeating: 1, count: 4096)
        while write(descriptor, page, page.count) > 0 {}
        guard errno == ENOSPC else { throw Failure() }
    }

    /// Gives it back.
    public func empty() throws {
        guard unlink(path + "/filler") == 0 else { throw Failure() }
    }
}
