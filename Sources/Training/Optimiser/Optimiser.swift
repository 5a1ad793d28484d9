import CKernels
import Darknet
import Foundation

/// What moves a network's parameters against their gradient: momentum and decay as Darknet has them, or Adam (spec 7.3).
///
/// It holds no state, so that threads may share it, each with parameters, or a range of them, of its own.
public struct Optimiser: Sendable {
    private let net: NetOptions
    private let pictures: Float

    /// - Parameter pictures: whose gradients add up between two steps; `nil`: the cfg's batch, in whole mini-batches.
    public init(_ net: NetOptions, pictures: Int? = nil) {
        self.net = net
        self.pictures = Float(pictures ?? net.miniBatch * net.subdivisions)
    }

    /// Floats of state for each value.
    public var statePerValue: Int { net.adam ? 2 : 1 }

    /// One step. Clears the gradient. What is not finite in the gradient gets into the values.
    ///
    /// - Parameters:
    ///   - gradient: of the loss, the sum over the pictures.
    ///   - state: zeros at first: `statePerValue` planes, each as `values`. Momentum; with Adam both moments.
    ///   - range: of the values, for this call; `nil`: all.
    ///   - isDecayed: weights are, and clipped; biases and scales are not.
    ///   - learningRate: of the iteration, times the layer's factor.
    ///   - iteration: of the step; the first is 1.
    public func step(
        values: UnsafeMutableBufferPointer<Float>, gradient: UnsafeMutableBufferPointer<Float>,
        state: UnsafeMutableBufferPointer<Float>, range: Range<Int>? = nil, isDecayed: Bool, learningRate: Float,
        iteration: Int
    ) {
        let range = range ?? 0..<values.count
        precondition(gradient.count == values.count && state.count == statePerValue * values.count && iteration > 0)
        precondition(range.lowerBound >= 0 && range.upperBound <= values.count)
        guard !range.isEmpty, let values = values.baseAddress, let gradient = gradient.baseAddress,
            let first = state.baseAddress
        else { return }
        let at = range.lowerBound
        let decay = isDecayed ? net.decay * pictures : 0
        let clip = isDecayed && net.clip > 0 ? net.clip : .infinity
        guard net.adam else {
            var rule = lk_sgd(rate: learningRate / pictures, decay: decay, momentum: net.momentum, clip: clip)
            return lk_sgd_step(&rule, values + at, gradient + at, first + at, range.count)
        }
        let second = first + state.count / 2
        var rule = lk_adam(
            rate: learningRate, decay: decay, beta1: net.beta1, beta2: net.beta2,
            correction1: 1 / correction(net.beta1, iteration), correction2: 1 / correction(net.beta2, iteration),
            epsilon: net.epsilon, clip: clip)
        lk_adam_step(&rule, values + at, gradient + at, first + at, second + at, range.count)
    }

    /// What a moment that began at zero has come to by now, of all that it will.
    private func correction(_ beta: Float, _ iteration: Int) -> Float {
        Float(1 - pow(Double(beta), Double(iteration)))
    }
}
