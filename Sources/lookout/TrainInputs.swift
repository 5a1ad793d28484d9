import ArgumentParser
import Darknet
import DataSets
import Detection
import Foundation
import Neural
import Training

/// The network and the data as the command line has them: its options in place of the files' where both speak.
struct TrainInputs {
    let config: NetworkConfig
    /// To read the trained network's answers with.
    let files: NetworkFiles
    let tree: WordTree?
    let map: ClassMap?
    /// The data's, for commands that the user is told of.
    let namesFile: String?
    private let command: TrainCommand

    init(_ command: TrainCommand, _ data: DataFile) throws {
        self.command = command
        var config = try NetworkFiles(cfg: command.cfg).loadConfig()
        try Self.change(&config, command)
        self.config = config
        let located = { Path.found($0, beside: [command.data, config.file]) }
        let map = command.map ?? (data.map ?? config.region?.mapFile).map(located)
        files = NetworkFiles(cfg: command.cfg, tree: command.tree ?? data.tree.map(located), map: map)
        tree = try files.describe().tree
        self.map = try map.map { try ClassMap(contentsOf: $0) }
        namesFile = data.names.map(located)
    }

    private static func change(_ config: inout NetworkConfig, _ command: TrainCommand) throws {
        if let batch = command.batch { config.net.batch = batch }
        if let subdivisions = command.subdivisions { config.net.subdivisions = subdivisions }
        if let maxBatches = command.maxBatches { config.net.maxBatches = maxBatches }
        if let rate = command.learningRate { config.net.learningRate = rate }
        if let size = command.size {
            guard case .fixed(let width, let height) = try InputSize(text: size) else {
                throw UsageError("--size \(size) is not one size, such as 416 or 416x256")
            }
            (config.net.width, config.net.height) = (width, height)
            _ = try config.shapes(width: width, height: height)
        }
        let isForDetectors =
            command.placement != nil || command.mosaic > 0 || command.copyPaste > 0 || command.zoom > 1
            || command.articlesLoss
        if config.region == nil && isForDetectors {
            throw UsageError(
                "--placement, --mosaic, --copy-paste, --zoom and --articles-loss are for detectors; \(config.name) is a "
                    + "classifier")
        }
    }

    var placement: TrainPlacement {
        // Classifiers have a placement of their own.
        config.region == nil ? .head : command.placement ?? command.profile.placement
    }

    func dataSet(_ part: DataSet.Part) throws -> DataSet {
        try DataSet(
            command.data, part: part, task: config.region == nil ? .classification : .detection,
            classes: config.classCount, map: map, tree: tree,
            outlines: part == .train && command.copyPaste > 0)
    }

    var augmentation: Augmentation {
        if command.noAugment { return .none(net: config.net, region: config.region) }
        var augmentation = Augmentation(net: config.net, region: config.region)
        if placement == .of2016 { augmentation.placement = .crop }
        augmentation.mosaic = command.mosaic
        augmentation.copyPaste = command.copyPaste
        augmentation.zoom = command.zoom
        return augmentation
    }

    func sizes(seed: UInt64) -> SizeSchedule {
        guard let sizes = command.sizes else {
            // A size that was asked for is meant, whatever `random` in the cfg says.
            return command.size == nil
                ? SizeSchedule(config.net, region: config.region, seed: seed)
                : .fixed(width: config.net.width, height: config.net.height)
        }
        return SizeSchedule(
            sizes: sizes.shapes.map { SizeSchedule.Size(width: $0.width, height: $0.height) },
            maxBatches: config.net.maxBatches, seed: seed)
    }

    /// What changes the results besides cfg, data and seed, as the user would write it.
    func settings(_ setup: TrainingSetup) -> [String: String] {
        [
            "--precision": setup.precision.rawValue, "--threads": "\(setup.threads)",
            "--placement": placement.rawValue, "--profile": command.profile.rawValue,
            "--no-augment": "\(command.noAugment)",
            "--mosaic": "\(command.mosaic)", "--copy-paste": "\(command.copyPaste)", "--zoom": "\(command.zoom)",
            "--order": command.order.rawValue,
            "--detection-share": command.detectionShare.map { "\($0)" } ?? "none",
            "--articles-loss": "\(command.articlesLoss)",
            "--sizes": setup.sizes.sizes.map { "\($0.width)x\($0.height)" }.joined(separator: ","),
            "--bad-images": command.badImages.rawValue,
        ]
    }
}

enum TrainPlacement: String, ExpressibleByArgument, CaseIterable {
    case head
    case of2016 = "2016"
}

/// Whose rules hold where Darknet's states and the paper differ.
enum TrainProfile: String, ExpressibleByArgument, CaseIterable {
    case paper, head
    case of2016 = "2016"

    var lossOptions: RegionLossOptions {
        var options = RegionLossOptions()
        switch self {
        case .paper: break
        case .head: options.labelObjectness = .head
        case .of2016: options = .of2016
        }
        return options
    }

    var placement: TrainPlacement { self == .of2016 ? .of2016 : .head }
}
