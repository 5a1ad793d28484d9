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
    /// What validation left out, each told once.
    var toldSkipped: Set<String> = []
    private var watch = DivergenceWatch()
    private let isResumed: Bool
    /// Of the largest size.
    private var workingByteCount = 0
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
        try start.check(for: setup.config, files: files)
        counters = start.counters
        isResumed = start.seed != nil
        try files.removeLeftovers()
        let net = setup.config.net
        network = try TrainingNetwork(
            config: setup.config, weights: start.weights, batch: net.miniBatch, threads: setup.threads,
            precision: setup.precision, seed: setup.seed)
        size = (net.width, net.height)
        optimiser = ParameterOptimiser(net, network: network)
        learningRate = LearningRate(net, burnsInPolyOnly: setup.burnsInPolyOnly, seed: setup.seed)
        dataFingerprint = setup.dataFingerprint
        journal = try TrainingJournal(
            files, name: setup.config.name, iteration: counters.seen / net.batch, report: report)
        if case .state(let state) = start { try restore(state) }
        try tryLargestSize()
    }

    /// Finds out now whether there is memory for it, not in the middle of a night.
    private func tryLargestSize() throws {
        let largest = setup.sizes.largest
        do {
            try network.resize(width: largest.width, height: largest.height)
        } catch NeuralError.memory(let byteCount, let purpose) {
            throw TrainingError(
                .mismatch,
                "training at \(largest.width) x \(largest.height), the largest size, takes more memory than there is: "
                    + "\(byteCount) bytes for \(purpose); more --subdivisions or smaller --sizes take less")
        }
        workingByteCount = network.workingByteCount
        try network.resize(width: size.width, height: size.height)
    }

    /// Updates of the weights so far.
    public var iteration: Int { counters.seen / setup.config.net.batch }

    /// Of the parameters, their gradients and the optimiser, and of a pass at the largest size.
    public var byteCount: Int {
        workingByteCount + optimiser.byteCount
            + network.parameters.reduce(0) { $0 + 2 * $1.count * MemoryLayout<Float>.stride }
    }

    private var isDone: Bool { setup.config.net.maxBatches > 0 && iteration >= setup.config.net.maxBatches }

    /// Trains.
    ///
    /// - Parameter stop: asked after every iteration; then a checkpoint is written.
    /// - Returns: whether training came to its last iteration and was judged there; else it may be resumed.
    /// - Throws: `TrainingError` where it diverged, `BatchLoaderError` for a bad picture, `LossError` for a target that the
    ///   network cannot have: then a checkpoint of the last whole iteration is written; `DarknetError` where the last
    ///   weights cannot be written.
    public func run(stop: () -> Bool) throws -> Bool {
        do {
            return try train(stop: stop)
        } catch {
            let isDivergence = (error as? TrainingError)?.kind == .diverged
            if !isDivergence { journal.warn("\(error)", iteration: iteration) }
            journal.ended(iteration: iteration, isDivergence ? "diverged" : "failed")
            throw error
        }
    }

    private func train(stop: () -> Bool) throws -> Bool {
        let loader = try setup.makeLoader(firstSample: counters.seen)
        defer { loader.close() }
        let firstIteration = iteration
        journal.started(setup, counters: counters)
        // What a signal ended is made up for, or the best weights would be others than without it.
        if isResumed && isValidationDue { try validateNow(stop: stop) }
        while !isDone && !stop() {
            let begin = MonotonicTime.now
            let statistics: LossStatistics
            do {
                statistics = try forwardAndBackward(loader)
            } catch {
                if iteration > firstIteration, error is BatchLoaderError || error is LossError { saveOrWarn() }
                throw error
            }
            let rate = learningRate(iteration: iteration)
            optimiser.step(learningRate: rate, iteration: iteration)
            let loss = count(statistics, seconds: MonotonicTime.now - begin)
            if iteration.isMultiple(of: setup.recordEvery) || isDone || stop() { record(rate: rate) }
            if let problem = watch.problem(loss: loss, first: counters.firstLoss ?? loss) { throw divergence(problem) }
            noteSkipped(loader)
            if isValidationDue { try validateNow(stop: stop) }
            if TrainingFiles.isNumbered(iteration) {
                try checkFinite()
                saveNumbered()
            }
            if iteration.isMultiple(of: setup.checkpointEvery) && !isDone && !stop() {
                try checkFinite()
                saveOrWarn()
            }
        }
        try checkFinite()
        if isDone && setup.validateEvery > 0 { try validateNow(stop: stop) }
        try save()
        if isDone { try network.weightsFile(seen: counters.seen).write(to: files.final, for: setup.config) }
        let isJudged = validate == nil || setup.validateEvery == 0 || counters.validatedIteration == iteration
        journal.ended(iteration: iteration, isDone && isJudged ? "done" : "stopped")
        return isDone && isJudged
    }

    private var isValidationDue: Bool {
        setup.validateEvery > 0 && iteration > 0 && iteration.isMultiple(of: setup.validateEvery)
    }

    // MARK: An iteration

    /// A batch that cannot be had leaves the iteration undone: `seen` is then what it was before. (Of what a checkpoint
    /// holds, the running averages of normalisation alone have been moved by the iteration's earlier parts.)
    private func forwardAndBackward(_ loader: BatchLoader) throws -> LossStatistics {
        var sum = LossStatistics()
        let seen = counters.seen
        for _ in 0..<setup.config.net.subdivisions {
            let batch: TrainingBatch
            do {
                batch = try loader.next()
                for target in batch.targets { try setup.loss.check(target) }
            } catch {
                counters.seen = seen
                throw error
            }
            if batch.width != size.width || batch.height != size.height { try resize(to: batch) }
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

    /// - Returns: the loss a picture.
    private func count(_ statistics: LossStatistics, seconds: Double) -> Double {
        let loss = statistics.costPerPicture ?? .nan
        let average = counters.averageLoss.map { 0.9 * $0 + 0.1 * loss } ?? loss
        counters.averageLoss = average
        counters.firstLoss = counters.firstLoss ?? loss
        counters.seconds += seconds
        secondsPerIteration = secondsPerIteration.map { 0.9 * $0 + 0.1 * seconds } ?? seconds
        unrecorded += statistics
        return loss
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
