import Darknet
import Foundation
import Media
import Neural

/// Makes a network ready for int8: watches it look at typical pictures, and says what int8 then changes. One thread.
public final class Quantizer {
    private let network: LoadedNetwork
    private let files: NetworkFiles
    /// What it calibrates, which the file must still hold at the end.
    private let weights: CalibrationTable.Weights
    private let calibrator: Calibrator
    private let preprocessor: Preprocessor
    private let input: InputImage
    private let threads: Int
    /// Every so many pictures one, to compare on.
    private var samples: [InputImage] = []
    private var sampleDistance = 1

    private static let mostSamples = 16

    /// - Parameters:
    ///   - files: of a network in fp32.
    ///   - width, height: of the network's input.
    public init(_ files: NetworkFiles, width: Int, height: Int, resize: ResizeMode, threads: Int) throws {
        self.files = files
        self.threads = threads
        let config = try files.loadConfig()
        try config.checkInt8()
        guard let path = files.weights else { throw DetectionError("no weights: give --weights FILE") }
        let numbers = try WeightsFile(contentsOf: path, for: config)
        weights = .init(of: numbers)
        network = try files.load(
            around: Model(config: config, weights: numbers, softmaxTree: files.softmaxTree(of: config)))
        calibrator = try Calibrator(network.model, width: width, height: height, threads: threads)
        preprocessor = Preprocessor(mode: resize)
        input = InputImage(calibrator.inputLayout)
    }

    public var imageCount: Int { calibrator.imageCount }

    public func add(_ frame: Frame) throws {
        try preprocessor.prepare(frame, into: input)
        try calibrator.add(UnsafeRawPointer(input.memory))
        guard (imageCount - 1).isMultiple(of: sampleDistance) else { return }
        if samples.count == Self.mostSamples {
            samples = samples.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
            sampleDistance *= 2
            guard (imageCount - 1).isMultiple(of: sampleDistance) else { return }
        }
        let sample = InputImage(input.layout)
        sample.memory.copyMemory(from: input.memory, byteCount: input.layout.byteCount)
        sample.geometry = input.geometry
        samples.append(sample)
    }

    /// What was learnt, for these weights.
    public func table() throws -> CalibrationTable {
        guard imageCount > 0 else { throw DetectionError("no pictures to calibrate with") }
        return CalibrationTable(weights: weights, imageCount: imageCount, ranges: calibrator.ranges())
    }

    /// Compares int8 with fp32 on some of the pictures.
    ///
    /// - Parameter isStopped: asked before each; then the comparison is of those until then.
    public func comparison(_ table: CalibrationTable, isStopped: () -> Bool = { false }) throws
        -> QuantizationComparison
    {
        let layout = input.layout
        let numbers = try WeightsFile(contentsOf: files.weights ?? "", for: network.config)
        guard CalibrationTable.Weights(of: numbers) == weights else {
            throw DetectionError("\(files.weights ?? ""): changed while it was calibrated; start again")
        }
        let model = try Model(
            config: network.config, weights: numbers, softmaxTree: network.decoder == nil ? network.tree : nil,
            calibration: table.ranges)
        let exact = try network.model.session(
            width: layout.width, height: layout.height, threads: threads, kernels: .startup)
        let coarse = try model.session(width: layout.width, height: layout.height, threads: threads)
        var comparison = QuantizationComparison()
        // Without a fast kernel a picture may take a minute.
        for sample in Int8Kernel.best == nil ? Array(samples.prefix(1)) : samples where !isStopped() {
            try exact.run([UnsafeRawPointer(sample.memory)])
            let packed = sample.packed()
            try withExtendedLifetime(packed) { try coarse.run([UnsafeRawPointer(packed.memory)]) }
            comparison.add(exact.output, coarse.output)
            guard let decoder = network.decoder else { continue }
            let detections = [exact.output, coarse.output].map { output in
                let shape = exact.outputShape
                let options = DetectionOptions()
                return options.nms(
                    decoder.decode(output, rows: shape.height, columns: shape.width, threshold: options.threshold),
                    threshold: options.nmsThreshold
                ).map(\.detection)
            }
            comparison.add(detections[0], detections[1])
        }
        return comparison
    }
}

/// How int8's answers differ from those in fp32.
public struct QuantizationComparison: Hashable, Sendable {
    public private(set) var imageCount = 0
    /// Detections surer than .25 in fp32, in int8, and in both: of the same class, with an IoU of at least .5.
    public private(set) var exactCount = 0
    public private(set) var coarseCount = 0
    public private(set) var matchedCount = 0
    private var signal = 0.0
    private var noise = 0.0
    private var confidenceDifferences: Float = 0

    /// Of the raw outputs, in dB: 20 is rough, 30 is good.
    public var signalToNoise: Double { noise > 0 ? 10 * Foundation.log10(signal / noise) : .infinity }

    /// Mean absolute difference of the confidences of what both found.
    public var meanConfidenceDifference: Float { matchedCount > 0 ? confidenceDifferences / Float(matchedCount) : 0 }

    mutating func add(_ exact: UnsafeBufferPointer<Float>, _ coarse: UnsafeBufferPointer<Float>) {
        imageCount += 1
        for (a, b) in zip(exact, coarse) {
            signal += Double(a * a)
            noise += Double((a - b) * (a - b))
        }
    }

    mutating func add(_ exact: [Detection], _ coarse: [Detection]) {
        exactCount += exact.count
        coarseCount += coarse.count
        var rest = coarse
        for detection in exact {
            let candidates = rest.indices.filter { rest[$0].classID == detection.classID }
            let overlap = { (index: Int) in rest[index].box.intersectionOverUnion(detection.box) }
            guard let best = candidates.max(by: { overlap($0) < overlap($1) }), overlap(best) >= 0.5 else { continue }
            confidenceDifferences += abs(rest.remove(at: best).confidence - detection.confidence)
            matchedCount += 1
        }
    }
}

extension InputImage {
    /// Planar floats as packed bytes.
    fileprivate func packed() -> InputImage {
        let packed = InputImage(width: width, height: height, precision: .int8)
        let values = values
        for y in 0..<height {
            for x in 0..<width {
                for colour in 0..<3 {
                    let value = values[(colour * height + y) * width + x] * 255
                    packed.pixels[y * packed.layout.rowStride + x * 4 + colour] = UInt8(
                        min(max(value.rounded(.toNearestOrEven), 0), 255))
                }
            }
        }
        return packed
    }
}
