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

    init(_ command: EvalCommand, _ dataSet: DataSet, network: LoadedNetwork?, stop: StopSignal) {
        self.command = command
        self.dataSet = dataSet
        self.network = network
        self.stop = stop
        // The data set's own words for the same classes.
        let own = network?.names.names ?? dataSet.names
        names = own.count == dataSet.names.count ? dataSet.names : own
    }

    func judgeDetector() throws {
        guard let network else { return }
        var runs: [EvalReport] = []
        for shape in shapes(of: network) where !stop.isRequested {
            let evaluator = try Evaluator(
                network, width: shape.width, height: shape.height, resize: command.model.resize,
                threads: command.model.threadCount, threshold: command.model.threshold ?? 0.005,
                nms: command.model.nms, nmsKind: command.model.nmsKind)
            let results = try withProgress("\(shape.width)x\(shape.height)") { progress in
                try evaluator.run(
                    on: dataSet.samples, onProblem: problem, stop: { stop.isRequested }, progress: progress)
            }
            if stop.isRequested { return }
            guard !results.isEmpty else { throw DetectionError("\(command.data): no picture could be decoded") }
            let report = EvalReport(
                summary: Metrics.summary(of: results, names: names), shape: shape,
                seconds: evaluator.networkSeconds)
            if let folder = command.output {
                let place = command.sizes == nil ? folder : FileNames.path(folder, report.size)
                try makeFolder(place).write(results, report, worst: command.worst)
            }
            runs.append(report)
        }
        guard !stop.isRequested else { return }
        if command.sizes != nil {
            let curve = SpeedAccuracy(runs: runs)
            if let folder = command.output { try makeFolder(folder).write(curve) }
            try printResult(command.json ? curve.json() : curve.text())
        } else if let report = runs.first {
            try printResult(command.json ? report.json() : report.text())
        }
    }

    /// Of another program's results; the pictures are decoded only for their sizes and to be drawn on.
    func judge(file: String) throws {
        var results = try withProgress("sizes") { progress in
            try PictureResult.empty(
                of: dataSet.samples, onProblem: problem, stop: { stop.isRequested }, progress: progress)
        }
        if stop.isRequested { return }
        try ResultFiles.read(
            coco: file, into: &results, categoryIDs: ResultFiles.categoryIDs(classCount: names.count))
        let report = EvalReport(summary: Metrics.summary(of: results, names: names))
        if let folder = command.output { try makeFolder(folder).write(results, report, worst: command.worst) }
        try printResult(command.json ? report.json() : report.text())
    }

    func judgeClassifier() throws {
        guard let network else { return }
        if command.output != nil || command.sizes != nil {
            throw UsageError("\(network.config.name) is a classifier: --output and --sizes are for detectors")
        }
        let shape = shapes(of: network)[0]
        let evaluator = try ClassifierEvaluator(
            network, width: shape.width, height: shape.height, threads: command.model.threadCount)
        let summary = try withProgress("\(shape.width)x\(shape.height)") { progress in
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
            path, names: names,
            inputs: dataSet.samples.map(\.image) + command.model.fileNames + command.network
                + [command.data, command.detections].compactMap(\.self))
    }
}
