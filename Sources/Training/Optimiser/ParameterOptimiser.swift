public import Darknet
public import Neural

/// An optimiser with its state for every parameter of a network that it changes.
///
/// Parameters are divided into pieces, which the network's threads take in turn: the work is bound by memory.
public final class ParameterOptimiser {
    /// A parameter, and what the optimiser keeps of it: planes in the parameter's own layout.
    public struct Slot {
        public let parameter: Parameter
        let state: UnsafeMutableBufferPointer<Float>

        /// Number `index` of `count` planes.
        public func plane(_ index: Int, of count: Int) -> UnsafeMutableBufferPointer<Float> {
            let size = state.count / count
            return UnsafeMutableBufferPointer(rebasing: state[index * size..<(index + 1) * size])
        }
    }

    public let optimiser: Optimiser
    public let slots: [Slot]
    private let network: TrainingNetwork
    private let pieces: [(slot: Int, range: Range<Int>)]

    private static let pieceCount = 1 << 18

    public init(_ net: NetOptions, network: TrainingNetwork) {
        optimiser = Optimiser(net)
        self.network = network
        let perValue = optimiser.statePerValue
        slots = network.parameters.map { parameter in
            let state = UnsafeMutableBufferPointer<Float>.allocate(capacity: parameter.count * perValue)
            state.initialize(repeating: 0)
            return Slot(parameter: parameter, state: state)
        }
        pieces = slots.enumerated().flatMap { index, slot in
            stride(from: 0, to: slot.parameter.count, by: Self.pieceCount).map {
                (index, $0..<min($0 + Self.pieceCount, slot.parameter.count))
            }
        }
    }

    deinit { for slot in slots { slot.state.deallocate() } }

    /// Bytes of its state.
    public var byteCount: Int { slots.reduce(0) { $0 + $1.state.count * MemoryLayout<Float>.stride } }

    /// Changes the parameters by what their gradients have become, and sets those to 0.
    ///
    /// - Parameter iteration: of the step; the first is 1.
    public func step(learningRate: Float, iteration: Int) {
        network.divide(pieces.count) { [pieces, slots, optimiser] index in
            let slot = slots[pieces[index].slot]
            let parameter = slot.parameter
            optimiser.step(
                values: parameter.values, gradient: parameter.gradient, state: slot.state, range: pieces[index].range,
                isDecayed: parameter.isDecayed, learningRate: learningRate * parameter.learningRate,
                iteration: iteration)
        }
        network.parametersChanged()
    }
}
