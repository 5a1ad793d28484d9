import CKernels
import Darknet

/// A `[reorg]` layer between two physical layouts: one gather through a table, so that no reorder is needed around it.
struct ReorgCopy {
    /// The destination's elements in the order they lie in memory: where each comes from.
    private let sources: [UInt32]
    /// Elements from one image to the next.
    private let sourceStride: Int
    private let destinationStride: Int
    private let batch: Int

    /// nil if one of the layouts has no formula, or leaves gaps in the destination.
    init?(
        _ permutation: ReorgPermutation, from source: (shape: TensorShape, descriptor: Descriptor),
        to destination: (shape: TensorShape, descriptor: Descriptor), batch: Int,
        numberByteCount: Int = MemoryLayout<Float>.stride
    ) {
        let count = destination.shape.count
        guard let sourcePlaces = Self.places(of: source.shape, in: source.descriptor),
            let destinationPlaces = Self.places(of: destination.shape, in: destination.descriptor),
            destination.descriptor.byteCount == count * batch * numberByteCount,
            let lastPlace = sourcePlaces.max(), UInt32(exactly: lastPlace) != nil
        else { return nil }
        var sources = [UInt32](repeating: 0, count: count)
        for (output, input) in permutation.sources.enumerated() {
            sources[destinationPlaces[output]] = UInt32(sourcePlaces[input])
        }
        self.sources = sources
        self.batch = batch
        sourceStride = source.descriptor.offset(n: 1, c: 0) ?? 0
        destinationStride = destination.descriptor.offset(n: 1, c: 0) ?? 0
    }

    /// Where each element of one image, in C, H, W order, lies in memory.
    private static func places(of shape: TensorShape, in descriptor: Descriptor) -> [Int]? {
        var places: [Int] = []
        places.reserveCapacity(shape.count)
        for c in 0..<shape.channels {
            for h in 0..<shape.height {
                for w in 0..<shape.width {
                    guard let place = descriptor.offset(c: c, h: h, w: w) else { return nil }
                    places.append(place)
                }
            }
        }
        return places
    }

    /// - Parameter flavour: of the numbers.
    func run(
        from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, flavour: lk_flavour = lk_plain_f32,
        threads: Int32 = 1
    ) {
        lk_gather(
            flavour, source, destination, sources, Int64(sources.count), Int64(sourceStride), Int64(destinationStride),
            Int64(batch), threads)
    }

    /// Back: to each source what its destination has, in place of what lies there or added to it.
    func runBack(
        from destination: UnsafeRawPointer, to source: UnsafeMutableRawPointer, adds: Bool, flavour: lk_flavour,
        threads: Int32
    ) {
        lk_scatter(
            flavour, source, destination, sources, Int64(sources.count), Int64(sourceStride), Int64(destinationStride),
            Int64(batch), adds ? 1 : 0, threads)
    }
}
