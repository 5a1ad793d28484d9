import Foundation

/// Folders of the file system. (Foundation tells why one cannot be made by numbers of its own.)
package enum SystemFolder {
    /// Makes a folder and those above it, where they are missing.
    ///
    /// - Parameter permissions: of what is made, whatever the umask; `nil`: as the umask has it.
    /// - Returns: why there is none now, in words; `nil`: there is one.
    package static func make(_ path: String, permissions: mode_t? = nil) -> String? {
        for end in path.indices.dropFirst() where path[end] == "/" {
            // One that cannot be made shows in the last.
            _ = makeOne(String(path[..<end]), permissions)
        }
        guard let code = makeOne(path, permissions) else { return nil }
        var information = stat()
        guard stat(path, &information) == 0 else { return String(cString: strerror(code)) }
        return information.st_mode & S_IFMT == S_IFDIR ? nil : "it is not a folder"
    }

    /// - Returns: `errno`, or `nil`.
    private static func makeOne(_ path: String, _ permissions: mode_t?) -> Int32? {
        guard mkdir(path, permissions ?? 0o777) == 0 else { return errno }
        guard let permissions, chmod(path, permissions) != 0 else { return nil }
        return errno
    }
}
