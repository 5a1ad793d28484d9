import Darknet
import DataSets
import Detection
import Foundation
import Neural
import Pipeline
import Streams
import Training

/// One `lookout train`: its files read and checked against each other, and what becomes of them.
struct TrainJob {
    private let command: TrainCommand
    private let setup: TrainingSetup
    private let start: TrainingStart
    private let files: TrainingFiles
    private let validator: Validator?
    private let names: [String]
    private let tree: WordTree?
    private let namesFile: String?

    init(_ command: TrainCommand) throws {
        self.command = command
        let data = command.data.hasSuffix(".data") ? try DataFile(contentsOf: command.data) : DataFile()
        let inputs = try TrainInputs(command, data)
        let config = inputs.config
        for warning in config.warnings { Diagnostics.warning("\(warning)") }
        if !data.unusedKeys.isEmpty {
            Diagnostics.warning("\(command.data): not used here: \(data.unusedKeys.joined(separator: ", "))")
        }
        let dataSet = try inputs.dataSet(.train)
        names = dataSet.names
        tree = inputs.tree
        namesFile = inputs.namesFile
        files = TrainingFiles(folder: command.output ?? data.backup ?? "backup", name: config.name)
        start = try Self.start(command, config, files)
        let seed = start.seed ?? command.seed ?? 1
        if let own = start.seed, let given = command.seed, own != given {
            throw UsageError("--seed is \(given), but what is resumed has \(own); leave it out")
        }
        var setup = TrainingSetup(
            config: config, dataSet: dataSet,
            loss: try .loss(
                for: config, tree: inputs.tree, map: inputs.map?.values,
                options: command.articlesLoss ? .articles : command.profile.lossOptions),
            augmentation: inputs.augmentation, sizes: inputs.sizes(seed: seed))
        setup.seed = seed
        setup.threads = command.threads ?? Processors.available
        setup.precision = try command.precision.precision
        setup.badPictures = command.badImages
        setup.order = command.order
        setup.burnsInPolyOnly = command.profile == .of2016
        setup.detectionShare = command.detectionShare
        setup.checkpointEvery = command.checkpointEvery
        if data.valid == nil && command.data.hasSuffix(".data") && command.showBatch == nil {
            Diagnostics.warning("\(command.data): has no valid list, so nothing tells the best weights from the last")
        }
        let valid =
            data.valid != nil && command.validateEvery != 0 && command.showBatch == nil
            ? try inputs.dataSet(.valid) : nil
        if valid != nil { setup.validateEvery = command.validateEvery ?? Self.fourEpochs(of: dataSet, config.net) }
        setup.settings = inputs.settings(setup)
        let judged = Set(valid?.samples.map(\.image) ?? []).intersection(dataSet.samples.map(\.image)).count
        if judged > 0 {
            Diagnostics.warning(
                "\(command.data): \(judged) pictures are in both train and valid: the figures will flatter the network")
        }
        validator = valid.map {
            Validator(
                $0.samples, files: inputs.files, config: config,
                resize: inputs.placement == .of2016 ? .stretch : .letterbox, threads: setup.threads,
                badPictures: command.badImages)
        }
        self.setup = setup
        // Found now, not when its turn comes.
        for size in setup.sizes.sizes { _ = try config.shapes(width: size.width, height: size.height) }
        try warn()
    }

    private static func fourEpochs(of dataSet: DataSet, _ net: NetOptions) -> Int {
        max(100, (4 * dataSet.samples.count / max(1, net.batch) + 50) / 100 * 100)
    }

    private static func start(
        _ command: TrainCommand, _ config: NetworkConfig, _ files: TrainingFiles
    ) throws -> TrainingStart {
        if command.resume { return try .resumed(files) }
        if command.showBatch == nil, !command.restart, FileManager.default.fileExists(atPath: files.state) {
            throw UsageError(
                "\(files.state) is the checkpoint of an earlier training: --resume goes on with it, --restart begins anew in "
                    + "its place, --output keeps both")
        }
        guard let weights = command.weights else { return .scratch }
        return .weights(try WeightsFile(startingFrom: weights, for: config), isCleared: command.clear)
    }

    private func warn() throws {
        let config = setup.config
        for warning in setup.dataSet.warnings { Diagnostics.warning("\(warning)") }
        let warnings = try TrainingChecks.warnings(
            config, largest: (setup.sizes.largest.width, setup.sizes.largest.height),
            images: setup.dataSet.samples.count, isFromScratch: start.isFromScratch)
        for warning in warnings { Diagnostics.warning("\(config.name): \(warning)") }
        if let layers = start.newLayers(of: config) { Diagnostics.note("lookout: \(layers)") }
        for difference in setup.differences(from: start) {
            Diagnostics.warning("not as before the interruption, so not the same results: \(difference)")
        }
    }

    // MARK: What is done

    func showBatch(_ path: String) throws {
        let file = try OutputFile(path)
        guard [".png", ".jpg", ".jpeg"].contains(where: path.lowercased().hasSuffix) else {
            throw UsageError("--show-batch \(path): name a .png or .jpg file")
        }
        try checkOutputs([file], inputs: [command.data, command.cfg])
        let batch = try setup.firstBatch(firstSample: 0)
        try BatchPicture.write(batch, names: names, labelNames: tree?.names, to: file.path)
        try printResult("\(file.path): \(min(batch.targets.count, BatchPicture.mostPictures)) pictures\n")
    }

    /// - Returns: whether the last iteration was reached.
    func train(stop: () -> Bool) throws -> Bool {
        let net = setup.config.net
        if net.maxBatches == 0 && setup.config.region != nil {
            throw TrainingError(
                .mismatch,
                "\(setup.config.file): max_batches is 0 or missing, so nothing is trained; give --max-batches")
        }
        if command.resume, net.maxBatches > 0, start.seen / net.batch > net.maxBatches {
            throw TrainingError(
                .mismatch,
                "the checkpoint is at iteration \(start.seen / net.batch) of batches of \(net.batch), and max_batches is "
                    + "\(net.maxBatches): nothing is left to train; give the batch it was trained with, or more max_batches"
            )
        }
        if net.maxBatches > 0 && start.seen / net.batch >= net.maxBatches && !command.resume {
            throw TrainingError(
                .mismatch,
                "the weights have seen \(start.seen) pictures, which is iteration \(start.seen / net.batch), and max_batches "
                    + "is \(net.maxBatches): nothing is left to train; --clear begins at 0")
        }
        try FileNames.createFolder(files.folder)
        let progress = TrainProgress(setup, isQuiet: command.quiet)
        let trainer = try Trainer(
            setup, start: start, files: files,
            validate: validator.map { validator in
                { weights, stop in try validator(weights, stop: stop, progress: progress.showValidation) }
            },
            report: progress.show)
        if command.restart {
            let removed = try files.removeEarlier(except: command.weights)
            if !removed.isEmpty && !command.quiet {
                Diagnostics.note(
                    "lookout: removed of the earlier training in \(files.folder): \(removed.joined(separator: ", "))")
            }
        }
        if !command.quiet { Diagnostics.note("lookout: \(summary(of: trainer))") }
        defer { progress.clear() }
        let isDone: Bool
        do {
            isDone = try trainer.run(stop: stop)
        } catch let error as BatchLoaderError {
            progress.clear()
            if command.badImages == .stop {
                Diagnostics.note("lookout: --bad-images skip leaves such pictures out and names them")
            }
            throw error
        }
        progress.clear()
        let report = TrainReport(trainer, isDone: isDone, cfg: command.cfg, names: namesFile)
        try printResult(command.json ? report.json() : report.text())
        return isDone
    }

    private func summary(of trainer: Trainer) -> String {
        let net = setup.config.net
        let place = trainer.iteration > 0 ? "going on from iteration \(trainer.iteration)" : "from the beginning"
        let (sizes, largest) = (setup.sizes.sizes, setup.sizes.largest)
        let input =
            sizes.count > 1
            ? "\(sizes.count) sizes up to \(largest.width)x\(largest.height)" : "\(largest.width)x\(largest.height)"
        let seen =
            !command.resume && trainer.iteration > 0
            ? " (so long has been learnt by the weights; --clear begins at 0)" : ""
        let end = net.maxBatches > 0 ? " of \(net.maxBatches)" : ""
        return
            "\(setup.config.name): \(place)\(end)\(seen), \(input), \(setup.dataSet.samples.count) pictures, batch \(net.batch) in "
            + "\(net.subdivisions) part\(net.subdivisions == 1 ? "" : "s"), \(setup.precision.rawValue), "
            + "\(setup.threads) thread\(setup.threads == 1 ? "" : "s"), \(trainer.byteCount >> 20) MiB; "
            + "files in \(files.folder)"
    }
}
