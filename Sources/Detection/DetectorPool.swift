import Darknet
import Neural

/// Detectors of one network for the sizes that sources ask for, made when needed. One thread at a time.
public final class DetectorPool {
    public let network: LoadedNetwork
    private let size: InputSize
    private let batch: Int
    private let lanes: Int
    private let threads: Int
    private let kernels: KernelPreference
    private let options: DetectionOptions
    /// The last used last. No more than a few: each size has memory of its own, tens of megabytes a lane.
    private var made: [(shape: InputShape, detectors: [Detector])] = []
    private static let mostShapes = 2

    /// - Parameters:
    ///   - batch: pictures that a detector computes together.
    ///   - lanes: detectors of each size, to work side by side.
    ///   - threads: of all lanes together, at least one of each.
    ///   - kernels: `.startup` for a few pictures.
    public init(
        _ network: LoadedNetwork, size: InputSize, batch: Int = 1, lanes: Int = 1, threads: Int,
        kernels: KernelPreference = .throughput, options: DetectionOptions
    ) {
        self.network = network
        self.size = size
        self.batch = batch
        self.lanes = lanes
        self.threads = threads
        self.kernels = kernels
        self.options = options
    }

    /// The first of `detectors`.
    public func detector(aspect: Double) throws -> Detector { try detectors(aspect: aspect)[0] }

    /// - Parameter aspect: displayed width over height of the source.
    public func detectors(aspect: Double) throws -> [Detector] {
        let shape = shape(aspect: aspect)
        if let index = made.firstIndex(where: { $0.shape == shape }) {
            let found = made.remove(at: index)
            made.append(found)
            return found.detectors
        }
        if made.count == Self.mostShapes { made.removeFirst() }
        let detectors = try (0..<lanes).map { lane in
            try Detector(
                network, width: shape.width, height: shape.height, batch: batch, threads: threads(ofLane: lane),
                kernels: kernels, options: options)
        }
        made.append((shape, detectors))
        return detectors
    }

    /// The first lanes take what is left over.
    func threads(ofLane lane: Int) -> Int { max(1, threads / lanes + (lane < threads % lanes ? 1 : 0)) }

    private func shape(aspect: Double) -> InputShape { size.shape(of: network.config.net, aspect: aspect) }
}
