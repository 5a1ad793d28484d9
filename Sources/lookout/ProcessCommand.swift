import ArgumentParser
import Detection
import Foundation
import Media
import Streams

/// `lookout process`: recordings in, detections and annotated videos out.
struct Process: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Analyse recordings: detections as JSON lines, and an annotated video.",
        discussion: """
            Without --events and --json the records go to stdout. An output has its own name only when it is whole: until \
            then, and when the run is stopped or fails, it is NAME.partial.EXTENSION.

              lookout process yard.mp4 --model yolov2-tiny > yard.jsonl
              lookout process *.mkv --weights yolov2.weights --video seen/ --json
            """
    )

    @Argument(
        help: ArgumentHelp(
            "Videos, pictures, stream URLs, numbered (img%04d.png) or quoted glob patterns of pictures; - is stdin.",
            valueName: "input"))
    var inputs: [String]

    @Option(help: ArgumentHelp("Writes the records to this file; - is stdout.", valueName: "file"))
    var events: String?

    @Option(
        help: ArgumentHelp(
            "Writes the annotated video: .mp4, .mkv, .mov, .webm, .avi, ...; with several inputs a folder.",
            valueName: "file|folder"))
    var video: String?

    @Option(help: ArgumentHelp("h264, hevc, vp9, mpeg4, mjpeg, or an encoder of libav's.", valueName: "codec"))
    var videoCodec: String?

    @Option(
        help: ArgumentHelp(
            "Constant quality on the codec's own scale, lower is better: h264 0-51 (23), mjpeg 1-31 (4).",
            valueName: "n"))
    var videoQuality: Int?

    @Option(help: ArgumentHelp("Capture time of the first frame, as 2026-11-20T20:24:35Z.", valueName: "time"))
    var startTime: String?

    @Option(help: ArgumentHelp("Frames a second of an image sequence. Default: 25.", valueName: "rate"))
    var frameRate: Int?

    @Flag(help: "Prints a summary as one JSON object on stdout.")
    var json = false

    @Flag(help: "No progress and no summary on stderr.")
    var quiet = false

    @OptionGroup(title: "Model options")
    var model: ModelOptions

    func validate() throws {
        if json && (events == "-" || video == "-") || events == "-" && video == "-" {
            throw ValidationError("stdout can carry only one of --json, --events - and --video -")
        }
        if video == nil && (videoCodec != nil || videoQuality != nil) {
            throw ValidationError("--video-codec and --video-quality are of the annotated video: name it with --video")
        }
        if let startTime, Self.date(startTime) == nil {
            throw ValidationError("--start-time \(startTime) is not a time such as 2026-11-20T20:24:35Z")
        }
        if let frameRate, !(1...1000).contains(frameRate) {
            throw ValidationError("--frame-rate is \(frameRate); it must be 1 to 1000")
        }
        if let videoQuality, !(0...63).contains(videoQuality) {
            throw ValidationError("--video-quality is \(videoQuality); it must be 0 to 63")
        }
    }

    func run() throws {
        let signals = SignalHandler()
        var command = self
        command.model = try model.resolved(orBuiltIn: true)
        let job = try ProcessJob(command, stop: signals.stop)
        let result = job.run()
        if signals.signalNumber != 0 { throw Stopped(exitCode: 128 + signals.signalNumber) }
        if result != 0 { throw Stopped(exitCode: result) }
    }

    static func date(_ text: String) -> Date? {
        let formatter = ISO8601DateFormatter()
        // It takes 30 February for 2 March.
        let clock = text.prefix(19) + "Z"
        guard let day = formatter.date(from: String(clock)), formatter.string(from: day) == clock else { return nil }
        if let date = formatter.date(from: text) { return date }
        formatter.formatOptions.insert(.withFractionalSeconds)
        return formatter.date(from: text)
    }
}
