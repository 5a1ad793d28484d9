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
}

/// How an image lies in memory for a network to read.
public struct InputLayout: Hashable, Sendable {
    /// What a pixel is made of.
    public enum Element: Hashable, Sendable {
        /// Floats, 0...1, in planes of red, green, blue.
        case planarFloats
        /// Bytes: red, green, blue, and one that is not used.
        case packedBytes
    }

    public let element: Element
    public let width: Int
    public let height: Int
    /// Bytes before the first pixel. What lies around the pixels must be 0.
    public let start: Int
    /// Bytes from row to row.
    public let rowStride: Int
    public let byteCount: Int

    public static func floats(width: Int, height: Int) -> InputLayout {
        let row = width * MemoryLayout<Float>.stride
        return InputLayout(
            element: .planarFloats, width: width, height: height, start: 0, rowStride: row, byteCount: 3 * height * row)
    }

    /// With a border of one pixel, and rows in whole cache lines: 13 pixels and their border fill just one.
    public static func bytes(width: Int, height: Int) -> InputLayout {
        let row = ((width + 2) * 4 + 63) / 64 * 64
        return InputLayout(
            element: .packedBytes, width: width, height: height, start: row + 4, rowStride: row,
            byteCount: (height + 2) * row)
    }
}

/// The arithmetic of a network.
public enum Precision: String, Hashable, Sendable, CaseIterable {
    case fp32
    /// 8-bit integers where the accuracy is decided elsewhere, calibrated; see `Calibration`.
    case int8
}
