import Darknet
import Neural

/// What is kept of a network's answers.
public struct DetectionOptions: Hashable, Sendable {
    /// Confidences must exceed it.
    public var threshold: Float
    /// IoU above which a weaker box of the same object goes.
    public var nmsThreshold: Float
    public var nms: NonMaximumSuppression

    public init(threshold: Float = 0.25, nmsThreshold: Float = 0.45, nms: NonMaximumSuppression = .perClass) {
        self.threshold = threshold
        self.nmsThreshold = nmsThreshold
        self.nms = nms
    }
}

/// A detection network at one input size: prepared pictures in, detections out. One thread at a time.
public final class Detector {
    public let network: LoadedNetwork
    public let width: Int
    public let height: Int
    public let options: DetectionOptions
    private let decoder: RegionDecoder
    private let session: any NetworkSession

    /// - Parameters:
    ///   - width, height: of the network's input, multiples of 32.
    ///   - batch: pictures computed together.
    ///   - threads: that the network computes with.
    ///   - kernels: `.startup` for a few pictures.
    public init(
        _ network: LoadedNetwork, width: Int, height: Int, batch: Int = 1, threads: Int,
        kernels: KernelPreference = .throughput, options: DetectionOptions = DetectionOptions()
    ) throws {
        guard let decoder = network.decoder else {
            throw DetectionError("\(network.config.name) is a classifier: it has no boxes; use lookout detect --top 5")
        }
        self.network = network
        self.width = width
        self.height = height
        self.options = options
        self.decoder = decoder
        session = try network.model.session(
            width: width, height: height, batch: batch, threads: threads, kernels: kernels)
    }

    public var batch: Int { session.batch }

    /// An image for this detector, to be prepared and used again.
    public func makeInput() -> InputImage { InputImage(session.inputLayout) }

    /// Detections by falling confidence, boxes relative to the source picture (not clipped).
    public func detect(_ image: InputImage) throws -> [Detection] { try detect([image], options: [options])[0] }

    /// The same for `batch` pictures, each with options of its own.
    public func detect(_ images: [InputImage], options: [DetectionOptions]) throws -> [[Detection]] {
        precondition(images.count == batch && options.count == batch, "a batch is computed whole")
        for image in images {
            precondition(image.layout == session.inputLayout, "the image was prepared for another size")
        }
        try withExtendedLifetime(images) { try session.run(images.map { UnsafeRawPointer($0.memory) }) }
        let shape = session.outputShape
        return images.indices.map { index in
            guard let geometry = images[index].geometry else { preconditionFailure("the image was not prepared") }
            let output = UnsafeBufferPointer(
                rebasing: session.output[index * shape.count..<(index + 1) * shape.count])
            let candidates = decoder.decode(
                output, rows: shape.height, columns: shape.width, threshold: options[index].threshold)
            return options[index].nms(candidates, threshold: options[index].nmsThreshold).map { candidate in
                var detection = candidate.detection
                detection.box = geometry.sourceBox(detection.box)
                return detection
            }
        }
    }
}
