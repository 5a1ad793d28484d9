import Detection
import Media
import Streams

/// Reads where a stream's records and its video go.
struct OutputReader {
    let stream: String
    let section: Section
    let paths: Paths
    let secrets: Secrets

    /// Replaced by the stream's name.
    static let placeholder = "{stream}"
    private static let containers = [".mkv", ".mp4"]
    private static let year = 366.0 * 86400

    // MARK: Records

    /// Records go to stdout unless the file says otherwise, as those of recordings do.
    func events() -> EventFileSettings? {
        let path = section.text(.events).flatMap { expanded(.events, $0) } ?? "-"
        var events = EventFileSettings(path: path == "-" ? path : paths.resolve(path))
        if let bytes = section.measured(.eventsRotate, .size, in: 0...1e15) {
            if bytes > 0 && bytes < 1000 {
                section.fail(
                    .eventsRotate, "events_rotate is \(bytes.plain) bytes; it must be 1kB at least, or 0 for never")
            }
            events.rotateBytes = Int(bytes)
        }
        events.rotatedFiles = section.integer(.eventsKeep, in: 1...1000) ?? events.rotatedFiles
        events.logsEmpty = section.flag(.logEmpty) ?? events.logsEmpty
        return section.isOff(.events) ? nil : events
    }

    // MARK: Video

    func video() -> VideoSettings? {
        let target = target()
        // Read with or without a video, so that mistakes are told.
        let quality = section.integer(.videoQuality, in: 0...63)
        let keep = section.isOff(.videoKeep) ? nil : section.measured(.videoKeep, .duration, in: 1...100 * Self.year)
        let limit = section.isOff(.videoLimit) ? nil : section.measured(.videoLimit, .size, in: 1e6...1e15)
        let seconds: Double? =
            section.isOff(.videoSegment)
            ? nil : section.measured(.videoSegment, .duration, in: 1...7 * 86400) ?? Self.segmentSeconds
        guard let target else { return nil }
        var video: VideoSettings
        if InputCheck.scheme(of: target) != nil {
            video = VideoSettings(target: .push(url: target, credentials: nil))
        } else {
            video = VideoSettings(target: .segments(path: paths.resolve(target), seconds: seconds))
            for key in [Key.videoUsername] + SecretReference.video.keys
            where section.has(key) && !section.inherited.contains(key) {
                section.fail(key, "\(key.rawValue): the video is a file, which has no user; it is for rtsp://")
            }
        }
        video.quality = quality ?? Self.quality
        video.keepSeconds = keep
        video.keepBytes = limit.map { Int($0) }
        return video
    }

    private static let segmentSeconds = 600.0
    private static let quality = 23

    /// A path or URL as written; `nil`: none.
    private func target() -> String? {
        guard !section.isOff(.video), let text = section.text(.video), let target = expanded(.video, text) else {
            return nil
        }
        if let scheme = InputCheck.scheme(of: target) {
            guard ["rtsp", "rtsps"].contains(scheme) else {
                section.fail(
                    .video, "video begins with \(quoted(scheme + "://")); expected rtsp://, FILE.mkv or FILE.mp4")
                return nil
            }
            let address = SourceAddress(target, paths: paths)
            if let problem = address.problem() {
                section.fail(.video, "video \(problem)")
                return nil
            }
            if address.hasPassword {
                section.warn(
                    .video,
                    "video holds a password; name it with \(SecretReference.video.names), and the user with video_username"
                )
            }
            return target
        }
        guard Self.containers.contains(where: target.hasSuffix), target.split(separator: "/").last?.count ?? 0 > 4
        else {
            // What may be an address with a password is not shown.
            section.fail(
                .video,
                "video\(target.contains("@") ? "" : " is \(quoted(text));") expected FILE.mkv, FILE.mp4, "
                    + "an address such as rtsp://127.0.0.1:8554/{stream}, or \"off\"")
            return nil
        }
        return target
    }

    /// With the stream's name in place; `nil` where it has other placeholders, which are noted.
    private func expanded(_ key: Key, _ text: String) -> String? {
        let result = text.replacing(Self.placeholder, with: stream)
        // A password may hold braces.
        if let open = result.firstIndex(of: "{"), result[open...].contains("}"), !text.contains("@") {
            section.fail(key, "\(key.rawValue) has a placeholder that is not known; expected \(Self.placeholder)")
            return nil
        }
        return result
    }

    // MARK: Places and secrets

    /// Checks that both can be written, and fills in the user and password of a push.
    func checkPlaces(_ settings: inout StreamSettings) {
        if let path = settings.events?.path, path != "-" { checkEvents(path, settings) }
        switch settings.video?.target {
        case .segments(let path, _):
            if let reason = Paths.whyUnwritable(path) { section.fail(.video, "video: \(written(.video)): \(reason)") }
        case .push(let url, _):
            let credentials = secrets.credentials(.videoUsername, .video, of: section)
            settings.video?.target = .push(url: url, credentials: credentials)
        case nil: break
        }
    }

    /// A path before the stream's name is put in, so that what is wrong with a default is told once.
    private func written(_ key: Key) -> String { paths.resolve(section.nodes[key]?.text ?? "") }

    /// Records must not be appended to what is read.
    private func checkEvents(_ path: String, _ settings: StreamSettings) {
        if let reason = Paths.whyUnwritable(path) {
            return section.fail(.events, "events: \(written(.events)): \(reason)")
        }
        let place = resolvedPath(path)
        if settings.events?.rotateBytes ?? 0 > 0, Paths.staysInPlace(place) {
            section.warn(
                .events,
                "events: \(path) cannot be rotated, since nothing can be created in \(Paths.folder(of: place)): it "
                    + "grows on; events_rotate = 0 says that something else rotates it")
        }
        let network = settings.analysis.network
        let inputs = [
            section.findings.file, settings.source.url, network.weights, network.cfg, network.names, network.tree,
            network.map, network.calibration,
        ].compactMap(\.self)
        guard let identity = FileIdentity(input: path), inputs.contains(where: { FileIdentity(input: $0) == identity })
        else { return }
        section.fail(.events, "events: \(path) is read from; records would spoil it")
    }
}
