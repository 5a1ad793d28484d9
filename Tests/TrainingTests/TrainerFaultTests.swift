import Darknet
import DataSets
import Foundation
import Neural
import TestSupport
import Testing

@testable import Training

/// What goes wrong in a training, or was changed between two runs of it.
@Suite struct TrainerFaultTests {
    private let bench: TrainerBench

    init() throws { bench = try TrainerBench() }

    // MARK: Another network

    static let changes: [(String, String, String)] = [
        ("filters=8", "filters=12", "layer 0 "), ("filters=16", "filters=4", "layer 2 "),
        ("filters=14", "filters=14\nbatch_normalize=1", "layer 4 "),
        ("batch_normalize=1", "batch_normalize=0", "layer 0 "), ("channels=3", "channels=1", "layer 0 "),
    ]

    @Test(arguments: changes)
    func aChangedNetworkDoesNotResume(_ old: String, _ new: String, _ place: String) throws {
        let config = try TrainerBench.config()
        try bench.train(try bench.setup(config), files: bench.files(), until: 2)
        let text = config.text().replacing(old, with: new, maxReplacements: 1)
        let changed = try NetworkConfig(parsing: text, file: "small.cfg")
        #expect(changed != config)
        let error = #expect(throws: DarknetError.self) {
            try bench.train(try bench.setup(changed), try .resumed(bench.files()), files: bench.files())
        }
        #expect(error?.kind == .mismatch)
        let message = try #require(error).description
        #expect(
            message.contains(place) && message.contains("small.state") && message.contains("--output"), "\(message)")
    }

    @Test func layersThatAreGoneAreNoticed() throws {
        let config = try TrainerBench.config(between: "[convolutional]\nfilters=8\nactivation=leaky\nsize=1\nstride=1")
        try bench.train(try bench.setup(config), files: bench.files(), until: 2)
        let error = #expect(throws: DarknetError.self) {
            try bench.train(
                try bench.setup(try TrainerBench.config()), try .resumed(bench.files()), files: bench.files())
        }
        #expect(error?.kind == .mismatch)
    }

    @Test func weightsThatHaveSeenMoreThanThereIsAreRefused() throws {
        let config = try TrainerBench.config()
        var weights = try WeightsFile.random(for: config)
        for seen in [1 << 48, UInt64(Int64.max), .max] {
            weights.header.seen = seen
            let error = #expect(throws: TrainingError.self) {
                try bench.train(try bench.setup(config), .weights(weights, isCleared: false), files: bench.files())
            }
            #expect(error?.description.contains("--clear") == true)
        }
        let start = TrainingStart.weights(weights, isCleared: true)
        #expect(try bench.train(try bench.setup(config), start, files: bench.files(), until: 1).counters.seen == 4)
    }

    @Test func theDataFingerprintKnowsFlagsTreeAndMap() throws {
        let config = try TrainerBench.config()
        let setup = try bench.setup(config)
        var prints: Set<UInt64> = [setup.dataFingerprint]
        var other = setup
        guard case .objects(var truths) = other.dataSet.samples[0].content else {
            Issue.record("no boxes")
            return
        }
        truths[0].isDifficult = true
        other.dataSet.samples[0].content = .objects(truths)
        prints.insert(other.dataFingerprint)
        (truths[0].isDifficult, truths[0].isCrowd) = (false, true)
        other.dataSet.samples[0].content = .objects(truths)
        prints.insert(other.dataFingerprint)
        let trees = try ["a -1\nb -1\n", "a -1\nc -1\n", "a -1\nb 0\n"].map { try WordTree(parsing: $0, file: "t") }
        for (tree, map) in [(trees[0], [0, 1]), (trees[1], [0, 1]), (trees[2], [0, 1]), (trees[0], [1, 0])] {
            other = setup
            other.loss = try .loss(for: config, tree: tree, map: map)
            prints.insert(other.dataFingerprint)
        }
        #expect(prints.count == 7)
    }

    // MARK: Validation

    /// A folder stands where the best weights are to go.
    @Test func figuresAreKeptWhereTheBestWeightsCannotBe() throws {
        var setup = try bench.setup(try TrainerBench.config())
        setup.validateEvery = 4
        let files = bench.files()
        try FileManager.default.createDirectory(atPath: files.best + "/in", withIntermediateDirectories: true)
        let (isDone, counters, records) = try bench.train(
            setup, files: files,
            validate: { _, _ in
                var validation = Validation()
                validation.ap50 = 30
                return validation
            })
        #expect(isDone && counters.best == nil && counters.bestIteration == nil)
        let validations = records.filter { $0.type == .validation }
        #expect(validations.map(\.ap50) == [30, 30] && validations.allSatisfy { $0.isBest == false })
        let warnings = records.compactMap { $0.type == .warning ? $0.message : nil }
        #expect(warnings.count == 2 && warnings.allSatisfy { $0.hasPrefix("best weights not kept: ") }, "\(warnings)")
        #expect(bench.exists(files.accuracyPlot))
    }

    /// Judges by what the weights have seen; a stop ends it.
    private func judge(_ weights: WeightsFile, _ stop: () -> Bool) -> Validation? {
        if stop() { return nil }
        var validation = Validation()
        validation.ap50 = [16: 40, 32: 20][weights.header.seen]
        return validation
    }

    @Test func aValidationThatWasStoppedIsMadeUpFor() throws {
        var setup = try bench.setup(try TrainerBench.config())
        setup.validateEvery = 4
        let (whole, parts) = (bench.files(), TrainingFiles(folder: bench.folder.path, name: "small"))
        let (_, counters, _) = try bench.train(setup, files: whole, validate: judge)
        #expect(try !bench.train(setup, files: parts, until: 4, validate: judge).isDone)
        #expect(!bench.exists(parts.best))
        // The last one as well.
        let (isDone, _, records) = try bench.train(
            setup, try .resumed(parts), files: parts, until: 8, validate: judge)
        #expect(!isDone && records.last?.message == "stopped")
        let end = try bench.train(setup, try .resumed(parts), files: parts, validate: judge)
        #expect(end.isDone && end.records.filter { $0.type == .validation }.map(\.iteration) == [8])
        #expect(end.counters.best == counters.best && end.counters.bestIteration == 4)
        #expect(try bench.data(parts.best) == bench.data(whole.best))
        #expect(try bench.data(parts.final) == bench.data(whole.final))
        // What was judged is not judged again.
        let again = try bench.train(setup, try .resumed(parts), files: parts, validate: judge)
        #expect(again.isDone && !again.records.contains { $0.type == .validation })
    }

    @Test func leftOutPicturesAreToldOnce() throws {
        var setup = try bench.setup(try TrainerBench.config())
        setup.validateEvery = 2
        let (_, _, records) = try bench.train(
            setup, files: bench.files(),
            validate: { _, _ in
                var validation = Validation()
                (validation.ap50, validation.skipped) = (1, ["a.jpg: none"])
                return validation
            })
        #expect(records.filter { $0.type == .validation }.count == 4)
        #expect(records.filter { $0.message?.contains("a.jpg") == true }.count == 1)
    }

    // MARK: Errors on the way

    /// From the third iteration on no picture can be read.
    @Test(arguments: [1, 2]) func aBadPictureCostsNoIteration(_ subdivisions: Int) throws {
        var config = try TrainerBench.config()
        (config.net.maxBatches, config.net.subdivisions) = (40, subdivisions)
        var setup = try bench.setup(config)
        (setup.checkpointEvery, setup.cacheBytes) = (1000, 0)
        let (whole, parts) = (bench.files(), TrainingFiles(folder: bench.folder.path, name: "small"))
        try bench.train(setup, files: whole)
        let pictures = try (0..<6).map { try bench.data(bench.folder.file("images/\($0).ppm")) }
        var records: [TrainingRecord] = []
        #expect(throws: BatchLoaderError.self) {
            try bench.train(
                setup, files: parts,
                report: { record in
                    records.append(record)
                    guard record.type == .iteration, record.iteration == 3 else { return }
                    for index in 0..<6 { _ = try? bench.folder.write("none".utf8, to: "images/\(index).ppm") }
                })
        }
        let last = try #require(records.last { $0.type == .iteration }).iteration
        #expect(records.last?.type == .end && records.last?.message == "failed" && bench.exists(parts.lossPlot))
        #expect(records.contains { $0.type == .warning && $0.message?.contains(".ppm") == true })
        let start = try TrainingStart.resumed(parts)
        #expect(last >= 3 && start.seen == 4 * last)
        for (index, picture) in pictures.enumerated() { try bench.folder.write(picture, to: "images/\(index).ppm") }
        try bench.train(setup, start, files: parts)
        let (one, other) = (
            try WeightsFile(contentsOf: parts.final, for: config), try WeightsFile(contentsOf: whole.final, for: config)
        )
        #expect(one.layers[4] == other.layers[4])
        if subdivisions == 1 { #expect(one.layers == other.layers) }
    }

    @Test func divergenceEndsTheLogAndTheCurves() throws {
        let config = try TrainerBench.config(net: "policy=steps\nsteps=3\nscales=1e30")
        var records: [TrainingRecord] = []
        #expect(throws: TrainingError.self) {
            try bench.train(try bench.setup(config), files: bench.files(), report: { records.append($0) })
        }
        #expect(records.last?.type == .end && records.last?.message == "diverged")
        #expect(try TrainingLog.records(of: bench.files().log, through: 8).last?.message == "diverged")
        #expect(bench.exists(bench.files().lossPlot))
    }

    @Test func divergenceOfFiniteNumbersNamesTheLargest() throws {
        let trainer = try Trainer(try bench.setup(try TrainerBench.config()), start: .scratch, files: bench.files()) {
            _ in
        }
        try #require(trainer.network.parameters.first { $0.layer == 2 && $0.kind == .scales }).values[3] = -1e9
        let message = trainer.divergence("it grows").description
        #expect(message.contains("it grows, most likely in layer 2 [convolutional], whose scales are up to 1e+09"))
    }

    // MARK: Sizes and numbered weights

    @Test func theLargestSizeIsTriedAtTheBeginning() throws {
        let config = try TrainerBench.config()
        func byteCount(_ sizes: [Int]) throws -> Int {
            let schedule = SizeSchedule(sizes: sizes.map { .init(width: $0, height: 64) }, every: 1, seed: 1)
            var records: [TrainingRecord] = []
            let trainer = try Trainer(
                try bench.setup(config, sizes: schedule), start: .scratch, files: bench.files()
            ) { records.append($0) }
            #expect(records.isEmpty)
            return trainer.byteCount
        }
        let (small, large) = (try byteCount([64]), try byteCount([160]))
        #expect(small < large)
        #expect(try byteCount([64, 160, 96]) == large)
    }

    @Test func numberedWeightsComeWhateverTheCheckpoints() throws {
        var config = try TrainerBench.config()
        config.net.maxBatches = 205
        var setup = try bench.setup(config)
        setup.checkpointEvery = 70
        try bench.train(setup, files: bench.files())
        for iteration in [100, 200] {
            let file = bench.files().numbered(iteration)
            #expect(try WeightsFile(contentsOf: file, for: config).header.seen == UInt64(4 * iteration))
        }
    }

    @Test func anEarlierTrainingIsRemovedButForWhatIsWanted() throws {
        let files = bench.files()
        let names = ["small.state", "small.backup", "small_best.weights", "small_200.weights", "small_final.weights"]
        let others = ["small.train.jsonl", "small_7.weights", "smaller_100.weights", "small_mine.weights"]
        for name in names + others { try bench.folder.write([1], to: "out/\(name)") }
        #expect(try files.removeEarlier(except: files.folder + "/../out/small_final.weights") == Array(names[..<4]))
        let left = try FileManager.default.contentsOfDirectory(atPath: files.folder)
        #expect(left.sorted() == (others + ["small_final.weights"]).sorted())
    }
}
