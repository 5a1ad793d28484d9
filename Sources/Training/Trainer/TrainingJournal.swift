import Darknet
import DataSets
import Foundation

/// Keeps what happens: in the log, as curves, and for whoever watches. A disk that is full costs records, never the
/// training. One thread.
final class TrainingJournal {
    private let log: TrainingLog
    private let files: TrainingFiles
    private var curves: TrainingCurves
    private let report: (TrainingRecord) -> Void
    /// Told already: a full disk is not to fill the terminal.
    private var complaints: Set<String> = []
    /// Of the last record.
    private var iteration: Int
    private var nextPlot = ContinuousClock.now

    static let plotPause = Duration.seconds(10)

    /// - Parameter iteration: where the run begins; later records are of a run that was killed after its checkpoint.
    init(_ files: TrainingFiles, name: String, iteration: Int, report: @escaping (TrainingRecord) -> Void) throws {
        self.files = files
        self.iteration = iteration
        self.report = report
        curves = TrainingCurves(title: name)
        if iteration > 0 {
            for record in try TrainingLog.records(of: files.log, through: iteration) { curves.add(record) }
        }
        log = try TrainingLog(files.log)
    }

    func add(_ record: TrainingRecord) {
        iteration = record.iteration
        curves.add(record)
        report(record)
        attempt { try log.append(record) }
        // The last ones are drawn at the end.
        let now = ContinuousClock.now
        guard now >= nextPlot || record.type == .validation else { return }
        nextPlot = now + Self.plotPause
        attempt { try curves.write(to: files) }
    }

    func warn(_ message: String, iteration: Int) {
        var record = TrainingRecord(.warning, iteration: iteration)
        record.message = message
        add(record)
    }

    func started(_ setup: TrainingSetup, counters: TrainingCounters) {
        let net = setup.config.net
        var record = TrainingRecord(.start, iteration: counters.seen / net.batch)
        record.network = setup.config.name
        (record.width, record.height) = (net.width, net.height)
        (record.batch, record.subdivisions, record.maxBatches) = (net.batch, net.subdivisions, net.maxBatches)
        (record.images, record.seed, record.seen) = (setup.dataSet.samples.count, setup.seed, counters.seen)
        add(record)
    }

    func ended(iteration: Int, _ reason: String) {
        var record = TrainingRecord(.end, iteration: iteration)
        record.message = reason
        add(record)
        attempt { try curves.write(to: files) }
    }

    private func attempt(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            guard complaints.insert("\(error)").inserted else { return }
            var record = TrainingRecord(.warning, iteration: iteration)
            record.message = "\(error); training goes on"
            report(record)
        }
    }
}

extension TrainingRecord {
    /// Means over the pictures and truths.
    mutating func take(_ statistics: LossStatistics) {
        guard statistics.pictures > 0 else { return }
        let pictures = Double(statistics.pictures)
        loss = statistics.costPerPicture
        objective = statistics.objective / pictures
        if statistics.predictors > 0 {
            box = statistics.box / pictures
            objectness = statistics.objectness / pictures
            noObjectness = statistics.noObjectness / pictures
            classes = statistics.classes / pictures
            iou = statistics.averageIOU
            recall = statistics.recall
        } else {
            top1 = Double(statistics.top1) / pictures
        }
    }
}
