import ArgumentParser
import Darknet
import Detection
import Foundation
import Media
import Neural
import Pipeline
import Streams

/// `lookout bench`: what a network costs on this machine, and where the time goes.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure a network on this machine: time and GFLOP/s of each layer, and of each stage on a file.",
        discussion: """
            The network runs alone first, one batch after the other on all threads. With an input, the input then goes \
            through all that `lookout process` does to it, its log and annotated video to nowhere. Rates are compared \
            with what as many threads of this machine reach with nothing but multiply-adds.

              lookout bench
              lookout bench yard.mp4 --weights yolov2.weights --size auto
            """
    )

    @Argument(help: ArgumentHelp("A video or picture to measure all stages with.", valueName: "input"))
    var input: String?

    @Option(help: ArgumentHelp("Pictures computed together.", valueName: "n"))
    var batch = 1

    @Option(help: ArgumentHelp("How long to measure the network, and then the input.", valueName: "seconds"))
    var seconds = 4.0

    @Flag(help: "Prints one JSON object on stdout.")
    var json = false

    @OptionGroup(title: "Model options")
    var model: ModelOptions

    private static let defaultNetwork = "yolov2-tiny-voc"

    func validate() throws {
        if !Session.batchRange.contains(batch) {
            throw ValidationError("--batch is \(batch); it must be 1 to \(Session.batchRange.upperBound)")
        }
        if !(0.01...3600).contains(seconds) {
            throw ValidationError("--seconds is \(seconds); it must be 0.01 to 3600")
        }
        if model.inputSize.dependsOnSource && (input == nil || input == "-") {
            throw ValidationError("--size auto takes its height from a file; name one, or give WxH")
        }
    }

    func run() throws {
        let signals = SignalHandler()
        var files = try model.resolved().files
        if files.cfg == nil && files.weights == nil {
            files.cfg = BuiltInFile.path(Self.defaultNetwork + ".cfg")
            Diagnostics.note(
                "lookout: measuring \(Self.defaultNetwork); --model, --cfg or --weights names another network")
        }
        let config = try files.loadConfig()
        for warning in config.warnings { Diagnostics.warning("\(warning)") }
        // What is wrong with them shows before anything is measured.
        if let input { try BenchInput.check(input, network: files.describe()) }
        let shape = try shape(of: config)
        let shapes = try config.shapes(width: shape.width, height: shape.height)
        if files.weights == nil { Diagnostics.note("lookout: the weights are random, which take the same time") }
        let loaded = try makeModel(config, files)
        if let arithmetic = files.arithmetic { Diagnostics.note("lookout: computing in \(arithmetic)") }
        let session = try loaded.session(
            width: shape.width, height: shape.height, batch: batch, threads: model.threadCount)
        let (runs, layers) = try measure(session, stop: signals.stop)
        var report = BenchReport(
            machine: try .measured(threads: model.threadCount), network: config.name, width: shape.width,
            height: shape.height, batch: batch, threads: model.threadCount, precision: loaded.precision,
            hasRandomWeights: files.weights == nil, runs: runs,
            rows: layers.map {
                BenchReport.Row(layer: config.layers[$0.layer], output: shapes[$0.layer].output, time: $0)
            })
        report.pipeline = try input.map {
            let detectors = model.recordingDetectors(try files.load(around: loaded))
            return try BenchInput(input: $0, resize: model.resize, detectors: detectors)
                .measure(seconds: seconds, stop: signals.stop)
        }
        if signals.signalNumber != 0 { throw Stopped(exitCode: 128 + signals.signalNumber) }
        if report.isDisturbed {
            Diagnostics.warning(
                "runs differ widely: something else uses the cores, which several threads suffer most from")
        }
        try printResult(json ? report.json() : report.text())
    }

    /// Random weights are calibrated on the spot.
    private func makeModel(_ config: NetworkConfig, _ files: NetworkFiles) throws -> Model {
        if let weights = files.weights { return try files.loadModel(config, weights: weights) }
        let tree = try files.softmaxTree(of: config)
        let exact = try Model(config: config, weights: .random(for: config), softmaxTree: tree)
        guard files.precision == .int8, Int8Kernel.best != nil else { return exact }
        let calibrator = try Calibrator(
            exact, width: config.net.width, height: config.net.height, threads: model.threadCount)
        let image = NetworkTiming.pattern(calibrator.inputLayout)
        defer { image.deallocate() }
        try calibrator.add(image)
        return try Model(
            config: config, weights: .random(for: config), softmaxTree: tree, calibration: calibrator.ranges())
    }

    private func shape(of config: NetworkConfig) throws -> InputShape {
        let aspect = model.inputSize.dependsOnSource ? try input.map { try VideoSource($0).displayAspect } : nil
        return model.inputSize.shape(of: config.net, aspect: aspect ?? 1)
    }

    /// Milliseconds of run after run for half of the time; in the other half the layers are measured on the same images.
    private func measure(_ session: any NetworkSession, stop: StopSignal) throws -> (
        runs: [Double], layers: [LayerTime]
    ) {
        let timing = NetworkTiming(session, batch: batch)
        let times = try timing.run(seconds: seconds / 2, stop: stop)
        return (times, try stop.isRequested ? [] : session.profile(timing.images, runs: times.count))
    }
}
