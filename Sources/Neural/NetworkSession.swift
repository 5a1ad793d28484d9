public import Darknet

/// A network at one input size and batch, whatever it computes with. One thread at a time.
public protocol NetworkSession: AnyObject {
    var batch: Int { get }
    /// How each image must lie.
    var inputLayout: InputLayout { get }
    /// Of one image; the output has `batch` of them.
    var outputShape: TensorShape { get }
    /// Bytes of activations, input and working memory; the weights, which are the model's, not counted.
    var scratchBytes: Int { get }

    /// Computes `output` from `batch` images of `inputLayout`, which stay as they are. Returns when done.
    func run(_ images: [UnsafeRawPointer]) throws
    /// What the layer before the region gives, raw; for a classifier its softmax. Batch x channels x height x width.
    /// Valid until the next `run`, and as long as the session lives.
    var output: UnsafeBufferPointer<Float> { get }
    /// The time of each layer of the network, by the median of `runs` runs with these images.
    func profile(_ images: [UnsafeRawPointer], runs: Int) throws -> [LayerTime]
}

/// The arithmetic of a network.
public enum Precision: String, Hashable, Sendable, CaseIterable {
    case fp32
    /// 8-bit integers where the accuracy is decided elsewhere, calibrated; see `Calibration`.
    case int8
}
