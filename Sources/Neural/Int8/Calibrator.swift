import Darknet

/// Watches what the convolutions of a network give on typical images, in fp32, for int8 inference. One thread at a time.
public final class Calibrator {
    private let session: Session
    private var histograms: [Int: RangeHistogram]
    public private(set) var imageCount = 0

    /// - Parameters:
    ///   - model: in fp32, and one that can be computed in int8.
    ///   - width, height: of the network's input.
    public init(_ model: Model, width: Int, height: Int, threads: Int) throws {
        try model.config.checkInt8()
        session = try Session(
            model: model, width: width, height: height, threads: threads, kernels: .startup, keepsEveryLayer: true)
        histograms = [:]
        for (index, layer) in model.config.layers.enumerated() {
            if case .convolutional = layer.kind, index != model.config.lastConvolution {
                histograms[index] = RangeHistogram()
            }
        }
    }

    public var inputLayout: InputLayout { session.inputLayout }

    /// - Parameter image: as `inputLayout` says.
    public func add(_ image: UnsafeRawPointer) throws {
        try session.run([image])
        imageCount += 1
        for index in histograms.keys.sorted() {
            guard let values = try session.layerOutput(index) else { continue }
            values.withUnsafeBufferPointer { histograms[index]?.add($0) }
        }
    }

    /// By the index of the convolution; of no use before the first image.
    public func ranges() -> [Int: ClosedRange<Float>] { histograms.mapValues(\.bestRange) }
}
