import Charts
import Darknet
import DataSets
import Detection
import Evaluation
import Foundation
import Streams

/// One `lookout eval`, after its files are read.
struct EvalJob {
    private let command: EvalCommand
    private let dataSet: DataSet
    private let network: LoadedNetwork?
    private let stop: StopSignal
    /// Of the classes that are judged.
    private let names: [String]
    private let numbers: COCONumbers

    init(_ command: EvalCommand, _ dataSet: DataSet, network: LoadedNetwork?, stop: StopSignal) {
        self.command = command
        self.dataSet = dataSet
        self.network = network
        self.stop = stop
        // The data set's own words for the same classes.
        let own = network?.names.names ?? dataSet.names
        names = own.count == dataSet.names.count ? dataSet.names : own
        numbers = COCONumbers(dataSet, names: names)
    }

    func judgeDetector() throws {
        guard let network else { return }
        let shapes = shapes(of: network)
        // Made before anything is judged: one that cannot be is told now, not hours later.
        let folder = try command.output.map(makeFolder)
        let folders = try shapes.map { shape in
            try command.sizes == nil ? folder : command.output.map { try makeFolder(FileNames.path($0, shape.text)) }
        }
        if command.output != nil { tellNumbers() }
        var runs: [EvalReport] = []
        var failure: (any Error)?
        do {
            for (shape, folder) in zip(shapes, folders) where !stop.isRequested {
                guard let (report, results) = try judge(network, shape) else { return }
                runs.append(report)
                try folder?.write(results, report, worst: command.worst)
            }
        } catch {
            failure = error
        }
        guard !stop.isRequested else { return }
        // What was judged is told even where its files could not be written.
        if command.sizes != nil, !runs.isEmpty {
            let curve = SpeedAccuracy(runs: runs)
            try printResult(command.json ? curve.json() : curve.text())
            if failure == nil { try folder?.write(curve) }
        } else if let report = runs.first {
            try printResult(command.json ? report.json() : report.text())
        }
        if let failure { throw failure }
    }

    /// At one size; `nil`: it was to stop.
    private func judge(
        _ network: LoadedNetwork, _ shape: InputShape
    ) throws -> (EvalReport, [PictureResult])? {
        let evaluator = try Evaluator(
            network, width: shape.width, height: shape.height, resize: command.model.resize,
            threads: command.model.threadCount, threshold: command.model.threshold ?? 0.005,
            nms: command.model.nms, nmsKind: command.model.nmsKind)
        let results = try withProgress(shape.text) { progress in
            try evaluator.run(
                on: dataSet.samples, onProblem: problem, stop: { stop.isRequested }, progress: progress)
        }
        if stop.isRequested { return nil }
        guard !results.isEmpty else { throw DetectionError("\(command.data): no picture could be decoded") }
        let report = EvalReport(
            summary: Metrics.summary(of: results, names: names), shape: shape, seconds: evaluator.networkSeconds)
        return (report, results)
    }

    /// Of another program's results; the pictures are decoded only for their sizes and to be drawn on.
    func judge(file: String) throws {
        let folder = try command.output.map(makeFolder)
        var results = try withProgress("sizes") { progress in
            try PictureResult.empty(
                of: dataSet.samples, onProblem: problem, stop: { stop.isRequested }, progress: progress)
        }
        if stop.isRequested { return }
        tellNumbers()
        try ResultFiles.read(coco: file, into: &results, numbers: numbers)
        let report = EvalReport(summary: Metrics.summary(of: results, names: names))
        try printResult(command.json ? report.json() : report.text())
        try folder?.write(results, report, worst: command.worst)
    }

    private func tellNumbers() {
        guard numbers.arePicturesCounted else { return }
        Diagnostics.warning(
            "\(command.data): not every picture has a number of its own, given or in its name, so image_id counts them: 1 is "
                + dataSet.samples[0].image + (command.output == nil ? "" : "; coco_images.json lists all"))
    }

    func judgeClassifier() throws {
        guard let network else { return }
        if command.output != nil || command.sizes != nil {
            throw UsageError("\(network.config.name) is a classifier: --output and --sizes are for detectors")
        }
        let shape = shapes(of: network)[0]
        let evaluator = try ClassifierEvaluator(
            network, width: shape.width, height: shape.height, threads: command.model.threadCount)
        let summary = try withProgress(shape.text) { progress in
            try evaluator.run(
                on: dataSet.samples, onProblem: problem, stop: { stop.isRequested }, progress: progress)
        }
        if stop.isRequested { return }
        let report = ClassifierReport(summary: summary)
        try printResult(command.json ? report.json() : report.text())
    }

    private func shapes(of network: LoadedNetwork) -> [InputShape] {
        command.sizes?.shapes ?? [command.model.inputSize.shape(of: network.config.net, aspect: 1)]
    }

    private func problem(_ error: any Error) throws {
        guard command.skipBad else { throw error }
        Diagnostics.warning("\(error); left out")
    }

    private func withProgress<Result>(_ name: String, _ body: ((Int) -> Void) throws -> Result) rethrows -> Result {
        guard Diagnostics.isTerminal else { return try body { _ in } }
        let line = ProgressLine(name: name)
        defer { line.clear() }
        return try body { line.update($0, of: dataSet.samples.count) }
    }

    private func makeFolder(_ path: String) throws -> EvalFolder {
        try EvalFolder(
            path, names: names, numbers: numbers,
            inputs: dataSet.samples.map(\.image) + command.model.fileNames + command.network
                + [command.data, command.detections].compactMap(\.self))
    }
}

extension InputShape {
    fileprivate var text: String { "\(width)x\(height)" }
}
