import CDNNL
import CKernels
public import Darknet

/// A network that learns: forward, then backward from the gradient of a loss, which the caller makes of `output`.
///
/// Gradients are of the loss (an optimiser goes against them), and add up over passes until the optimiser has set them to
/// 0 and said so. Results do not depend on what ran before, and are the same, bit for bit, for the same number of threads.
///
/// Not thread safe. Call it from one thread: oneDNN keeps a team of threads for every thread that calls it.
public final class TrainingNetwork {
    public let config: NetworkConfig
    /// Pictures in a pass: a batch's part, where that is subdivided.
    public let batch: Int
    public let threads: Int
    public let precision: TrainingPrecision
    /// What dropout draws from, besides the network's seed: the number of the pass' first sample.
    public var sampleNumber: UInt64 = 0

    private let layout: TrainingLayout
    private let usesWinograd: Bool
    private let seed: UInt64
    private let stream: Stream
    private var plan: TrainingPlan?
    private var convolutions: [Int: ConvolutionParameters] = [:]
    /// What the parameters are made of when the first plan asks for them, its convolutions before their norms.
    private var initial: WeightsFile

    /// - Parameters:
    ///   - weights: to start from, as far as they go; layers that they lack start as `WeightsFile.initial` makes them.
    ///   - batch: pictures in a pass.
    ///   - threads: that compute, the calling one included.
    ///   - seed: of the initial weights and of dropout.
    /// - Throws: `DarknetError` for a cfg that does not fit itself, else `NeuralError`.
    public convenience init(
        config: NetworkConfig, weights: WeightsFile? = nil, batch: Int, threads: Int,
        precision: TrainingPrecision = .fp32, seed: UInt64 = 1
    ) throws {
        try self.init(
            config: config, weights: weights, batch: batch, threads: threads, precision: precision, seed: seed,
            flavour: try TrainingLayout.flavour(for: precision), usesWinograd: true)
    }

    /// With kernels of other CPUs, and without Winograd's: for tests.
    init(
        config: NetworkConfig, weights: WeightsFile?, batch: Int, threads: Int, precision: TrainingPrecision,
        seed: UInt64, flavour: lk_flavour, usesWinograd: Bool
    ) throws {
        try Session.check("batch", batch, Session.batchRange)
        try Session.check("threads", threads, Session.threadRange)
        self.config = config
        self.batch = batch
        self.threads = threads
        self.precision = precision
        self.seed = seed
        self.usesWinograd = usesWinograd
        layout = TrainingLayout(flavour, batch: batch)
        stream = try Stream()
        initial = try WeightsFile.initial(for: config, seed: seed)
        let shapes = try config.shapes(width: config.net.width, height: config.net.height)
        for (layer, numbers) in weights?.layers ?? [:] {
            let place = config.layers.indices.contains(layer) ? config.place(ofLayer: layer) : "layer \(layer)"
            guard config.layers.indices.contains(layer),
                case .convolutional(let convolution) = config.layers[layer].kind
            else { throw NeuralError.weights(layer: place, expected: "none for this layer", actual: "a convolution's") }
            try numbers.validate(convolution, channels: shapes[layer].input.channels, layer: place)
            initial.layers[layer] = numbers
        }
        try resize(width: config.net.width, height: config.net.height)
        initial.layers = [:]
    }

    /// Takes pictures of another size from now on, with the same parameters.
    public func resize(width: Int, height: Int) throws {
        if let shape = plan?.inputShape, shape.width == width, shape.height == height { return }
        // The old one first: the two together may be more than there is.
        plan = nil
        _ = lk_set_threads(Int32(threads))
        plan = try TrainingPlan(
            config, width: width, height: height, layout: layout, threads: threads, usesWinograd: usesWinograd,
            stream: stream
        ) { layer, passes in
            if let made = convolutions[layer] { return made }
            guard let numbers = initial.layers[layer], let passes else {
                throw NeuralError.weights(layer: config.place(ofLayer: layer), expected: "weights", actual: "none")
            }
            let parameters = try ConvolutionParameters(
                numbers, layer: layer, learningRate: config.layers[layer].common.learningRate, extent: passes.extent,
                layout: try passes.parameterLayout(), paddedFilters: layout.paddedChannels(numbers.biases.count))
            convolutions[layer] = parameters
            return parameters
        }
    }

    private var present: TrainingPlan {
        guard let plan else { preconditionFailure("a resize has failed, after which the network cannot be used") }
        return plan
    }

    /// Of one picture.
    public var inputShape: TensorShape { present.inputShape }
    public var outputShape: TensorShape { present.outputShape }

    /// Batch x channels x rows x columns, 0...1: to be written before `forward`. Valid until the next `resize`.
    public var input: UnsafeMutableBufferPointer<Float> { present.picture.floats }
    /// What the last layer before the region, softmax or cost gives: batch x channels x rows x columns, raw.
    public var output: UnsafeBufferPointer<Float> { UnsafeBufferPointer(present.output.floats) }
    /// Of the loss with respect to `output`: to be written before `backward`.
    public var outputGradient: UnsafeMutableBufferPointer<Float> { present.outputGradient.floats }

    /// Bytes of values, gradients and working memory at the present size; the parameters not counted.
    public var workingByteCount: Int { present.byteCount }

    /// What learns, in the order of the layers.
    public var parameters: [Parameter] {
        convolutions.sorted { $0.key < $1.key }.filter { config.learns(layer: $0.key) }.flatMap(\.value.all)
    }

    /// Computes `output` from `input`, with the statistics of this batch, and takes those into the rolling averages.
    public func forward() throws {
        _ = lk_set_threads(Int32(threads))
        for case let dropout as TrainingDropout in present.operations {
            dropout.seed = (seed &+ sampleNumber &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(dropout.layer) << 48
        }
        try present.forward()
    }

    /// Adds the gradients of the last pass forward to the parameters'.
    public func backward() throws {
        _ = lk_set_threads(Int32(threads))
        try present.backward()
    }

    /// To be called when the values of parameters have been changed and their gradients set to 0.
    public func parametersChanged() {
        for parameters in convolutions.values { parameters.changed() }
    }

    /// Calls `body` once for each index below `count`, on the network's threads, and returns when all have returned.
    /// What `body` touches must differ from index to index.
    public func divide(_ count: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            let task = Task(body)
            withExtendedLifetime(task) {
                lk_parallel(
                    Int32(threads), Int64(count),
                    { context, index in
                        guard let context else { return }
                        Unmanaged<Task>.fromOpaque(context).takeUnretainedValue().body(Int(index))
                    }, Unmanaged.passUnretained(task).toOpaque())
            }
        }
    }

    private final class Task {
        let body: (Int) -> Void
        init(_ body: @escaping (Int) -> Void) { self.body = body }
    }

    /// All numbers, for inference, or to go on from.
    public func weightsFile(seen: Int) throws -> WeightsFile {
        WeightsFile(
            header: WeightsHeader(seen: UInt64(seen)), layers: try convolutions.mapValues { try $0.numbers() })
    }

    /// Where a number that is not finite came up first: in the values of the last pass forward, else in a parameter or its
    /// gradient.
    public func firstNonFinite() -> (layer: Int, what: String)? {
        if let layer = present.firstNonFinite() { return (layer, "values") }
        for parameter in parameters {
            let count = Int64(parameter.count)
            if lk_is_finite(layout.floats, parameter.valueStart, count) == 0 {
                return (parameter.layer, parameter.kind.rawValue)
            }
            if lk_is_finite(layout.floats, parameter.gradientStart, count) == 0 {
                return (parameter.layer, "gradients of \(parameter.kind.rawValue)")
            }
        }
        return nil
    }
}
