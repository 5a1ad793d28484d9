import CKernels
import Darknet

/// An activation that is not part of batch normalisation, in place.
final class TrainingActivation: TrainingOperation {
    let layer: Int
    private let activation: lk_elementwise
    private let tensor: TrainingTensor
    private let channels: Int
    private let shape: lk_blocked_shape
    private let layout: TrainingLayout
    private let threads: Int32

    init(
        _ activation: lk_elementwise, layer: Int, tensor: TrainingTensor, shape: TensorShape, layout: TrainingLayout,
        threads: Int
    ) {
        self.layer = layer
        self.activation = activation
        self.tensor = tensor
        self.layout = layout
        self.shape = layout.shape(shape)
        self.threads = Int32(threads)
        channels = shape.channels
    }

    func forward() {
        lk_activate(layout.flavour, activation, tensor.values, Int64(channels), shape, threads)
    }

    func backward() {
        guard let gradient = tensor.gradient else { return }
        lk_activate_backward(layout.flavour, activation, tensor.values, gradient, Int64(channels), shape, threads)
    }
}

/// A max-pool that stands by itself.
final class TrainingMaxPool: TrainingOperation {
    let layer: Int
    private let input: TrainingTensor
    private let output: TrainingTensor
    private let adds: Bool
    private let shape: lk_blocked_shape
    private let window: lk_pool_window
    private let positions: Memory
    private let layout: TrainingLayout
    private let threads: Int32

    init(
        _ pool: MaxPool, layer: Int, input: TrainingTensor, output: TrainingTensor, adds: Bool, shape: LayerShape,
        layout: TrainingLayout, threads: Int
    ) throws {
        self.layer = layer
        self.input = input
        self.output = output
        self.adds = adds
        self.layout = layout
        self.shape = layout.shape(shape.input)
        self.threads = Int32(threads)
        window = lk_pool_window(
            size: Int32(pool.size), stride: Int32(pool.stride), before: Int32(pool.padding / 2),
            height: Int64(shape.output.height), width: Int64(shape.output.width))
        positions = try Memory(byteCount: layout.count(shape.output), purpose: "the max-pool of layer \(layer)")
    }

    var byteCount: Int { positions.byteCount }

    private var places: UnsafeMutablePointer<UInt8> { positions.start.assumingMemoryBound(to: UInt8.self) }

    func forward() { lk_pool_forward(layout.flavour, input.values, output.values, places, shape, window, threads) }

    func backward() {
        guard let gradient = input.gradient, let outputGradient = output.gradient else { return }
        lk_pool_backward(layout.flavour, gradient, outputGradient, places, shape, window, adds ? 1 : 0, threads)
    }
}

/// The mean over all positions.
final class TrainingMean: TrainingOperation {
    let layer: Int
    private let input: TrainingTensor
    private let output: TrainingTensor
    private let adds: Bool
    private let shape: lk_blocked_shape
    private let layout: TrainingLayout
    private let threads: Int32

    init(
        layer: Int, input: TrainingTensor, output: TrainingTensor, adds: Bool, shape: TensorShape,
        layout: TrainingLayout, threads: Int
    ) {
        self.layer = layer
        self.input = input
        self.output = output
        self.adds = adds
        self.layout = layout
        self.shape = layout.shape(shape)
        self.threads = Int32(threads)
    }

    func forward() { lk_mean_forward(layout.flavour, input.values, output.values, shape, threads) }

    func backward() {
        guard let gradient = input.gradient, let outputGradient = output.gradient else { return }
        lk_mean_backward(layout.flavour, gradient, outputGradient, shape, adds ? 1 : 0, threads)
    }
}

/// A route of several layers: their channels one after the other.
final class TrainingJoin: TrainingOperation {
    let layer: Int
    private let parts: [(tensor: TrainingTensor, channels: Int, adds: Bool)]
    private let output: TrainingTensor
    private let channels: Int
    private let shape: lk_blocked_shape
    private let layout: TrainingLayout
    private let threads: Int32

    init(
        layer: Int, parts: [(tensor: TrainingTensor, channels: Int, adds: Bool)], output: TrainingTensor,
        shape: TensorShape, layout: TrainingLayout, threads: Int
    ) {
        self.layer = layer
        self.parts = parts
        self.output = output
        self.layout = layout
        self.shape = layout.shape(shape)
        self.threads = Int32(threads)
        channels = shape.channels
    }

    func forward() {
        var first = 0
        for part in parts {
            lk_join(
                layout.flavour, part.tensor.values, Int64(part.channels), output.values, Int64(channels), Int64(first),
                shape, 0, 0, threads)
            first += part.channels
        }
    }

    func backward() {
        guard let outputGradient = output.gradient else { return }
        var first = 0
        for part in parts {
            if let gradient = part.tensor.gradient {
                lk_join(
                    layout.flavour, gradient, Int64(part.channels), outputGradient, Int64(channels), Int64(first),
                    shape, 1, part.adds ? 1 : 0, threads)
            }
            first += part.channels
        }
    }
}

/// A reorg: one gather forward, one scatter backward.
final class TrainingReorg: TrainingOperation {
    let layer: Int
    private let input: TrainingTensor
    private let output: TrainingTensor
    private let adds: Bool
    private let copy: ReorgCopy
    private let flavour: lk_flavour
    private let threads: Int32

    init(
        _ reorg: Reorg, layer: Int, input: TrainingTensor, output: TrainingTensor, adds: Bool, shape: LayerShape,
        layout: TrainingLayout, threads: Int, place: String
    ) throws {
        let copy = ReorgCopy(
            ReorgPermutation(reorg, input: shape.input), from: (shape.input, try layout.descriptor(shape.input)),
            to: (shape.output, try layout.descriptor(shape.output)), batch: layout.batch,
            numberByteCount: layout.numberByteCount)
        guard let copy else {
            throw NeuralError.unsupported(
                layer: place,
                reason: "its \(shape.output.channels) channels cannot be trained; a multiple of \(layout.lanes) can")
        }
        self.layer = layer
        self.input = input
        self.output = output
        self.adds = adds
        self.copy = copy
        self.threads = Int32(threads)
        flavour = layout.flavour
    }

    func forward() { copy.run(from: input.values, to: output.values, flavour: flavour, threads: threads) }

    func backward() {
        guard let gradient = input.gradient, let outputGradient = output.gradient else { return }
        copy.runBack(from: outputGradient, to: gradient, adds: adds, flavour: flavour, threads: threads)
    }
}

/// Zeroes a part of the values, other ones for each sample.
final class TrainingDropout: TrainingOperation {
    let layer: Int
    private let probability: Float
    private let input: TrainingTensor
    private let output: TrainingTensor
    private let count: Int
    private let scratch: UnsafeMutableRawPointer?
    private let layout: TrainingLayout
    private let threads: Int32
    /// Of the next pass forward and the one backward.
    var seed: UInt64 = 0

    /// - Parameter scratch: as large as the input, if its gradient is to be added to what lies there.
    init(
        _ probability: Float, layer: Int, input: TrainingTensor, output: TrainingTensor,
        scratch: UnsafeMutableRawPointer?, shape: TensorShape, layout: TrainingLayout, threads: Int
    ) {
        self.layer = layer
        self.probability = probability
        self.input = input
        self.output = output
        self.scratch = scratch
        self.layout = layout
        self.threads = Int32(threads)
        count = layout.count(shape)
    }

    func forward() {
        lk_drop(layout.flavour, input.values, output.values, Int64(count), probability, seed, threads)
    }

    func backward() {
        guard let gradient = input.gradient, let outputGradient = output.gradient else { return }
        lk_drop(layout.flavour, outputGradient, scratch ?? gradient, Int64(count), probability, seed, threads)
        if let scratch { lk_add(layout.flavour, gradient, scratch, Int64(count), threads) }
    }
}
