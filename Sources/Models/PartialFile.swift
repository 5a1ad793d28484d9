import Darknet
import Foundation
import NIOCore
import Pipeline

/// A file that is still being fetched: `NAME.partial`, with what it is a part of in `NAME.partial.origin`. It stays when
/// fetching ends early, for the next pull to go on from, and belongs to one process at a time.
///
/// `@unchecked Sendable`: used by one task, whose steps run on several threads, one after the other.
final class PartialFile: @unchecked Sendable {
    let path: String
    private let target: String
    private let descriptor: Int32
    private(set) var byteCount: Int

    private var origin: String { path + ".origin" }

    /// Opens or creates it, in a folder that is made where it is missing.
    ///
    /// - Throws: `.cannotCreate`; `.busy` where another process has it.
    init(for target: String) throws(ModelError) {
        self.target = target
        path = target + ".partial"
        try Self.createFolder((target as NSString).deletingLastPathComponent)
        (descriptor, byteCount) = try Self.open(path, target)
    }

    deinit { close(descriptor) }

    /// Lets other processes have it, while whoever filled it may still hold it for a moment.
    func release() { _ = flock(descriptor, LOCK_UN) }

    private static func createFolder(_ folder: String) throws(ModelError) {
        var status = stat()
        // The folder around it may be another user's than root's, who pulls.
        if lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, !isOurs(status) {
            throw ModelError(.cannotCreate, "\(folder): is another user's link; remove it, or set LOOKOUT_MODELS")
        }
        // Root pulls models, and the service, another user, reads them, whatever the umask.
        if let problem = SystemFolder.make(folder, permissions: 0o755) {
            throw ModelError(.cannotCreate, "\(folder): the folder cannot be made: \(problem)")
        }
    }

    /// This user's, or root's.
    private static func isOurs(_ status: stat) -> Bool { status.st_uid == geteuid() || status.st_uid == 0 }

    private static func open(_ path: String, _ target: String) throws(ModelError) -> (Int32, Int) {
        // Whoever had it may have finished between our opening and locking it: then it is not the partial file any more.
        for _ in 0..<10 {
            // No links: the folder may be another user's than root's, who pulls.
            let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
            guard descriptor >= 0 else {
                if errno == ELOOP { throw ModelError(.cannotCreate, "\(path): is a link; remove it") }
                throw ModelError(.cannotCreate, "\(path): cannot be created: \(String(cString: strerror(errno)))")
            }
            var (opened, named) = (stat(), stat())
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw ModelError(.busy, "\(target): another process is fetching it; wait for that, or stop it")
            }
            guard fstat(descriptor, &opened) == 0, opened.st_mode & S_IFMT == S_IFREG else {
                close(descriptor)
                throw ModelError(.cannotCreate, "\(path): is no regular file; remove it")
            }
            if lstat(path, &named) == 0, named.st_ino == opened.st_ino, named.st_dev == opened.st_dev {
                if opened.st_nlink == 1, isOurs(opened) {
                    fchmod(descriptor, 0o644)
                    return (descriptor, Int(opened.st_size))
                }
                // What is written to it would be written to another's file, too.
                unlink(path)
            }
            close(descriptor)
        }
        throw ModelError(.busy, "\(target): other processes are fetching it; wait for them, or stop them")
    }

    /// What the server called the version that the bytes are of; `nil`: not known, so that they are of no use.
    var validator: String? {
        // As careful as with the file itself: it is sent to the server.
        let descriptor = Glibc.open(origin, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1,
            Self.isOurs(status)
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = read(descriptor, &bytes, bytes.count)
        let line = bytes.prefix(max(count, 0))
        guard line.count > 1, line.last == UInt8(ascii: "\n"),
            line.dropLast().allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        return String(decoding: line.dropLast(), as: UTF8.self)
    }

    /// Whether another pull can go on from it.
    var isUseful: Bool { byteCount > 0 && validator != nil }

    /// For the end of an error.
    var kept: String { isUseful ? "; what has come is kept, and the same command goes on from there" : "" }

    /// Empties it, to hold the version of that name.
    func begin(validator: String?) throws(ModelError) {
        // The old name first: it must not stand for the new bytes.
        unlink(origin)
        guard ftruncate(descriptor, 0) == 0 else { throw failure(errno) }
        byteCount = 0
        guard let validator else { return }
        do {
            var file = try AtomicFile(origin)
            try file.write(Array((validator + "\n").utf8))
            try file.commit()
        } catch {
            throw ModelError(.cannotWrite, "\(error)")
        }
    }

    func append(_ buffer: ByteBuffer) throws(ModelError) {
        let code = buffer.withUnsafeReadableBytes { bytes -> Int32 in
            var rest = bytes
            while !rest.isEmpty {
                let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(byteCount))
                if count >= 0 {
                    byteCount += count
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
        guard code == 0 else { throw failure(code) }
    }

    /// The first bytes, at most `count`.
    func beginning(_ count: Int) throws(ModelError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = pread(descriptor, &bytes, count, 0)
        guard got >= 0 else { throw failure(errno) }
        return Array(bytes.prefix(got))
    }

    /// It is of no use.
    func discard() {
        unlink(origin)
        unlink(path)
    }

    /// Puts the complete file on the disk and gives it its name, in place of an earlier one.
    func commit() throws(ModelError) {
        guard fsync(descriptor) == 0 else { throw failure(errno) }
        guard rename(path, target) == 0 else {
            throw ModelError(
                .cannotCreate, "\(target): cannot be put in place of \(path): \(String(cString: strerror(errno)))")
        }
        unlink(origin)
        // The name, too, is to outlast a power cut; not every file system lets a folder be written out.
        let folder = Glibc.open((target as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    private func failure(_ code: Int32) -> ModelError {
        ModelError(
            .cannotWrite,
            "\(path): cannot be written: \(String(cString: strerror(code)))\(kept)")
    }
}
