/// The shape of one image's activations: channels, rows, columns (C, H, W), row-major.
public struct TensorShape: Hashable, Sendable, CustomStringConvertible {
    public var channels: Int
    public var height: Int
    public var width: Int

    public init(channels: Int, height: Int, width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// Values in one image.
    public var count: Int { channels * height * width }

    /// Width x height x channels, as Darknet prints it.
    public var description: String { "\(width) x \(height) x \(channels)" }
}
