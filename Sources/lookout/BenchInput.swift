import Darknet
import Detection
import Foundation
import Media
import Pipeline
import Streams

/// A file to measure the stages of `lookout process` with: read, analysed, logged, drawn and coded as there, but what
/// comes of it is thrown away.
struct BenchInput {
    let input: String
    let resize: ResizeMode
    let detectors: DetectorPool

    /// - Throws: `UsageError` for a network that does not detect; what `VideoSource` throws for an input that is none.
    static func check(_ input: String, network: NetworkDescription) throws {
        guard network.decoder != nil else {
            throw UsageError(
                "\(network.config.name) is a classifier, which recordings are not for: leave \(redacted(input)) out")
        }
        if input != "-" { _ = try VideoSource(input) }
    }

    /// Goes through the file for so many seconds, again and again where it is shorter (but once through stdin).
    ///
    /// - Parameter stop: requested from outside, or by this when the time is over.
    func measure(seconds: Double, stop: StopSignal) throws -> BenchReport.Pipeline {
        // The name says the container, and the device takes what is written to it.
        let folder = NSTemporaryDirectory() + "lookout-bench-" + UUID().uuidString
        try FileNames.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let video = FileNames.path(folder, "video.mkv")
        guard symlink("/dev/null", video) == 0 else {
            throw OutputError(video, "cannot be created: \(String(cString: strerror(errno)))", whileCreating: true)
        }
        var sinks = RecordingSinks(
            log: try EventLog(path: "/dev/null", name: "the event log"), video: try OutputFile(video),
            warn: { Diagnostics.warning($0) })
        let end = MonotonicTime.now + seconds
        sinks.progress = { _, _ in if MonotonicTime.now >= end { stop.request() } }
        var options = Recording.Options(stream: FileNames.stem(ofInput: input))
        options.source.wantsAudio = true
        options.resize = resize
        var figures = BenchReport.Pipeline(input: redacted(input))
        while !stop.isRequested {
            figures.add(
                try Recording(input, options: options, detectors: detectors, sinks: sinks, stop: stop).run())
            if input == "-" { break }
            // The same once more.
            sinks.warn = { _ in }
        }
        return figures
    }
}
