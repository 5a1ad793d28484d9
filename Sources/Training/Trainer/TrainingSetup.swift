import Darknet
import DataSets
import Foundation
import Neural

/// All that decides what a training computes, but for what it starts from.
public struct TrainingSetup: Sendable {
    /// With the changes of the command line. `net.batch` is what an update takes: a multiple of the subdivisions.
    public let config: NetworkConfig
    public var dataSet: DataSet
    public var loss: Loss
    public var augmentation: Augmentation
    public var sizes: SizeSchedule
    public var seed: UInt64 = 1
    public var threads = 1
    public var precision = TrainingPrecision.fp32
    public var badPictures = BadPictureRule.stop
    public var order = DrawOrder.uniform
    /// As Darknet of 2016; see `LearningRate`.
    public var burnsInPolyOnly = false
    /// Of joint training; see `BatchLoader`.
    public var detectionShare: Double?
    /// Of decoded pictures that are kept for the next time.
    public var cacheBytes = 1 << 30
    /// Iterations between two checkpoints.
    public var checkpointEvery = 100
    /// Iterations between two validations; 0: none.
    public var validateEvery = 0
    /// Iterations that share a record of the log.
    public var recordEvery: Int { config.net.maxBatches > 20_000 ? 10 : 1 }
    /// What else changes the results, by name: for a resumed run to tell that it is not the same.
    public var settings: [String: String] = [:]

    public init(
        config: NetworkConfig, dataSet: DataSet, loss: Loss, augmentation: Augmentation,
        sizes: SizeSchedule
    ) {
        var config = config
        config.net.subdivisions = max(1, min(config.net.subdivisions, config.net.batch))
        config.net.batch = config.net.miniBatch * config.net.subdivisions
        self.config = config
        self.dataSet = dataSet
        self.loss = loss
        self.augmentation = augmentation
        self.sizes = sizes
    }

    /// - Parameter firstSample: of the data's order.
    func makeLoader(firstSample: Int) throws -> BatchLoader {
        try BatchLoader(
            dataSet, augmentation: augmentation, sizes: sizes, batch: config.net.miniBatch,
            subdivisions: config.net.subdivisions, seed: seed, firstSample: firstSample, threads: max(1, threads / 2),
            cacheBytes: cacheBytes, badPictures: badPictures, order: order, detectionShare: detectionShare)
    }

    /// What the network will be shown first.
    public func firstBatch(firstSample: Int = 0) throws -> TrainingBatch {
        let loader = try makeLoader(firstSample: firstSample)
        defer { loader.close() }
        return try loader.next()
    }

    /// Tells data sets apart by their images' names, truths and outlines, and by what the classes are in a tree.
    var dataFingerprint: UInt64 {
        var hash = Fingerprint()
        func add(_ text: String) { Array(text.utf8).withUnsafeBytes { hash.add($0) } }
        for sample in dataSet.samples {
            add(sample.image)
            switch sample.content {
            case .label(let label): add("label \(label)")
            case .objects(let truths):
                for truth in truths {
                    let box = truth.box
                    let flags = (truth.isDifficult ? 1.0 : 0) + (truth.isCrowd ? 2 : 0)
                    [Double(truth.classID), box.x, box.y, box.width, box.height, flags].withUnsafeBytes {
                        hash.add($0)
                    }
                }
            }
            for outline in sample.outlines {
                add("outline \(outline.truth)")
                for polygon in outline.polygons { polygon.withUnsafeBytes { hash.add($0) } }
            }
        }
        let (tree, map) = loss.hierarchy
        for (name, parent) in zip(tree?.names ?? [], tree?.parents ?? []) { add("node \(name) \(parent)") }
        for node in map ?? [] { add("map \(node)") }
        return hash.value
    }

    /// In what a run that is resumed was otherwise than this one; a line each.
    public func differences(from start: TrainingStart) -> [String] {
        guard case .state(let state) = start else { return [] }
        var differences: [String] = []
        let lines = { (text: String) in text.split(separator: "\n").map(String.init) }
        let (before, now) = (lines(state.header.cfg), lines(config.text()))
        let changes = now.difference(from: before)
        if !changes.isEmpty {
            let removed = changes.removals.map { $0.text }.joined(separator: ", ")
            let inserted = changes.insertions.map { $0.text }.joined(separator: ", ")
            differences.append("the cfg had [\(removed)] and has [\(inserted)]")
        }
        if state.header.dataFingerprint != dataFingerprint {
            differences.append("the training images, their labels, outlines, the tree or the map are others")
        }
        for key in Set(state.header.settings.keys).union(settings.keys).sorted()
        where state.header.settings[key] != settings[key] {
            differences.append(
                "\(key) was \(state.header.settings[key] ?? "not set") and is \(settings[key] ?? "not set")")
        }
        return differences
    }
}

extension CollectionDifference<String>.Change {
    fileprivate var text: String {
        switch self {
        case .insert(_, let line, _), .remove(_, let line, _): line
        }
    }
}
