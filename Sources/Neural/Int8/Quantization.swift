import Darknet

/// How real numbers become bytes: byte = round(number / scale) + zeroPoint, within 0...255.
struct Quantization: Hashable, Sendable {
    let scale: Float
    let zeroPoint: Int32

    /// What the network reads: a pixel of 255 is 1, and the grey of the border, 0, is exact.
    static let pixels = Quantization(scale: 1 / 255, zeroPoint: 0)

    /// Spreads the 256 bytes over `range`, widened to hold 0, which must be exact: borders are made of it.
    init(_ range: ClosedRange<Float>) {
        let (least, greatest) = (min(range.lowerBound, 0), max(range.upperBound, 0))
        // Of a layer that gave nothing in calibration too: what it may give later must not overflow.
        scale = max((greatest - least) / 255, 1e-6)
        zeroPoint = Int32(min(max((-least / scale).rounded(), 0), 255))
    }

    private init(scale: Float, zeroPoint: Int32) {
        self.scale = scale
        self.zeroPoint = zeroPoint
    }
}

extension NetworkConfig {
    /// How each layer's bytes are meant: a convolution's as its range says; poolings, reorgs and routes move bytes as
    /// they are, and a route's sources share the widest of their ranges, so that they can be joined without arithmetic.
    ///
    /// - Parameter ranges: by the index of the convolution.
    func quantizations(_ ranges: [Int: ClosedRange<Float>]) -> [Quantization] {
        // Which earlier layer's range each layer has; -1: the image's.
        var owners: [Int] = []
        var widest: [Int: ClosedRange<Float>] = [:]
        for (index, layer) in layers.enumerated() {
            let previous = index > 0 ? owners[index - 1] : -1
            switch layer.kind {
            case .convolutional:
                owners.append(index)
                widest[index] = ranges[index] ?? 0...0
            case .route(let route):
                let joined = route.layers.map { owners[$0] }
                let owner = joined[0]
                for other in Set(joined) where other != owner {
                    if let a = widest[owner], let b = widest[other] {
                        widest[owner] = min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
                    }
                    owners = owners.map { $0 == other ? owner : $0 }
                }
                owners.append(owner)
            default: owners.append(previous)
            }
        }
        return owners.map { owner in widest[owner].map { Quantization($0) } ?? .pixels }
    }
}
