import Streams

/// Checks what streams must not, or had better not, share.
enum SharedOutputs {
    static func check(_ streams: [(section: Section, settings: StreamSettings)]) {
        checkStdin(streams)
        checkEvents(streams)
        checkVideos(streams)
    }

    private static func checkStdin(_ streams: [(section: Section, settings: StreamSettings)]) {
        let readers = streams.filter { $0.settings.source.url == "-" }
        for other in readers.dropFirst() {
            other.section.fail(.url, "url: stdin is \(readers[0].settings.name)'s already; one stream can read it")
        }
    }

    /// A file can be rotated in one way, over none that another stream writes to.
    private static func checkEvents(_ streams: [(section: Section, settings: StreamSettings)]) {
        var first: [String: (name: String, events: EventFileSettings)] = [:]
        for (section, settings) in streams {
            guard let events = settings.events, events.path != "-" else { continue }
            let path = resolvedPath(events.path)
            guard let other = first[path] else {
                first[path] = (settings.name, events)
                continue
            }
            for (key, differs) in [
                (Key.eventsRotate, events.rotateBytes != other.events.rotateBytes),
                (.eventsKeep, events.rotatedFiles != other.events.rotatedFiles),
            ] where differs {
                section.fail(
                    section.has(key) ? key : .events,
                    "\(key.rawValue) of \(settings.name) is another than that of \(other.name), "
                        + "which writes to the same \(events.path)")
            }
        }
        for (section, settings) in streams {
            guard let events = settings.events, let base = rotatedBase(of: resolvedPath(events.path)),
                let other = first[base]
            else { continue }
            section.fail(
                .events,
                "events: the log of \(other.name) becomes \(events.path) when it is set aside; name another file")
        }
    }

    /// `PATH` of `PATH.N`.
    private static func rotatedBase(of path: String) -> String? {
        guard let dot = path.lastIndex(of: "."), Int(path[path.index(after: dot)...]) != nil else { return nil }
        return String(path[..<dot])
    }

    /// Of segments with the same names, each stream would delete the other's.
    private static func checkVideos(_ streams: [(section: Section, settings: StreamSettings)]) {
        var first: [String: String] = [:]
        for (section, settings) in streams {
            let (place, isFile): (String, Bool)
            switch settings.video?.target {
            // The name is that of no file: only its folder may be a link.
            case .segments(let path, _):
                let name = path.split(separator: "/").last ?? ""
                (place, isFile) = (resolvedPath(Paths.folder(of: path)) + "/" + name, true)
            case .push(let url, _): (place, isFile) = (url, false)
            case nil: continue
            }
            guard let other = first[place] else {
                first[place] = settings.name
                continue
            }
            let message =
                "video: \(other) and \(settings.name) have the same; put \(OutputReader.placeholder) into the name"
            if isFile { section.fail(.video, message) } else { section.warn(.video, message) }
        }
    }
}
