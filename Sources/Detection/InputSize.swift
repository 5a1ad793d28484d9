import Darknet

/// The size of the network's input.
public enum InputSize: Hashable, Sendable {
    /// What the cfg says.
    case network
    /// Width and height, multiples of 32.
    case fixed(width: Int, height: Int)
    /// The cfg's width on the longer side, on the other what the source's aspect asks for (416x256 for 16:9 at 416).
    case auto
    /// The same with another longer side, a multiple of 32.
    case longerSide(Int)
}

/// Width and height of a network's input.
public struct InputShape: Hashable, Sendable {
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

extension InputSize {
    /// Whether it is known only together with a source.
    public var dependsOnSource: Bool {
        switch self {
        case .network, .fixed: false
        case .auto, .longerSide: true
        }
    }

    /// - Parameter aspect: displayed width over height of the source.
    public func shape(of net: NetOptions, aspect: Double) -> InputShape {
        switch self {
        case .network: return InputShape(width: net.width, height: net.height)
        case .fixed(let width, let height): return InputShape(width: width, height: height)
        case .auto: return Self.shape(longerSide: net.width, aspect: aspect)
        case .longerSide(let side): return Self.shape(longerSide: side, aspect: aspect)
        }
    }

    private static func shape(longerSide: Int, aspect: Double) -> InputShape {
        // The other is rounded up, so that no picture is shrunk for it.
        let roundedUp = { (side: Double) in min(max(32, Int((side / 32 - 0.01).rounded(.up)) * 32), longerSide) }
        return aspect >= 1
            ? InputShape(width: longerSide, height: roundedUp(Double(longerSide) / aspect))
            : InputShape(width: roundedUp(Double(longerSide) * aspect), height: longerSide)
    }
}
