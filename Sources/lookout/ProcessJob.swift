import Darknet
import Detection
import Foundation
import Media
import Streams

/// The recordings of one `lookout process`, one after the other.
struct ProcessJob {
    private let command: Process
    private let stop: StopSignal
    private let names: InputNames
    private let videos: [OutputFile?]
    private let detectors: DetectorPool
    private let eventFile: OutputFile?
    private let reservation: OutputReservation?
    private let log: EventLog?

    init(_ command: Process, stop: StopSignal) throws {
        self.command = command
        self.stop = stop
        names = try InputNames(command.inputs, video: command.video)
        videos = try names.videos.map { try $0.map { try OutputFile($0) } }
        let path = command.events ?? (command.json || command.video == "-" ? nil : "-")
        eventFile = try path.map { try OutputFile($0) }
        let videoOptions = VideoWriter.Options(codec: command.videoCodec, quality: command.videoQuality)
        for video in videos.compactMap(\.self) { try VideoWriter.check(container: video.path, options: videoOptions) }
        let network = try command.model.load()
        try checkOutputs(
            videos.compactMap(\.self) + [eventFile].compactMap(\.self),
            inputs: command.inputs + command.model.fileNames + [network.config.file])
        detectors = command.model.recordingDetectors(network)
        reservation = try eventFile?.reserve()
        log = try eventFile.map { try EventLog(path: $0.writingPath, name: $0.path) }
    }

    /// - Returns: the exit code: that of the first input that failed.
    func run() -> Int32 {
        var report = ProcessReport()
        for (index, input) in command.inputs.enumerated() where !stop.isRequested {
            do {
                let summary = try process(input, index: index)
                report.add(summary, input: input)
            } catch let error as MediaError where error.kind == .interrupted && stop.isRequested {
                break
            } catch {
                if let failure = error as? RecordingFailure { report.add(failure.summary, input: input) }
                report.fail(error, input: input)
                // The same full disk or closed pipe would end the next input too.
                if error.isOutputFailure { break }
            }
        }
        do {
            if !stop.isRequested && report.exitCode == 0 {
                try eventFile?.commit()
            } else if let left = eventFile?.leftover() {
                Diagnostics.note("lookout: what was logged until then is in \(left)")
            }
            if command.json { try printResult(report.json()) }
        } catch {
            report.fail(error, input: nil)
        }
        if !command.quiet && !command.json { Diagnostics.write(report.text()) }
        return report.exitCode
    }

    private func process(_ input: String, index: Int) throws -> RecordingSummary {
        var options = Recording.Options(stream: names.streams[index])
        options.source.frameRate = command.frameRate.map { Rational(Int32($0), 1) }
        options.source.wantsAudio = command.video != nil
        options.resize = command.model.resize
        options.startTime = command.startTime.flatMap(Process.date)
        let reservation = try videos[index]?.reserve()
        defer { withExtendedLifetime(reservation) {} }
        var sinks = RecordingSinks(log: log, video: videos[index], warn: { Diagnostics.warning($0) })
        sinks.videoOptions = VideoWriter.Options(codec: command.videoCodec, quality: command.videoQuality)
        let progress = command.quiet || !Diagnostics.isTerminal ? nil : ProgressLine(name: names.streams[index])
        if let progress { sinks.progress = { progress.update($0, of: $1) } }
        defer {
            progress?.clear()
            if let left = sinks.video?.leftover() { Diagnostics.note("lookout: the video until then is \(left)") }
        }
        return try Recording(input, options: options, detectors: detectors, sinks: sinks, stop: stop).run()
    }
}
