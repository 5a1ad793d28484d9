import Darknet

/// The size of the network's input.
public enum InputSize: Hashable, Sendable {
    /// What the cfg says.
    case network
    /// Width and height, multiples of 32.
    case fixed(width: Int, height: Int)
    /// The cfg's width, and the height that the source's aspect asks for (416x256 for 16:9 at 416).
    case auto
}

/// Width and height of a network's input.
public struct InputShape: Hashable, Sendable {
    public let width: Int
    public let height: Int
}

extension InputSize {
    /// - Parameter aspect: displayed width over height of the source.
    public func shape(of net: NetOptions, aspect: Double) -> InputShape {
        switch self {
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
