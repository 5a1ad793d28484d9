import Foundation

/// One line of a training's log: what happened, at which iteration. Keys that say nothing of a type are left out.
public struct TrainingRecord: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable {
        /// The run begins, anew or where an earlier one stopped: records of later iterations before this one no longer hold.
        case start
        case iteration, validation, checkpoint, size, warning, end
    }

    public var type: Kind
    /// Updates of the weights since training began.
    public var iteration: Int
    /// Seconds since 1970.
    public var time: Double

    // MARK: iteration: means over the iterations since the record before

    /// Darknet's: the sum of squared deltas, a picture.
    public var loss: Double?
    public var averageLoss: Double?
    /// The equivalent objective of spec 7.1 and its parts, a picture.
    public var objective: Double?
    public var box: Double?
    public var objectness: Double?
    public var noObjectness: Double?
    public var classes: Double?
    /// Of the boxes that answer for a truth.
    public var iou: Double?
    /// Part of the truths whose box overlaps them by more than half.
    public var recall: Double?
    public var top1: Double?
    public var learningRate: Double?
    public var seen: Int?
    /// Of training so far, without validation.
    public var seconds: Double?
    public var imagesPerSecond: Double?
    /// At the present speed.
    public var secondsLeft: Double?

    // MARK: validation: percent

    public var ap: Double?
    public var ap50: Double?
    public var voc07: Double?
    public var accuracy: Double?
    public var accuracy5: Double?
    public var isBest: Bool?

    // MARK: size: pixels, and of start

    public var width: Int?
    public var height: Int?

    /// Of start: the network's name.
    public var network: String?
    public var batch: Int?
    public var subdivisions: Int?
    public var maxBatches: Int?
    public var images: Int?
    public var seed: UInt64?

    /// checkpoint: what was written.
    public var file: String?
    /// warning: what it is; end: `done`, `stopped`, `diverged` or `failed`.
    public var message: String?

    public init(_ type: Kind, iteration: Int) {
        self.type = type
        self.iteration = iteration
        time = (Date().timeIntervalSince1970 * 1000).rounded() / 1000
    }

    enum CodingKeys: String, CodingKey {
        case type, iteration, time, loss, objective, box, objectness, classes, iou, recall, top1, seen, seconds, ap,
            ap50, voc07
        case accuracy, accuracy5, width, height, network, batch, subdivisions, images, seed, file, message
        case averageLoss = "average_loss"
        case noObjectness = "no_objectness"
        case learningRate = "learning_rate"
        case imagesPerSecond = "images_per_second"
        case secondsLeft = "seconds_left"
        case isBest = "is_best"
        case maxBatches = "max_batches"
    }

    /// One line of JSON, without its line feed. What is not finite is written as text: "nan", "inf".
    func line() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try encoder.encode(self)
    }

    init(line: Data) throws {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        self = try decoder.decode(Self.self, from: line)
    }
}
