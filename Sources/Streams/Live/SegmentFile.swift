import CPlatform
import Foundation
import Media

/// The file of a segment while it is written by a `VideoWriter`. The only owner of its descriptor, which claims the
/// name and is not written to.
final class SegmentFile {
    let name: String
    let path: String
    private let descriptor: Int32
    private static let mostOfOneSecond = 1000

    /// Makes a new file, and its folders; never takes one that is there. Who watches is nobody else's business: neither
    /// is for all to read.
    init(_ names: SegmentNames, from time: Date) throws(MediaError) {
        do {
            try makeFolder(names.folder)
        } catch {
            throw MediaError(.cannotCreate, names.folder, "cannot be created: \(error)")
        }
        var number = 1
        while true {
            let name = names.name(SegmentNames.Key(time: time, number: number))
            let opened = open(names.path(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
            if opened >= 0 {
                (self.name, path, descriptor) = (name, names.path(name), opened)
                return
            }
            guard errno == EEXIST, number < Self.mostOfOneSecond else {
                throw MediaError(.cannotCreate, names.path(name), "cannot be created: \(systemMessage())")
            }
            number += 1
        }
    }

    deinit { close(descriptor) }

    /// Has the system write to the disk what it was given so far, without waiting for it: else a power cut would take the
    /// last half minute.
    ///
    /// - Throws: where the file was deleted meanwhile; what is written to it is lost.
    func sync() throws(MediaError) {
        var information = stat()
        if fstat(descriptor, &information) == 0, information.st_nlink == 0 {
            throw MediaError(.cannotWrite, path, "was deleted while it was written")
        }
        // A file system that cannot do it writes when it likes.
        _ = lk_start_writing_back(descriptor)
    }

    /// For one into which no picture came.
    func delete() { unlink(path) }
}
