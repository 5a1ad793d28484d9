/// A network's input for one picture: planar RGB floats, 0...1 (3 x H x W), and where the picture lies in it.
///
/// `@unchecked Sendable`: the buffer is written by the one stage that holds the image and read by the next; images move
/// between threads only through queues.
public final class InputImage: @unchecked Sendable {
    public let width: Int
    public let height: Int
    /// 3 x height x width values.
    public let values: UnsafeMutableBufferPointer<Float>
    public internal(set) var geometry: InputGeometry?

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: 3 * width * height * MemoryLayout<Float>.stride, alignment: 64)
        values = bytes.bindMemory(to: Float.self)
        values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }
}
