public import Neural

/// A network's input for one picture, as `layout` says, and where the picture lies in it.
///
/// `@unchecked Sendable`: the memory is written by the one stage that holds the image and read by the next; images move
/// between threads only through queues.
public final class InputImage: @unchecked Sendable {
    public let layout: InputLayout
    /// `layout.byteCount` bytes.
    let memory: UnsafeMutableRawPointer
    public internal(set) var geometry: InputGeometry?

    public init(_ layout: InputLayout) {
        self.layout = layout
        memory = .allocate(byteCount: layout.byteCount, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: layout.byteCount)
    }

    public convenience init(width: Int, height: Int, precision: Precision = .fp32) {
        self.init(
            precision == .fp32 ? .floats(width: width, height: height) : .bytes(width: width, height: height))
    }

    deinit { memory.deallocate() }

    public var width: Int { layout.width }
    public var height: Int { layout.height }

    /// Of planar floats: 3 x height x width values.
    public var values: UnsafeMutableBufferPointer<Float> {
        precondition(layout.element == .planarFloats)
        let count = layout.byteCount / MemoryLayout<Float>.stride
        return UnsafeMutableBufferPointer(start: memory.assumingMemoryBound(to: Float.self), count: count)
    }

    /// Of packed bytes: the four of the first pixel.
    var pixels: UnsafeMutablePointer<UInt8> {
        precondition(layout.element == .packedBytes)
        return (memory + layout.start).assumingMemoryBound(to: UInt8.self)
    }

    /// Makes every pixel grey: what Darknet puts around a letterboxed picture.
    func fillGrey() {
        switch layout.element {
        case .planarFloats: values.update(repeating: 0.5)
        case .packedBytes:
            for row in 0..<height {
                // Half of 255, rounded to even as the network's own bytes.
                (pixels + row * layout.rowStride).update(repeating: 128, count: width * 4)
            }
        }
    }
}
