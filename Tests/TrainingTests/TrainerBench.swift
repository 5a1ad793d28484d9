import Darknet
import DataSets
import Foundation
import TestSupport

@testable import Training

/// A folder with a few small pictures, each a square of one of two colours on grey, and networks that learn them fast.
struct TrainerBench {
    let folder: TemporaryFolder

    static let side = 64

    init(pictures: Int = 6) throws {
        folder = try TemporaryFolder()
        for name in ["images", "labels", "out"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
        }
        var list = ""
        for index in 0..<pictures {
            let (left, top) = (index * 7 % 32, index * 13 % 32)
            try folder.write(
                Self.picture(left: left, top: top, isRed: index.isMultiple(of: 2)), to: "images/\(index).ppm")
            let box = [left + 16, top + 16, 32, 32].map { "\(Double($0) / Double(Self.side))" }
            try folder.write("\(index % 2) \(box.joined(separator: " "))\n".utf8, to: "labels/\(index).txt")
            list += folder.file("images/\(index).ppm") + "\n"
        }
        try folder.write(list.utf8, to: "train.txt")
        try folder.write("red\nblue\n".utf8, to: "two.names")
        try folder.write(
            "classes=2\ntrain=\(folder.file("train.txt"))\nnames=\(folder.file("two.names"))\n".utf8, to: "two.data")
    }

    private static func picture(left: Int, top: Int, isRed: Bool) -> [UInt8] {
        var bytes = Array("P6\n\(side) \(side)\n255\n".utf8)
        for row in 0..<side {
            for column in 0..<side {
                let isInside = (left..<left + 32).contains(column) && (top..<top + 32).contains(row)
                bytes += isInside ? (isRed ? [230, 20, 20] : [20, 20, 230]) : [128, 128, 128]
            }
        }
        return bytes
    }

    /// - Parameter net: further lines of `[net]`.
    static func config(net: String = "", between: String = "", head: String = detectorHead) throws -> NetworkConfig {
        let text = """
            [net]
            width=64
            height=64
            channels=3
            batch=4
            subdivisions=2
            learning_rate=0.002
            max_batches=8
            hue=.1
            saturation=1.5
            exposure=1.5
            \(net)
            [convolutional]
            batch_normalize=1
            filters=8
            size=3
            stride=2
            pad=1
            activation=leaky
            [maxpool]
            size=4
            stride=4
            \(between)
            [convolutional]
            batch_normalize=1
            filters=16
            size=3
            stride=1
            pad=1
            activation=leaky
            [maxpool]
            size=4
            stride=4
            \(head)
            """
        return try NetworkConfig(parsing: text, file: "small.cfg")
    }

    static let detectorHead = """
        [convolutional]
        filters=14
        size=1
        stride=1
        activation=linear
        [region]
        anchors=1,1, .5,.5
        num=2
        classes=2
        softmax=1
        jitter=.2
        bias_match=1
        """

    static let classifierHead = """
        [convolutional]
        filters=2
        size=1
        stride=1
        activation=linear
        [avgpool]
        [softmax]
        """

    func dataSet() throws -> DataSet { try DataSet(folder.file("two.data"), part: .train, classes: 2) }

    func setup(_ config: NetworkConfig, sizes: SizeSchedule? = nil) throws -> TrainingSetup {
        var setup = TrainingSetup(
            config: config, dataSet: try dataSet(), loss: try .loss(for: config),
            augmentation: Augmentation(net: config.net, region: config.region),
            sizes: sizes ?? SizeSchedule(config.net, region: config.region, seed: 1))
        setup.threads = 1
        setup.checkpointEvery = 2
        return setup
    }

    /// The same pictures by their class.
    func classifierSetup(_ config: NetworkConfig) throws -> TrainingSetup {
        var setup = try setup(config)
        for index in setup.dataSet.samples.indices { setup.dataSet.samples[index].content = .label(index % 2) }
        return setup
    }

    func files(_ name: String = "out") -> TrainingFiles { TrainingFiles(folder: folder.file(name), name: "small") }

    func data(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Trains until the end, or until so many iterations are done.
    @discardableResult
    func train(
        _ setup: TrainingSetup, _ start: TrainingStart = .scratch, files: TrainingFiles, until: Int = .max,
        validate: ((WeightsFile, () -> Bool) throws -> Validation?)? = nil,
        report: (TrainingRecord) -> Void = { _ in }
    ) throws -> (isDone: Bool, counters: TrainingCounters, records: [TrainingRecord]) {
        var records: [TrainingRecord] = []
        return try withoutActuallyEscaping(report) { report in
            let trainer = try Trainer(setup, start: start, files: files, validate: validate) { record in
                records.append(record)
                report(record)
            }
            let isDone = try trainer.run { trainer.iteration >= until }
            return (isDone, trainer.counters, records)
        }
    }
}
