import Darknet
import DataSets
import Foundation
import Neural
import Pipeline

/// Trains a network to its last iteration, or until it is told to stop: batches in, weights, log and curves out.
///
/// One thread; the batches are made on threads of the loader's own.
public final class Trainer {
    public let setup: TrainingSetup
    public let files: TrainingFiles
    public internal(set) var counters: TrainingCounters

    let network: TrainingNetwork
    let optimiser: ParameterOptimiser
    private let learningRate: LearningRate
    let journal: TrainingJournal
    let validate: ((WeightsFile, _ stop: () -> Bool) throws -> Validation?)?
    let dataFingerprint: UInt64
    var validatedIteration: Int?
    private var size: (width: Int, height: Int)
    /// Of the last iterations, smoothed.
    private var secondsPerIteration: Double?
    /// Since the last record.
    private var unrecorded = LossStatistics()
    private var skippedCount = 0

    /// - Parameters:
    ///   - validate: judges weights; may take its time.
    ///   - report: is told every record that goes to the log.
    public init(
        _ setup: TrainingSetup, start: TrainingStart, files: TrainingFiles,
        validate: ((WeightsFile, _ stop: () -> Bool) throws -> Validation?)? = nil,
        report: @escaping (TrainingRecord) -> Void
    ) throws {
        self.setup = setup
        self.files = files
        self.validate = validate
        counters = start.counters
        try files.removeLeftovers()
        let net = setup.config.net
        network = try TrainingNetwork(
            config: setup.config, weights: start.weights, batch: net.miniBatch, threads: setup.threads,
            precision: setup.precision, seed: setup.seed)
        size = (net.width, net.height)
        optimiser = ParameterOptimiser(net, network: network) { setup.isTrained(layer: $0) }
        learningRate = LearningRate(net, seed: setup.seed)
        dataFingerprint = setup.dataFingerprint
        journal = try TrainingJournal(
            files, name: setup.config.name, iteration: counters.seen / net.batch, report: report)
        if case .state(let state) = start { try restore(state) }
    }

    /// Updates of the weights so far.
    public var iteration: Int { counters.seen / setup.config.net.batch }

    /// Of the parameters, their gradients and the optimiser, and of a pass at the present size.
    public var byteCount: Int {
        network.workingByteCount + optimiser.byteCount
            + network.parameters.reduce(0) { $0 + 2 * $1.count * MemoryLayout<Float>.stride }
    }

    private var isDone: Bool { setup.config.net.maxBatches > 0 && iteration >= setup.config.net.maxBatches }

    /// Trains.
    ///
    /// - Parameter stop: asked after every iteration; then a checkpoint is written.
    /// - Returns: whether training came to its last iteration.
    /// - Throws: `TrainingError` where it diverged, `BatchLoaderError` for a bad picture, `LossError` for a target that the
    ///   network cannot have; `DarknetError` where the last weights cannot be written.
    public func run(stop: () -> Bool) throws -> Bool {
        let loader = try setup.makeLoader(firstSample: counters.seen)
        defer { loader.close() }
        journal.started(setup, counters: counters)
        while !isDone && !stop() {
            let begin = MonotonicTime.now
            let statistics = try forwardAndBackward(loader)
            let rate = learningRate(iteration: iteration)
            optimiser.step(learningRate: rate, iteration: iteration)
            count(statistics, seconds: MonotonicTime.now - begin)
            if iteration.isMultiple(of: setup.recordEvery) || isDone || stop() { record(rate: rate) }
            if let problem = DivergenceWatch.problem(counters) { throw divergence(problem) }
            noteSkipped(loader)
            if setup.validateEvery > 0, iteration.isMultiple(of: setup.validateEvery) { try validateNow(stop: stop) }
            if iteration.isMultiple(of: setup.checkpointEvery) && !isDone && !stop() {
                try checkFinite()
                saveOrWarn()
            }
        }
        try checkFinite()
        if isDone && setup.validateEvery > 0 { try validateNow(stop: stop) }
        try save()
        if isDone { try network.weightsFile(seen: counters.seen).write(to: files.final, for: setup.config) }
        journal.ended(iteration: iteration, isDone ? "done" : "stopped")
        return isDone
    }

    // MARK: An iteration

    private func forwardAndBackward(_ loader: BatchLoader) throws -> LossStatistics {
        var sum = LossStatistics()
        for _ in 0..<setup.config.net.subdivisions {
            let batch = try loader.next()
            if batch.width != size.width || batch.height != size.height { try resize(to: batch) }
            for target in batch.targets { try setup.loss.check(target) }
            _ = network.input.update(fromContentsOf: batch.images)
            network.sampleNumber = UInt64(batch.firstSample)
            counters.seen += batch.targets.count
            try network.forward()
            let statistics = setup.loss(
                output: network.output, shape: network.outputShape, targets: batch.targets, seen: batch.firstSample,
                gradient: network.outputGradient)
            guard statistics.isFinite else {
                throw divergence("the loss is \(statistics.cost.isNaN ? "NaN" : "infinite")")
            }
            sum += statistics
            try network.backward()
        }
        return sum
    }

    private func resize(to batch: TrainingBatch) throws {
        try network.resize(width: batch.width, height: batch.height)
        size = (batch.width, batch.height)
        var record = TrainingRecord(.size, iteration: iteration)
        (record.width, record.height) = size
        journal.add(record)
    }

    // MARK: What is told

    private func count(_ statistics: LossStatistics, seconds: Double) {
        let loss = statistics.costPerPicture ?? .nan
        let average = counters.averageLoss.map { 0.9 * $0 + 0.1 * loss } ?? loss
        counters.averageLoss = average
        counters.leastLoss = min(counters.leastLoss ?? average, average)
        counters.seconds += seconds
        secondsPerIteration = secondsPerIteration.map { 0.9 * $0 + 0.1 * seconds } ?? seconds
        unrecorded += statistics
    }

    private func record(rate: Float) {
        var record = TrainingRecord(.iteration, iteration: iteration)
        record.take(unrecorded)
        unrecorded = LossStatistics()
        record.averageLoss = counters.averageLoss
        record.learningRate = Double(rate)
        record.seen = counters.seen
        record.seconds = counters.seconds
        let net = setup.config.net
        if let seconds = secondsPerIteration, seconds > 0 {
            record.imagesPerSecond = Double(net.batch) / seconds
            if net.maxBatches > 0 { record.secondsLeft = Double(max(0, net.maxBatches - iteration)) * seconds }
        }
        journal.add(record)
    }

    private func noteSkipped(_ loader: BatchLoader) {
        let skipped = loader.skipped
        for picture in skipped.dropFirst(skippedCount) { journal.warn("skipped: \(picture)", iteration: iteration) }
        skippedCount = skipped.count
    }
}
