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

    /// A file can be rotated in one way.
    private static func checkEvents(_ streams: [(section: Section, settings: StreamSettings)]) {
        var first: [String: (name: String, events: EventFileSettings)] = [:]
        for (section, settings) in streams {
            guard let events = settings.events, events.path != "-" else { continue }
            let path = Paths.plain(events.path)
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
    }

    private static func checkVideos(_ streams: [(section: Section, settings: StreamSettings)]) {
        var first: [String: String] = [:]
        for (section, settings) in streams {
            let place: String
            switch settings.video?.target {
            case .segments(let path, _): place = Paths.plain(path)
            case .push(let url, _): place = url
            case nil: continue
            }
            if let other = first[place] {
                section.warn(
                    .video,
                    "video: \(other) and \(settings.name) have the same; put \(OutputReader.placeholder) into the name")
            } else {
                first[place] = settings.name
            }
        }
    }
}
