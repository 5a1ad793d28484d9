import CModels

/// The files that the program carries. Whatever takes a file's path takes `builtin:lookout-demo.weights`, too; what
/// takes a cfg's, also `builtin:yolov2.cfg`, though there is no such file, but only the network.
package enum BuiltInFile {
    private static let scheme = "builtin:"

    /// In the order of their names.
    package static let names = files.map { String(cString: $0.name) }.sorted()

    private static var files: UnsafeBufferPointer<lk_model_file> {
        var count = 0
        let files = lk_model_files(&count)
        return UnsafeBufferPointer(start: files, count: count)
    }

    package static func path(_ name: String) -> String { scheme + name }

    /// Whether a path is not one of the file system's.
    package static func isNamed(by path: String) -> Bool { path.hasPrefix(scheme) }

    /// `nil` for a path of the file system's.
    static func name(of path: String) -> String? { isNamed(by: path) ? String(path.dropFirst(scheme.count)) : nil }

    /// Every name that `cfg(of:)` knows.
    package static let cfgNames =
        NetworkConfig.builtInNames + names.filter { $0.hasSuffix(".cfg") }.map { String($0.dropLast(4)) }

    /// The path of a built-in network's cfg, or of a carried model's; `nil`: there is none of that name.
    package static func cfg(of name: String) -> String? {
        let path = Self.path(name + ".cfg")
        return exists(path) ? path : nil
    }

    /// `nil`: the path is not that of the cfg of one of `NetworkConfig.builtInNames`.
    static func network(of path: String) -> NetworkConfig? {
        guard let name = Self.name(of: path), name.hasSuffix(".cfg") else { return nil }
        return NetworkConfig.builtIn(String(name.dropLast(4)))
    }

    static func exists(_ path: String) -> Bool {
        network(of: path) != nil || name(of: path).map(names.contains) == true
    }

    /// - Throws: `.cannotRead` for a name that it has not.
    static func bytes(of path: String) throws(DarknetError) -> UnsafeRawBufferPointer {
        let name = path.dropFirst(scheme.count)
        guard let file = files.first(where: { String(cString: $0.name) == name }) else {
            throw DarknetError(
                .cannotRead, file: path,
                message: "there is no such built-in file; built in are \(names.joined(separator: ", "))"
                    + Spelling.hint(for: String(name), among: names))
        }
        let bytes = UnsafeRawBufferPointer(start: file.bytes, count: file.count)
        // Not asked for those that have none: the first question makes them all.
        return file.head > 0 ? wholes[String(name)] ?? bytes : bytes
    }

    /// Those whose numbers are carried in half precision, by name, in full. Never changed, and never let go.
    private nonisolated(unsafe) static let wholes = Dictionary(
        uniqueKeysWithValues: files.filter { $0.head > 0 }.map { (String(cString: $0.name), whole($0)) })

    private static func whole(_ file: lk_model_file) -> UnsafeRawBufferPointer {
        let numbers = (file.count - file.head) / 2
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: file.head + 4 * numbers)
        _ = bytes.initialize(from: UnsafeBufferPointer(start: file.bytes, count: file.head))
        lk_floats_from_halves(file.bytes + file.head, numbers, bytes.baseAddress! + file.head)
        return UnsafeRawBufferPointer(bytes)
    }

    /// What of the bytes is still to be read.
    final class Cursor {
        private(set) var rest: UnsafeRawBufferPointer

        init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

        /// `false`: there are not so many left.
        func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
            guard buffer.count <= rest.count else { return false }
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<buffer.count]))
            rest = UnsafeRawBufferPointer(rebasing: rest[buffer.count...])
            return true
        }
    }
}
