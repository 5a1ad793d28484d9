import Darknet
import Neural

/// The size of the network's input.
public enum InputSize: Hashable, Sendable {
    /// What the cfg says.
    case network
    /// Width and height, multiples of 32.
    case fixed(width: Int, height: Int)
    /// The cfg's width, and the height that the source's aspect asks for (416x256 for 16:9 at 416).
    case auto
}

/// Detectors of one network for the sizes that sources ask for, made when needed. One thread at a time.
public final class DetectorPool {
    public let network: LoadedNetwork
    private let size: InputSize
    private let lanes: Int
    private let threads: Int
    private let kernels: KernelPreference
    private let options: DetectionOptions
    /// The last used last. No more than a few: each size has memory of its own, tens of megabytes a lane.
    private var made: [(shape: InputShape, detectors: [Detector])] = []
    private static let mostShapes = 2

    private struct InputShape: Hashable {
        let width: Int
        let height: Int
    }

    /// - Parameters:
    ///   - lanes: detectors of each size, to work side by side.
    ///   - threads: of all lanes together, at least one of each.
    ///   - kernels: `.startup` for a few pictures.
    public init(
        _ network: LoadedNetwork, size: InputSize, lanes: Int = 1, threads: Int,
        kernels: KernelPreference = .throughput, options: DetectionOptions
    ) {
        self.network = network
        self.size = size
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
                network, width: shape.width, height: shape.height, threads: threads(ofLane: lane), kernels: kernels,
                options: options)
        }
        made.append((shape, detectors))
        return detectors
    }

    /// The first lanes take what is left over.
    func threads(ofLane lane: Int) -> Int { max(1, threads / lanes + (lane < threads % lanes ? 1 : 0)) }

    private func shape(aspect: Double) -> InputShape {
        let net = network.config.net
        switch size {
        case .network: return InputShape(width: net.width, height: net.height)
        case .fixed(let width, let height): return InputShape(width: width, height: height)
        case .auto:
            // The longer side is the cfg's; the other is rounded up, so that no picture is shrunk for it.
            let roundedUp = { (side: Double) in min(max(32, Int((side / 32 - 0.01).rounded(.up)) * 32), net.width) }
            return aspect >= 1
                ? InputShape(width: net.width, height: roundedUp(Double(net.width) / aspect))
                : InputShape(width: roundedUp(Double(net.width) * aspect), height: net.width)
        }
    }
}
