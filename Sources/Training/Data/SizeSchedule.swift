public import Darknet

/// The network's input size as training goes on (spec 7.5): one, or drawn anew from a list every so many iterations.
public struct SizeSchedule: Hashable, Sendable {
    public struct Size: Hashable, Sendable {
        public var width: Int
        public var height: Int

        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// At least one.
    public let sizes: [Size]
    /// Iterations from one draw to the next.
    public let every: Int
    /// From this iteration on the largest size is used.
    public let finalIteration: Int
    private let seed: UInt64

    /// - Parameters:
    ///   - sizes: at least one; twice in the list, twice as likely.
    ///   - maxBatches: iterations in all; the last 200 of them, but a tenth at most, use the largest size. 0: no end is known.
    public init(sizes: [Size], every: Int = 10, maxBatches: Int = 0, seed: UInt64) {
        precondition(!sizes.isEmpty && every > 0, "a schedule has a size")
        self.sizes = sizes
        self.every = every
        finalIteration = maxBatches > 0 ? maxBatches - min(200, maxBatches / 10) + 1 : .max
        self.seed = seed
    }

    public static func fixed(width: Int, height: Int) -> SizeSchedule {
        SizeSchedule(sizes: [Size(width: width, height: height)], seed: 0)
    }

    /// As the cfg says: with `random=1`, squares of 320 to 608 pixels every ten iterations for a detector, and of 128 to
    /// 448 every forty for a classifier.
    public init(_ net: NetOptions, region: Region?, seed: UInt64) {
        let squares = { (blocks: ClosedRange<Int>) in blocks.map { Size(width: 32 * $0, height: 32 * $0) } }
        if let region, region.random {
            self.init(sizes: squares(10...19), maxBatches: net.maxBatches, seed: seed)
        } else if region == nil, net.random {
            // Darknet ends those at whatever size comes.
            self.init(sizes: squares(4...14), every: 40, seed: seed)
        } else {
            self = .fixed(width: net.width, height: net.height)
        }
    }

    /// - Parameter iteration: finished updates of the weights, from 0.
    public func size(iteration: Int) -> (width: Int, height: Int) {
        var size = sizes[0]
        if iteration >= finalIteration {
            size = largest
        } else if sizes.count > 1 {
            var random = SampleRandom(seed: seed, sample: iteration / every, purpose: .size)
            size = sizes[random.below(sizes.count)]
        }
        return (size.width, size.height)
    }

    /// Of most pixels.
    public var largest: Size {
        sizes.reduce(sizes[0]) { $1.width * $1.height > $0.width * $0.height ? $1 : $0 }
    }
}
