import Foundation

/// Makes a folder and those above it where they are missing: for their owner and its group, as far as the umask allows.
func makeFolder(_ path: String) throws(SystemError) {
    var information = stat()
    if stat(path, &information) == 0 {
        guard information.st_mode & S_IFMT == S_IFDIR else { throw SystemError(ENOTDIR) }
        return
    }
    if mkdir(path, 0o750) == 0 { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
        try makeFolder(String(path[..<slash]))
        if mkdir(path, 0o750) == 0 { return }
    }
    // Somebody else made it meanwhile.
    guard errno == EEXIST else { throw SystemError() }
}
