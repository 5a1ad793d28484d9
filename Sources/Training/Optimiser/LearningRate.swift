import Darknet
import Foundation

/// The learning rate by iteration: burn-in, then the cfg's policy (spec 7.4).
public struct LearningRate: Sendable {
    private let net: NetOptions
    private let burnsInPolyOnly: Bool
    private let seed: UInt64

    /// - Parameters:
    ///   - burnsInPolyOnly: as Darknet of 2016: other policies begin at the full rate.
    ///   - seed: of policy `random`.
    public init(_ net: NetOptions, burnsInPolyOnly: Bool = false, seed: UInt64 = 0) {
        self.net = net
        self.burnsInPolyOnly = burnsInPolyOnly
        self.seed = seed
    }

    /// - Parameter iteration: of the update; the first is 1.
    public func callAsFunction(iteration: Int) -> Float {
        let (rate, power, now) = (Double(net.learningRate), Double(net.power), Double(iteration))
        if iteration < net.burnIn, net.policy == .poly || !burnsInPolyOnly {
            return Float(rate * pow(now / Double(net.burnIn), power))
        }
        switch net.policy {
        case .constant: return net.learningRate
        case .step: return Float(rate * pow(Double(net.scale), (now / Double(net.step)).rounded(.down)))
        case .steps:
            // Signed: yolov2-tiny-voc's first step is -1, which Darknet compares as a huge number (spec 7.4).
            let passed = zip(net.steps, net.scales).prefix { $0.0 <= iteration }
            return Float(passed.reduce(rate) { $0 * Double($1.1) })
        case .exp: return Float(rate * pow(Double(net.gamma), now))
        case .poly:
            // Training without an end never comes nearer to it; after its end it learns nothing more.
            let done = net.maxBatches > 0 ? min(1, now / Double(net.maxBatches)) : 0
            return Float(rate * pow(1 - done, power))
        case .random: return Float(rate * pow(uniform(iteration), power))
        case .sigmoid: return Float(rate / (1 + exp(Double(net.gamma) * (now - Double(net.step)))))
        }
    }

    /// 0 to 1, of the seed and the iteration alone, so that resumed training has the same.
    private func uniform(_ iteration: Int) -> Double {
        var numbers = SeededNumbers(seed: seed &+ UInt64(bitPattern: Int64(iteration &- 1)) &* SeededNumbers.step)
        return numbers.uniform()
    }
}
