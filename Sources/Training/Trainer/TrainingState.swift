import Darknet
import Foundation

/// Everything that a training needs to go on as if it had never stopped: weights, optimiser, counters, settings.
///
/// One file holds it all, so that it is replaced as a whole or not at all; Darknet's `.backup` beside it is for use
/// elsewhere. It is Lookout's own format, little-endian:
///
///     "lookout-train 1\n"
///     UInt64              bytes of the header
///     header              JSON: `Header`
///     Float32 ...         of each layer in the header: biases, scales, means, variances, weights
///     UInt64, Float32 ... of each parameter: how many, the optimiser's state
///     UInt64              checksum of all before
public struct TrainingState: Sendable {
    struct Header: Codable, Hashable, Sendable {
        struct Layer: Codable, Hashable, Sendable {
            var index: Int
            var biases: Int
            var hasBatchNorm: Bool
            var weights: Int
        }

        /// The cfg as it was trained, changes of the command line included.
        var cfg: String
        /// Other settings that change the results, by name.
        var settings: [String: String]
        /// Of the data set's images and truths.
        var dataFingerprint: UInt64
        var seed: UInt64
        var counters: TrainingCounters
        // Set as the file is written.
        fileprivate(set) var layers: [Layer] = []
        fileprivate(set) var parameters = 0

        init(
            cfg: String, settings: [String: String], dataFingerprint: UInt64, seed: UInt64, counters: TrainingCounters
        ) {
            self.cfg = cfg
            self.settings = settings
            self.dataFingerprint = dataFingerprint
            self.seed = seed
            self.counters = counters
        }
    }

    var header: Header
    var weights: WeightsFile
    var optimiser: [[Float]] = []

    private static let magic = Array("lookout-train 1\n".utf8)
    private static let headerLimit = 16 << 20

    // MARK: Writing

    /// - Parameters:
    ///   - parameters: how many the optimiser has state of.
    ///   - optimiser: gives it, one after the other: all together may be as large as the weights.
    static func write(
        _ header: Header, weights: WeightsFile, parameters: Int, optimiser: (Int) throws -> [Float], to path: String
    ) throws {
        var header = header
        let layers = weights.layers.sorted { $0.key < $1.key }
        header.layers = layers.map { index, layer in
            Header.Layer(
                index: index, biases: layer.biases.count, hasBatchNorm: layer.batchNorm != nil,
                weights: layer.weights.count)
        }
        header.parameters = parameters
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = Array(try encoder.encode(header))
        var file = try AtomicFile(path)
        var sum = Fingerprint()
        func put<Value: BitwiseCopyable>(_ values: [Value]) throws(DarknetError) {
            values.withUnsafeBytes { sum.add($0) }
            try file.write(values)
        }
        try put(magic)
        try put([UInt64(text.count)])
        try put(text)
        for (_, layer) in layers { for numbers in layer.pieces { try put(numbers) } }
        for index in 0..<parameters {
            let numbers = try optimiser(index)
            try put([UInt64(numbers.count)])
            try put(numbers)
        }
        try file.write([sum.value])
        try file.commit()
    }

    // MARK: Reading

    /// - Throws: `DarknetError`: `.cannotRead`, or `.malformed` for a file that is damaged or of another version.
    init(contentsOf path: String) throws {
        let file = try InputFile(path)
        let damaged = DarknetError(
            .malformed, file: path,
            message: "is damaged, or no training state of this version; start again from the weights beside it")
        var sum = Fingerprint()
        var left = file.byteCount - 8
        func take<Value: BitwiseCopyable>(_ count: Int, of type: Value.Type) throws -> [Value] {
            let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
            guard count >= 0, !overflow, bytes <= left else { throw damaged }
            left -= bytes
            let values = try file.read(count, of: type)
            values.withUnsafeBytes { sum.add($0) }
            return values
        }
        guard try take(Self.magic.count, of: UInt8.self) == Self.magic else { throw damaged }
        guard let length = Int(exactly: try take(1, of: UInt64.self)[0]), length <= Self.headerLimit else {
            throw damaged
        }
        let bytes = Data(try take(length, of: UInt8.self))
        guard let header = try? JSONDecoder().decode(Header.self, from: bytes) else { throw damaged }
        guard (0...TrainingCounters.mostSeen).contains(header.counters.seen), header.parameters >= 0 else {
            throw damaged
        }
        weights = WeightsFile(header: WeightsHeader(seen: UInt64(header.counters.seen)), layers: [:])
        for layer in header.layers {
            let biases = try take(layer.biases, of: Float.self)
            var norm: ConvolutionWeights.BatchNorm?
            if layer.hasBatchNorm {
                norm = .init(
                    scales: try take(layer.biases, of: Float.self), means: try take(layer.biases, of: Float.self),
                    variances: try take(layer.biases, of: Float.self))
            }
            let numbers = try take(layer.weights, of: Float.self)
            weights.layers[layer.index] = ConvolutionWeights(biases: biases, batchNorm: norm, weights: numbers)
        }
        for _ in 0..<header.parameters {
            guard let count = Int(exactly: try take(1, of: UInt64.self)[0]) else { throw damaged }
            optimiser.append(try take(count, of: Float.self))
        }
        guard left == 0, try file.read(1, of: UInt64.self)[0] == sum.value else { throw damaged }
        self.header = header
    }
}

/// What a training counts as it goes.
public struct TrainingCounters: Codable, Hashable, Sendable {
    /// Images that the weights have seen, those before this training included (spec 7.2).
    public var seen = 0
    /// Darknet's running average of the loss; `nil` before the first iteration.
    public var averageLoss: Double?
    /// Of the first iteration.
    public var firstLoss: Double?
    /// The best validation so far, in percent, and its iteration.
    public var best: Double?
    public var bestIteration: Int?
    /// The last iteration whose validation came to its end.
    var validatedIteration: Int?
    /// Of training, in all runs together.
    public var seconds = 0.0

    /// More images than any network sees; sums with it do not overflow.
    static let mostSeen = 1 << 48

    public init(seen: Int = 0) { self.seen = seen }
}

extension ConvolutionWeights {
    fileprivate var pieces: [[Float]] {
        [biases] + (batchNorm.map { [$0.scales, $0.means, $0.variances] } ?? []) + [weights]
    }
}
