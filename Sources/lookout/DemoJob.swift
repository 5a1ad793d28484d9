import Darknet
import Detection
import Foundation
import Media
import Neural
import Streams
import Street

/// One `lookout demo`: the street made, looked at in each arithmetic, measured and judged.
struct DemoJob {
    private let command: DemoRun
    private let stop: StopSignal
    /// In each precision, fp32 first.
    private let networks: [(model: ModelOptions, network: LoadedNetwork)]
    private let events: OutputFile
    private let video: OutputFile
    private let reservations: [OutputReservation?]

    /// How long the network is measured alone.
    private static let seconds = 1.0

    /// Finds what is wrong with the network and the folder before anything is made.
    init(_ command: DemoRun, stop: StopSignal) throws {
        self.command = command
        self.stop = stop
        let precisions: [Precision] = Int8Kernel.best == nil ? [.fp32] : [.fp32, .int8]
        networks = try precisions.map { precision in
            let model = try command.model.options(precision)
            return (model, try DemoModel.load(model))
        }
        if command.output != "." { try FileNames.createFolder(command.output) }
        let path = { command.output == "." ? $0 : FileNames.path(command.output, $0) }
        events = try OutputFile(path("\(DemoModel.name).jsonl"))
        video = try OutputFile(path("\(DemoModel.name).mp4"))
        try checkOutputs([events, video], inputs: networks.flatMap { $0.model.fileNames })
        reservations = try [events, video].map { try $0.reserve() }
    }

    /// - Throws: `MediaError`, `.interrupted` when it was told to stop.
    func run() throws -> DemoReport {
        let folder = NSTemporaryDirectory() + "\(DemoModel.name)-" + UUID().uuidString
        try FileNames.createFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let street = FileNames.path(folder, "street.mp4")
        var truth: [[StreetObject]] = []
        try ProgressLine.following("rendering", of: command.scene.frames, quiet: command.quiet) { progress in
            try StreetRecording.write(
                command.scene.street, frames: command.scene.frames, to: street, isStopped: { stop.isRequested }
            ) { index, objects in
                truth.append(objects)
                progress(index + 1)
            }
        }
        try checkStop()
        var report = DemoReport(
            scene: command.scene, network: networks[0].network.config.name,
            isUsualModel: command.model.isUsual, threads: networks[0].model.threadCount,
            events: events.path, video: video.path)
        for (model, network) in networks {
            let precision = model.precision
            let isShown = precision == .fp32
            let events = isShown ? events : try OutputFile(FileNames.path(folder, "\(precision).jsonl"))
            let video = isShown ? video : try OutputFile(FileNames.path(folder, "\(precision).mp4"))
            let summary = try look(street, model, network, events: events, video: video)
            var score = DemoScore()
            let (problems, example) = DemoCheck.problems(
                ofLog: events.path, summary, frames: truth.count, street: command.scene.street
            ) { frame in
                guard truth.indices.contains(frame.frame) else { return }
                score.add(frame.detections, truth: truth[frame.frame])
            }
            report.problems += problems
            if isShown {
                report.example = example
                report.problems += DemoCheck.problems(ofVideo: video.path, frames: truth.count)
            } else {
                unlink(video.path)
            }
            report.looks[precision] = DemoReport.Look(
                score: score, framesPerSecond: summary.framesPerSecond,
                milliseconds: try measure(network, model))
            try checkStop()
        }
        report.problems += DemoCheck.problems(of: report)
        return report
    }

    /// What `lookout process` does to a recording.
    private func look(
        _ input: String, _ model: ModelOptions, _ network: LoadedNetwork, events: OutputFile, video: OutputFile
    ) throws -> RecordingSummary {
        var options = Recording.Options(stream: "street")
        options.sourceName = StreetAddress.text(command.scene.street)
        options.resize = model.resize
        var sinks = RecordingSinks(
            log: try EventLog(path: events.writingPath, name: events.path), video: video,
            warn: { Diagnostics.warning($0) })
        do {
            let summary = try ProgressLine.following(
                "looking, \(model.precision)", of: command.scene.frames, quiet: command.quiet
            ) { progress in
                sinks.progress = { done, _ in progress(done) }
                return try Recording(
                    input, options: options, detectors: model.recordingDetectors(network), sinks: sinks, stop: stop
                ).run()
            }
            try checkStop()
            try events.commit()
            return summary
        } catch {
            for left in [video.leftover(), events.leftover()].compactMap(\.self) where model.precision == .fp32 {
                Diagnostics.note("lookout: what there is until then is in \(left)")
            }
            throw error
        }
    }

    /// Milliseconds that the network takes for a picture, alone on all threads: the median, as `lookout bench` has it.
    private func measure(_ network: LoadedNetwork, _ model: ModelOptions) throws -> Double {
        let shape = model.inputSize.shape(of: network.config.net, aspect: 1)
        let session = try network.model.session(width: shape.width, height: shape.height, threads: model.threadCount)
        let times = try NetworkTiming(session).run(seconds: Self.seconds, stop: stop).sorted()
        return times[times.count / 2]
    }

    private func checkStop() throws {
        if stop.isRequested { throw MediaError(.interrupted, "demo", "stopped") }
    }
}
