import Darknet
import DataSets
import Foundation
import TestSupport
import Testing

@testable import Training

@Suite struct TrainerTests {
    private let bench: TrainerBench

    init() throws { bench = try TrainerBench() }

    @Test func endsWithItsFilesAndRecords() throws {
        let config = try TrainerBench.config(net: "burn_in=4")
        let files = bench.files()
        let (isDone, counters, records) = try bench.train(try bench.setup(config), files: files)
        #expect(isDone)
        #expect(counters.seen == 32)
        let final = try WeightsFile(contentsOf: files.final, for: config)
        #expect(final.header.seen == 32)
        #expect(try bench.data(files.final) == bench.data(files.backup))
        let iterations = records.filter { $0.type == .iteration }
        #expect(iterations.map(\.iteration) == Array(1...8))
        #expect(iterations.map(\.seen) == (1...8).map { 4 * $0 })
        // The first update is that of iteration 1: burn-in 4, power 4.
        #expect(abs((iterations[0].learningRate ?? 0) - 0.002 / 256) < 1e-9)
        #expect(abs((iterations[4].learningRate ?? 0) - 0.002) < 1e-9)
        #expect(iterations[0].averageLoss == iterations[0].loss)
        let second = 0.9 * (iterations[0].averageLoss ?? 0) + 0.1 * (iterations[1].loss ?? 0)
        #expect(abs((iterations[1].averageLoss ?? 0) - second) < 1e-9)
        #expect(records.filter { $0.type == .checkpoint }.map(\.iteration) == [2, 4, 6, 8])
        #expect(records.first?.type == .start && records.last?.type == .end)
        #expect(try TrainingLog.records(of: files.log, through: 8) == records)
        #expect(try String(contentsOfFile: files.lossPlot, encoding: .utf8).contains("<svg"))
    }

    @Test func learnsItsPictures() throws {
        var config = try TrainerBench.config(net: "max_batches=60\nburn_in=5\nmomentum=.9")
        config.net.maxBatches = 60
        config.net.learningRate = 0.01
        var setup = try bench.setup(config)
        setup.augmentation = .none(net: config.net, region: config.region)
        let (_, _, records) = try bench.train(setup, files: bench.files())
        let losses = records.compactMap { $0.type == .iteration ? $0.objective : nil }
        let (first, last) = (losses.prefix(5).reduce(0, +), losses.suffix(5).reduce(0, +))
        #expect(last < first / 2, "\(first) \(last)")
    }

    static let networks = [
        "", "adam=1", "momentum=.5\ndecay=.01\nclip=2\npolicy=random", "subdivisions=4",
    ]

    /// The weights after eight iterations are the same to the bit, however often it was interrupted.
    @Test(arguments: networks) func aResumedTrainingIsTheSame(_ net: String) throws {
        let config = try TrainerBench.config(net: net, between: "[dropout]\nprobability=.3")
        let sizes = SizeSchedule(
            sizes: [.init(width: 64, height: 64), .init(width: 96, height: 64)], every: 2, seed: 5)
        let setup = try bench.setup(config, sizes: sizes)
        let (whole, parts) = (bench.files(), TrainingFiles(folder: bench.folder.path, name: "small"))
        let (_, counters, records) = try bench.train(setup, files: whole)
        #expect(records.contains { $0.type == .size })
        var start = TrainingStart.scratch
        for until in [3, 5] {
            #expect(try !bench.train(setup, start, files: parts, until: until).isDone)
            start = try .resumed(parts)
            #expect(start.seen == 4 * until)
        }
        let (isDone, resumed, _) = try bench.train(setup, start, files: parts)
        #expect(isDone)
        #expect(try bench.data(parts.final) == bench.data(whole.final))
        #expect(resumed.averageLoss == counters.averageLoss)
        let (one, other) = (try TrainingState(contentsOf: parts.state), try TrainingState(contentsOf: whole.state))
        #expect(one.optimiser == other.optimiser)
        #expect(one.optimiser.contains { $0.contains { $0 != 0 } })
        // What the log says is what happened, once.
        let log = try TrainingLog.records(of: parts.log, through: 8).filter { $0.type == .iteration }
        #expect(log.map(\.loss) == records.filter { $0.type == .iteration }.map(\.loss))
    }

    /// Killed in iteration 7, with a checkpoint of iteration 4: the log is ahead of it.
    @Test func theLogOfAKilledRunIsPassedOver() throws {
        let setup = try bench.setup(try TrainerBench.config())
        let (whole, parts) = (bench.files(), TrainingFiles(folder: bench.folder.path, name: "small"))
        try bench.train(setup, files: whole)
        try bench.train(setup, files: parts, until: 4)
        let checkpoint = try bench.data(parts.state)
        try bench.train(setup, try .resumed(parts), files: parts, until: 7)
        try checkpoint.write(to: URL(fileURLWithPath: parts.state))
        try bench.train(setup, try .resumed(parts), files: parts)
        #expect(try bench.data(parts.final) == bench.data(whole.final))
        let log = try TrainingLog.records(of: parts.log, through: 8).filter { $0.type == .iteration }
        #expect(log.map(\.iteration) == Array(1...8))
    }

    // MARK: What it starts from

    @Test func weightsBringWhatTheyHaveSeenUnlessCleared() throws {
        let config = try TrainerBench.config()
        let setup = try bench.setup(config)
        try bench.train(setup, files: bench.files(), until: 3)
        let weights = try WeightsFile(startingFrom: bench.files().backup, for: config)
        let there = TrainingFiles(folder: bench.folder.path, name: "small")
        let (_, _, records) = try bench.train(setup, .weights(weights, isCleared: false), files: there, until: 4)
        #expect(records.filter { $0.type == .iteration }.map(\.iteration) == [4])
        let cleared = try bench.train(setup, .weights(weights, isCleared: true), files: there, until: 1)
        #expect(cleared.counters.seen == 4)
    }

    /// Its numbers are taken, the head is random; the same seed gives the same.
    @Test func anotherNumberOfClassesStartsTheHeadAnew() throws {
        let config = try TrainerBench.config()
        try bench.train(try bench.setup(config), files: bench.files(), until: 2)
        let head = TrainerBench.detectorHead.replacing("filters=14", with: "filters=18").replacing(
            "classes=2", with: "classes=4")
        let other = try TrainerBench.config(net: "learning_rate=0", head: head)
        let weights = try WeightsFile(startingFrom: bench.files().backup, for: other)
        #expect(weights.extent == .partial)
        let start = TrainingStart.weights(weights, isCleared: true)
        #expect(start.newLayers(of: other)?.contains("layer 4 ") == true)
        let there = TrainingFiles(folder: bench.folder.path, name: "small")
        var setup = try bench.setup(other)
        setup.augmentation = .none(net: other.net, region: other.region)
        try bench.train(setup, start, files: there, until: 1)
        let trained = try WeightsFile(contentsOf: there.backup, for: other)
        let before = try WeightsFile(contentsOf: bench.files().backup, for: config)
        #expect(trained.layers[2]?.weights.count == before.layers[2]?.weights.count)
        #expect(trained.layers[4]?.biases.count == 18)
    }

    /// Layers up to the last `stopbackward` keep their numbers; their averages go on.
    @Test func frozenLayersStayAsTheyAre() throws {
        let config = try TrainerBench.config(between: "[maxpool]\nsize=1\nstride=1\nstopbackward=1")
        let initial = try WeightsFile.random(for: config)
        try bench.train(
            try bench.setup(config), .weights(initial, isCleared: true), files: bench.files(), until: 2)
        let trained = try WeightsFile(contentsOf: bench.files().backup, for: config)
        #expect(trained.layers[0]?.weights == initial.layers[0]?.weights)
        #expect(trained.layers[0]?.batchNorm?.scales == initial.layers[0]?.batchNorm?.scales)
        #expect(trained.layers[3]?.weights != initial.layers[3]?.weights)
    }

    @Test func aClassifierTrainsWithoutAnEnd() throws {
        var config = try TrainerBench.config(head: TrainerBench.classifierHead)
        config.net.maxBatches = 0
        let (isDone, counters, records) = try bench.train(
            try bench.classifierSetup(config), files: bench.files(), until: 12)
        #expect(!isDone && counters.seen == 48)
        let last = try #require(records.last { $0.type == .iteration })
        #expect(last.top1 != nil && last.secondsLeft == nil && last.box == nil)
    }

    // MARK: Validation

    @Test func theBestWeightsAreKept() throws {
        let config = try TrainerBench.config()
        var setup = try bench.setup(config)
        setup.validateEvery = 2
        let scores = [2: 10.0, 4: 30, 6: 20, 8: 5]
        let files = bench.files()
        let (_, counters, records) = try bench.train(
            setup, files: files,
            validate: { weights, _ in
                var validation = Validation()
                validation.ap50 = scores[Int(weights.header.seen) / 4]
                return validation
            })
        #expect(counters.best == 30 && counters.bestIteration == 4)
        #expect(try WeightsFile(contentsOf: files.best, for: config).header.seen == 16)
        let validations = records.filter { $0.type == .validation }
        #expect(validations.map(\.ap50) == [10, 30, 20, 5])
        #expect(validations.map(\.isBest) == [true, true, false, false])
        #expect(bench.exists(files.accuracyPlot))
    }

    @Test func aValidationThatFailsCostsNothingElse() throws {
        struct Failure: Error {}
        var setup = try bench.setup(try TrainerBench.config())
        setup.validateEvery = 3
        let (isDone, _, records) = try bench.train(setup, files: bench.files(), validate: { _, _ in throw Failure() })
        #expect(isDone)
        #expect(records.filter { $0.type == .warning }.map(\.iteration) == [3, 6, 8])
    }

    // MARK: What goes wrong

    @Test func divergenceStopsAndLeavesTheCheckpoint() throws {
        let config = try TrainerBench.config(net: "policy=steps\nsteps=3\nscales=1e30")
        let files = bench.files()
        let setup = try bench.setup(config)
        var kept = Data()
        let error = #expect(throws: TrainingError.self) {
            try bench.train(
                setup, files: files,
                report: { record in
                    if record.type == .checkpoint { kept = (try? bench.data(files.state)) ?? Data() }
                })
        }
        let message = try #require(error).description
        #expect(message.contains("iteration 4: ") || message.contains("iteration 3: "), "\(message)")
        #expect(message.contains("layer ") && message.contains("learning rate") && message.contains("--resume"))
        #expect(try bench.data(files.state) == kept)
        #expect(try TrainingStart.resumed(files).seen == 8)
        #expect(!bench.exists(files.final))
    }

    @Test(.enabled(if: SmallDisk.available, SmallDisk.skipMessage))
    func aFullDiskKeepsTheCheckpointBefore() throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        let files = TrainingFiles(folder: disk.path, name: "small")
        let config = try TrainerBench.config()
        var (before, during) = (Data(), Data())
        var failure: (any Error)?
        let (isDone, _, records) = try bench.train(
            try bench.setup(config), files: files,
            report: { record in
                do {
                    if record.type == .checkpoint, record.iteration == 2 {
                        before = try bench.data(files.state)
                        try disk.fill()
                    }
                    if record.type == .iteration, record.iteration == 5 {
                        during = try bench.data(files.state)
                        _ = try WeightsFile(contentsOf: files.backup, for: config)
                        try disk.empty()
                    }
                } catch {
                    failure = error
                }
            })
        #expect(failure == nil)
        #expect(isDone)
        #expect(!before.isEmpty && before == during)
        let warnings = records.compactMap { $0.type == .warning ? $0.message : nil }
        #expect(warnings.contains { $0.hasPrefix("no checkpoint: ") && $0.contains("No space left") })
        #expect(records.filter { $0.type == .checkpoint }.map(\.iteration) == [2, 6, 8])
        #expect(try TrainingState(contentsOf: files.state).header.counters.seen == 32)
        // What was half written is gone.
        #expect(try !FileManager.default.contentsOfDirectory(atPath: disk.path).contains { $0.hasSuffix(".tmp") })
    }

    @Test func aBadPictureIsNamedOrSkipped() throws {
        try bench.folder.write("no picture".utf8, to: "images/1.ppm")
        var setup = try bench.setup(try TrainerBench.config())
        let error = #expect(throws: BatchLoaderError.self) { try bench.train(setup, files: bench.files()) }
        #expect(error?.description.contains("images/1.ppm") == true)
        setup.badPictures = .skip
        let (isDone, _, records) = try bench.train(setup, files: bench.files())
        #expect(isDone)
        let warnings = records.compactMap { $0.type == .warning ? $0.message : nil }
        #expect(warnings.count == 1 && warnings[0].contains("images/1.ppm"), "\(warnings)")
    }

    @Test func twoDoNotWriteTheSameFiles() throws {
        let setup = try bench.setup(try TrainerBench.config())
        let trainer = try Trainer(setup, start: .scratch, files: bench.files()) { _ in }
        let error = #expect(throws: TrainingError.self) {
            _ = try Trainer(setup, start: .scratch, files: bench.files()) { _ in }
        }
        #expect(error?.description.contains("another training") == true)
        withExtendedLifetime(trainer) {}
    }

    @Test func anotherNetworksStateIsRefused() throws {
        try bench.train(try bench.setup(try TrainerBench.config()), files: bench.files(), until: 2)
        let frozen = try TrainerBench.config(between: "[maxpool]\nsize=1\nstride=1\nstopbackward=1")
        #expect(throws: (any Error).self) {
            try bench.train(try bench.setup(frozen), try .resumed(bench.files()), files: bench.files())
        }
        #expect(throws: TrainingError.self) { try TrainingStart.resumed(bench.files("nowhere")) }
    }

    @Test func whatChangedSinceIsTold() throws {
        let config = try TrainerBench.config()
        var setup = try bench.setup(config)
        setup.settings = ["--mosaic": "0"]
        try bench.train(setup, files: bench.files(), until: 2)
        let start = try TrainingStart.resumed(bench.files())
        #expect(setup.differences(from: start) == [])
        var changed = config
        changed.net.learningRate = 0.5
        var other = try bench.setup(changed)
        other.settings = ["--mosaic": "1"]
        other.dataSet.samples.removeLast()
        let differences = other.differences(from: start)
        #expect(differences.count == 3)
        #expect(differences[0].contains("learning_rate=0.002") && differences[0].contains("learning_rate=0.5"))
        #expect(differences[2] == "--mosaic was 0 and is 1")
        var outlined = setup
        outlined.dataSet.samples[0].outlines = [Outline(truth: 0, polygons: [[[0, 0], [1, 0], [1, 1]]])]
        #expect(outlined.differences(from: start).count == 1)
    }
}
