import Foundation
import Pipeline

/// The event logs of a service, one for each file: streams that name the same one share it. From any thread.
public final class EventFiles: Sendable {
    /// A log closes when the last stream lets go of it.
    private struct Entry {
        weak var file: EventFile?
    }

    private let notify: @Sendable (EventFileNotice) -> Void
    /// By where the path leads.
    private let entries = Locked<[String: Entry]>([:])

    /// - Parameter notify: told what the diagnostics should hold, on the thread whose call brought it about.
    public init(notify: @escaping @Sendable (EventFileNotice) -> Void) { self.notify = notify }

    /// The log of this path. Where it is open already, it rotates by these settings from now on.
    public func file(_ settings: EventFileSettings) -> EventFile {
        let place = settings.path == "-" ? "-" : resolvedPath(settings.path)
        return entries.withLock { entries in
            entries = entries.filter { $0.value.file != nil }
            if let file = entries[place]?.file {
                file.change(settings)
                return file
            }
            let file = EventFile(settings, notify: notify)
            entries[place] = Entry(file: file)
            return file
        }
    }

    /// For SIGHUP: a program that rotates logs has moved some.
    public func reopen() {
        for file in entries.withLock({ $0.values.compactMap(\.file) }) { file.reopen() }
    }
}

/// The one path of a file, without links and detours; of what is not there yet, where it will be.
public func resolvedPath(_ path: String) -> String {
    var present = path.split(separator: "/")
    var missing: [Substring] = []
    while true {
        if let real = realpath((path.hasPrefix("/") ? "/" : "./") + present.joined(separator: "/"), nil) {
            defer { free(real) }
            var parts = String(cString: real).split(separator: "/").map(String.init)
            // What is not there is no link: the way up from it leads to where it will be.
            for name in missing.reversed() where name != "." {
                if name == ".." { _ = parts.popLast() } else { parts.append(String(name)) }
            }
            return "/" + parts.joined(separator: "/")
        }
        guard let last = present.popLast() else { return path }
        missing.append(last)
    }
}
