import Foundation

/// How a full log makes room for the next.
struct LogRotation {
    /// Bytes that a log may have; 0: any number.
    var bytes: Int
    /// Old ones kept as `PATH.1` (the newest) to `PATH.N`.
    var kept: Int

    init(_ settings: EventFileSettings) {
        bytes = settings.rotateBytes
        kept = settings.rotatedFiles
    }

    func isDue(size: Int, adding count: Int) -> Bool { bytes > 0 && size > 0 && size + count > bytes }

    static func name(_ path: String, _ number: Int) -> String { "\(path).\(number)" }

    /// Renames `PATH.1` to `PATH.2` and so on, over `PATH.N`; then `path` to `PATH.1`.
    func setAside(_ path: String) throws(SystemError) {
        // Where a number is free, the older ones stay: a rotation that failed half way and is tried again loses none.
        let last = (1..<kept).first { access(Self.name(path, $0), F_OK) != 0 } ?? kept
        for number in (1..<last).reversed() { try rename(Self.name(path, number), Self.name(path, number + 1)) }
        try rename(path, Self.name(path, 1))
    }

    private func rename(_ old: String, _ new: String) throws(SystemError) {
        guard Glibc.rename(old, new) == 0 else { throw SystemError() }
    }
}
