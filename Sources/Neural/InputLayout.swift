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

extension InputLayout {
    /// Makes memory of `byteCount` bytes an image, typical of a picture only in that its values are spread over 0...1.
    public func fillWithPattern(_ memory: UnsafeMutableRawPointer) {
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        let values = element == .planarFloats ? 3 * width * height : width * 4 * height
        let rowValues = element == .planarFloats ? width : width * 4
        for index in 0..<values {
            let (row, column) = index.quotientAndRemainder(dividingBy: rowValues)
            let byte = UInt8(index * 7 % 256)
            let at = memory + start + row * rowStride
            switch element {
            case .planarFloats: at.assumingMemoryBound(to: Float.self)[column] = Float(byte) / 255
            case .packedBytes: at.storeBytes(of: byte, toByteOffset: column, as: UInt8.self)
            }
        }
    }
}
